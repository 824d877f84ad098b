// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const loaded = "access-code-operator:dev"

// twoPlatforms is a layout as "make image" writes it, with other contents.
func twoPlatforms(t *testing.T) string {
	t.Helper()
	var images []image
	for _, architecture := range []string{"amd64", "arm64"} {
		made, err := random.Image(64, 2)
		if err != nil {
			t.Fatal(err)
		}
		if made, err = mutate.ConfigFile(made, withPlatform(t, made, architecture)); err != nil {
			t.Fatal(err)
		}
		images = append(images, image{made, &v1.Platform{OS: "linux", Architecture: architecture}, []byte("{}")})
	}
	target := filepath.Join(t.TempDir(), "layout")
	if _, err := writeLayout(target, order{}, images); err != nil {
		t.Fatal(err)
	}
	return target
}

func withPlatform(t *testing.T, of v1.Image, architecture string) *v1.ConfigFile {
	t.Helper()
	file, err := of.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", architecture
	return file
}

// TestArchive has the form of "docker save", which is what nodes load: one image, of the platform that was asked for, under
// the name of a Pod's container, with all that its manifest names.
func TestArchive(t *testing.T) {
	target := filepath.Join(t.TempDir(), "dist", "image.tar")
	if err := run(t.Context(), []string{"archive", "-platform", "linux/arm64", "-output", target, twoPlatforms(t), loaded}, io.Discard); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(loaded)
	if err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(target, &tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Error(err)
	}
	if file, err := image.ConfigFile(); err != nil || file.Architecture != "arm64" {
		t.Errorf("got an image for %s: %v", file.Architecture, err)
	}
	names, manifests := archived(t, target)
	if len(manifests) != 1 {
		t.Fatalf("the archive has %d images", len(manifests))
	}
	if diff := cmp.Diff([]string{loaded}, manifests[0].RepoTags); diff != "" {
		t.Errorf("wrong names (-want +got):\n%s", diff)
	}
	for _, file := range append(manifests[0].Layers, manifests[0].Config) {
		if !slices.Contains(names, file) {
			t.Errorf("manifest.json names %s, and the archive does not have it", file)
		}
	}
}

// manifest is an entry of manifest.json, by Docker's image specification 1.2.
type manifest struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func archived(t *testing.T, file string) (names []string, manifests []manifest) {
	t.Helper()
	reader, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	for files := tar.NewReader(reader); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return names, manifests
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		if header.Name == "manifest.json" {
			if err := json.NewDecoder(files).Decode(&manifests); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestArchiveOfTheOperator is the one that "make image-archive" writes.
func TestArchiveOfTheOperator(t *testing.T) {
	g := fromMakefile(t)
	want, err := local(t, g).ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	file, err := local(t, g).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "image.tar")
	if err := archive(g.layout, "linux/"+file.Architecture, target, loaded); err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := image.ConfigName(); err != nil || got != want {
		t.Errorf("the archive has %s, the layout %s: %v", got, want, err)
	}
}
