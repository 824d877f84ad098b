// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Where the samples and the page about them are, from the top of the project.
const (
	samplesFolder = "config/samples/gitops"
	page          = "docs/gitops.md"
	// noObject is a sample of a file that is none of Kubernetes'.
	noObject = "flux_sops-config.yaml"
)

// SampleObjects are all objects of all samples, in dir, the top of the project.
func SampleObjects(dir fs.FS) ([]map[string]any, error) {
	files, err := fs.Glob(dir, path.Join(samplesFolder, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("looking for samples: %w", err)
	}
	var all []map[string]any
	for _, file := range files {
		if path.Base(file) == noObject {
			continue
		}
		text, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("reading a sample: %w", err)
		}
		objects, err := Objects(string(text))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// PageObjects are all objects of the page, in dir, the top of the project.
func PageObjects(dir fs.FS) ([]map[string]any, error) {
	text, err := fs.ReadFile(dir, page)
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	var all []map[string]any
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		manifest, _, _ := strings.Cut(block, "```")
		objects, err := Objects(manifest)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", page, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// Objects reads YAML with one object or more.
func Objects(text string) ([]map[string]any, error) {
	var objects []map[string]any
	for document := range strings.SplitSeq(text, "\n---\n") {
		object, err := decode([]byte(document))
		if err != nil {
			return nil, fmt.Errorf("%w:\n%s", err, document)
		}
		objects = append(objects, object)
	}
	return objects, nil
}
