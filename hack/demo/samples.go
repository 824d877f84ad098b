// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// surroundings are what the samples are adapted to.
type surroundings struct {
	endpoint, apiKey string
	locks            []string  // take the places of the samples' device ids, in the order of appearance
	starts, ends     time.Time // of the sample that has a window
}

// sample is one file of config/samples.
type sample struct {
	file string
	text []byte
	// credentials says that it is part of how Seam is reached, and not of what is to be on the locks.
	credentials bool
	// code is what it declares, nil where it is no AccessCode.
	code *v1alpha1.AccessCode
}

// readSamples returns the files that the kustomization in a folder lists, adapted.
func readSamples(folder string, to surroundings) ([]sample, error) {
	data, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the samples: %w", err)
	}
	var list struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("reading the samples: kustomization.yaml: %w", err)
	}
	var samples []sample
	a := adapter{to: to}
	for _, name := range list.Resources {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, fmt.Errorf("reading the samples: %w", err)
		}
		adapted, err := a.adapt(name, text)
		if err != nil {
			return nil, fmt.Errorf("adapting %s: %w", name, err)
		}
		samples = append(samples, adapted)
	}
	return samples, nil
}

// adapter fits samples to their surroundings.
type adapter struct {
	to   surroundings
	seen []string // device ids of the samples
}

func (a *adapter) adapt(name string, text []byte) (sample, error) {
	s := sample{file: name}
	var object map[string]any
	if err := yaml.Unmarshal(text, &object); err != nil {
		return s, fmt.Errorf("reading it: %w", err)
	}
	kind, _ := object["kind"].(string)
	var err error
	switch kind {
	case "Secret":
		s.credentials = a.secret(object)
	case "SeamWorkspace":
		s.credentials = true
		err = within(object, "spec", func(spec map[string]any) error {
			spec["endpoint"] = a.to.endpoint
			return nil
		})
	case "AccessCode":
		err = within(object, "spec", a.accessCode)
	default:
		err = fmt.Errorf("kind %q is not known here", kind)
	}
	if err != nil {
		return s, err
	}
	if s.text, err = yaml.Marshal(object); err != nil {
		return s, fmt.Errorf("writing it: %w", err)
	}
	if kind == "AccessCode" {
		s.code = &v1alpha1.AccessCode{}
		err = yaml.UnmarshalStrict(s.text, s.code)
	}
	return s, err
}

// secret puts in the API key where there is one, and says whether there was.
func (a *adapter) secret(object map[string]any) bool {
	data, ok := object["stringData"].(map[string]any)
	if ok {
		_, ok = data["apiKey"]
	}
	if ok {
		data["apiKey"] = a.to.apiKey
	}
	return ok
}

func (a *adapter) accessCode(spec map[string]any) error {
	id, _ := spec["deviceID"].(string)
	at := slices.Index(a.seen, id)
	if at < 0 {
		at = len(a.seen)
		a.seen = append(a.seen, id)
	}
	if at >= len(a.to.locks) {
		return fmt.Errorf("there is no lock for its device, number %d", at+1)
	}
	spec["deviceID"] = a.to.locks[at]
	if _, bound := spec["schedule"]; bound {
		spec["schedule"] = map[string]any{
			"startsAt": a.to.starts.UTC().Format(time.RFC3339),
			"endsAt":   a.to.ends.UTC().Format(time.RFC3339),
		}
	}
	return nil
}

func within(object map[string]any, field string, change func(map[string]any) error) error {
	inner, ok := object[field].(map[string]any)
	if !ok {
		return fmt.Errorf("it has no %s", field)
	}
	return change(inner)
}
