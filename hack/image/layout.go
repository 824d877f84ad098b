// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const spdx types.MediaType = "application/spdx+json"

// writeLayout writes the images with their SBOMs to an OCI layout, in place of an earlier one, and returns the digest of
// its one index. The SBOMs stand beside it as well, for reading: <target>.<platform>.spdx.json.
func writeLayout(target string, o order, images []image) (v1.Hash, error) {
	index, err := indexOf(images)
	if err != nil {
		return v1.Hash{}, err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return v1.Hash{}, fmt.Errorf("making the folder: %w", err)
	}
	part, err := os.MkdirTemp(filepath.Dir(target), filepath.Base(target)+".part-")
	if err != nil {
		return v1.Hash{}, fmt.Errorf("making the folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }()
	written, err := layout.Write(part, mutate.IndexMediaType(empty.Index, types.OCIImageIndex))
	if err != nil {
		return v1.Hash{}, fmt.Errorf("writing the layout: %w", err)
	}
	// With a name, skopeo finds it as oci:<target>:<version>.
	named := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": o.version})
	if o.version == "" {
		named = layout.WithAnnotations(nil)
	}
	if err := written.AppendIndex(index, named); err != nil {
		return v1.Hash{}, fmt.Errorf("writing the layout: %w", err)
	}
	for _, image := range images {
		if err := os.WriteFile(target+"."+fileName(image.platform)+".spdx.json", image.sbom, 0o644); err != nil {
			return v1.Hash{}, fmt.Errorf("writing the SBOM: %w", err)
		}
	}
	if err := replace(target, part); err != nil {
		return v1.Hash{}, fmt.Errorf("putting the layout in place: %w", err)
	}
	return index.Digest()
}

// indexOf lists the images, and for each an artifact with its SBOM that names the image as its subject. The artifacts are
// for a platform that no machine has, so that nobody runs them; registries find them by the subject.
func indexOf(images []image) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var artifacts []mutate.IndexAddendum
	var labels map[string]string
	for _, image := range images {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: image.platform}})
		artifact, err := artifactOf(image)
		if err != nil {
			return nil, fmt.Errorf("attaching the SBOM of %s: %w", image.platform, err)
		}
		artifacts = append(artifacts, mutate.IndexAddendum{
			Add: artifact, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}},
		})
		config, err := image.ConfigFile()
		if err != nil {
			return nil, fmt.Errorf("reading the configuration of %s: %w", image.platform, err)
		}
		labels = config.Config.Labels
	}
	annotated, ok := mutate.Annotations(mutate.AppendManifests(index, artifacts...), labels).(v1.ImageIndex)
	if !ok {
		return nil, errors.New("the annotated index is none")
	}
	return annotated, nil
}

func artifactOf(image image) (v1.Image, error) {
	subject, err := partial.Descriptor(image)
	if err != nil {
		return nil, err
	}
	// What the configuration is called is the type of the artifact.
	artifact := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), spdx)
	artifact, err = mutate.AppendLayers(artifact, static.NewLayer(image.sbom, spdx))
	if err != nil {
		return nil, err
	}
	referring, ok := mutate.Subject(artifact, v1.Descriptor{
		MediaType: subject.MediaType, Size: subject.Size, Digest: subject.Digest,
	}).(v1.Image)
	if !ok {
		return nil, errors.New("an artifact with a subject is no image")
	}
	return referring, nil
}

// replace renames part to target. Nothing but an earlier layout is removed.
func replace(target, part string) error {
	switch _, err := layout.FromPath(target); {
	case err == nil:
		if err := os.RemoveAll(target); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	return os.Rename(part, target)
}

// readIndex opens the one index of a layout that writeLayout wrote.
func readIndex(path string) (v1.ImageIndex, error) {
	root, err := layout.ImageIndexFromPath(path)
	if err != nil {
		return nil, fmt.Errorf("opening the layout: %w", err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(manifest.Manifests) != 1 || !manifest.Manifests[0].MediaType.IsIndex() {
		return nil, fmt.Errorf("%s does not hold one index", path)
	}
	return root.ImageIndex(manifest.Manifests[0].Digest)
}

// imageFor reads the image of a layout that is for a platform, such as "linux/arm64".
func imageFor(path, platform string) (v1.Image, error) {
	wanted, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, fmt.Errorf("platform %q: %w", platform, err)
	}
	index, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	return imageOf(index, wanted)
}
