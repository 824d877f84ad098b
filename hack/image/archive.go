// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// archive writes one image of a layout in the form of "docker save", which kind, k3d, minikube, Docker and Podman load, under
// the name that a Pod gives: a node without that image looks for it at a registry.
func archive(source, platform, target, reference string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return fmt.Errorf("%q must name repository and tag: %w", reference, err)
	}
	image, err := imageFor(source, platform)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	// Renamed when whole: half an archive looks like one.
	part := target + ".part"
	defer func() { _ = os.Remove(part) }()
	if err := tarball.WriteToFile(part, tag, image); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("putting the archive in place: %w", err)
	}
	return nil
}
