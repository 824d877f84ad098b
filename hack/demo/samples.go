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
	locks            []string // take the places of the samples' device ids, in the order of appearance
	windows          windows
}

// windows are those of the samples that have one.
type windows struct {
	bound, backup, offline window
}

type window struct {
	starts, ends time.Time
}

// of is the window for a spec.
func (w windows) of(spec map[string]any) window {
	if _, found := spec["backup"]; found {
		return w.backup
	}
	if _, found := spec["offline"]; found {
		return w.offline
	}
	return w.bound
}

// sample is one file of config/samples.
type sample struct {
	file string
	text []byte
	// credentials says that it is part of how Seam is reached, and not of what is to be on the locks.
	credentials bool
	// beside says that it is not applied with the rest: the kustomization does not list it, as not everybody has what it needs,
	// or it has a stage of its own, or no part in the demo.
	beside bool
	// code is what it declares, nil where it is no AccessCode.
	code *v1alpha1.AccessCode
}

// path is where the adapted file stands in the temporary folder.
func (s sample) path() string { return filepath.Join("samples", s.file) }

// imports is the id of the code that the sample takes over, "" for none.
func (s sample) imports() string {
	if s.code == nil {
		return ""
	}
	return s.code.Annotations[v1alpha1.AccessCodeIDAnnotation]
}

// readSamples returns the files that the kustomization in a folder lists, then those beside it, adapted.
func readSamples(folder string, to surroundings) ([]sample, error) {
	listed, err := listedSamples(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the samples: %w", err)
	}
	beside, err := filepath.Glob(filepath.Join(folder, "access-codes.io_*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the samples: %w", err)
	}
	names := slices.Clone(listed)
	for _, path := range beside {
		if name := filepath.Base(path); !slices.Contains(listed, name) {
			names = append(names, name)
		}
	}
	var samples []sample
	a := adapter{to: to}
	for i, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, fmt.Errorf("reading the samples: %w", err)
		}
		adapted, err := a.adapt(name, text)
		if err != nil {
			return nil, fmt.Errorf("adapting %s: %w", name, err)
		}
		adapted.beside = i >= len(listed) || adapted.code != nil && comesLater(adapted.code)
		samples = append(samples, adapted)
	}
	return samples, nil
}

// listedSamples are the files that the kustomization lists.
func listedSamples(folder string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		return nil, fmt.Errorf("finding their list: %w", err)
	}
	var list struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("kustomization.yaml: %w", err)
	}
	return list.Resources, nil
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
		type strict v1alpha1.AccessCode // without its own way of reading, which passes over what it does not know
		s.code = &v1alpha1.AccessCode{}
		err = yaml.UnmarshalStrict(s.text, (*strict)(s.code))
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
	if schedule, bound := spec["schedule"].(map[string]any); bound {
		adaptSchedule(schedule, a.to.windows.of(spec))
	}
	return nil
}

// adaptSchedule puts the window in. Windows that come again each week stay as they are.
func adaptSchedule(schedule map[string]any, w window) {
	starts, ends := w.starts.UTC(), w.ends.UTC()
	if _, found := schedule["endsAt"]; found {
		schedule["startsAt"], schedule["endsAt"] = starts.Format(time.RFC3339), ends.Format(time.RFC3339)
	}
	if _, found := schedule["local"]; found {
		const toTheMinute = "2006-01-02T15:04"
		schedule["local"] = map[string]any{"start": starts.Format(toTheMinute), "end": ends.Format(toTheMinute)}
		schedule["timeZone"] = "UTC"
	}
}

func within(object map[string]any, field string, change func(map[string]any) error) error {
	inner, ok := object[field].(map[string]any)
	if !ok {
		return fmt.Errorf("it has no %s", field)
	}
	return change(inner)
}
