// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	kobuild "github.com/google/ko/pkg/build"
)

// order says what to build.
type order struct {
	dir, importPath   string
	platforms         []string
	flags             []string // of go build
	ldflags           string
	version, revision string
	created           int64 // seconds since 1970
}

// image is one of the images that a build gives, with what it is made of.
type image struct {
	v1.Image
	platform *v1.Platform
	sbom     []byte // SPDX, as JSON
}

// annotations name the build in the words of the OCI; they are labels of each image and annotations of the index.
func (o order) annotations(program string) map[string]string {
	annotations := map[string]string{
		"org.opencontainers.image.title":    path.Base(program),
		"org.opencontainers.image.source":   "https://" + program,
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  o.version,
		"org.opencontainers.image.revision": o.revision,
	}
	for key, value := range annotations {
		if value == "" {
			delete(annotations, key)
		}
	}
	return annotations
}

// build has ko build the program and its image for each platform.
func build(ctx context.Context, o order) ([]image, error) {
	platforms, err := parsePlatforms(o.platforms)
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: time.Unix(o.created, 0).UTC()}
	reference, index, err := base(platforms, created)
	if err != nil {
		return nil, err
	}
	sboms, err := os.MkdirTemp("", "image-sbom-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the SBOMs: %w", err)
	}
	defer func() { _ = os.RemoveAll(sboms) }()
	options := []kobuild.Option{
		kobuild.WithBaseImages(func(context.Context, string) (name.Reference, kobuild.Result, error) {
			return reference, index, nil
		}),
		kobuild.WithPlatforms(o.platforms...),
		kobuild.WithDefaultEnv([]string{"CGO_ENABLED=0"}),
		kobuild.WithDefaultFlags(o.flags),
		kobuild.WithCreationTime(created),
		kobuild.WithKoDataCreationTime(created),
		kobuild.WithUser(user),
		kobuild.WithJobs(1), // go build takes all the processors
		kobuild.WithSBOMDir(sboms),
	}
	if o.ldflags != "" {
		options = append(options, kobuild.WithDefaultLdflags([]string{o.ldflags}))
	}
	qualifier, err := kobuild.NewGo(ctx, o.dir, options...)
	if err != nil {
		return nil, fmt.Errorf("setting up ko: %w", err)
	}
	program, err := qualifier.QualifyImport(o.importPath)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", o.importPath, err)
	}
	for key, value := range o.annotations(strings.TrimPrefix(program, kobuild.StrictScheme)) {
		options = append(options, kobuild.WithLabel(key, value))
	}
	builder, err := kobuild.NewGo(ctx, o.dir, options...)
	if err != nil {
		return nil, fmt.Errorf("setting up ko: %w", err)
	}
	result, err := builder.Build(ctx, program)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", program, err)
	}
	return collect(result, platforms, filepath.Join(sboms, path.Base(program)))
}

func parsePlatforms(texts []string) ([]*v1.Platform, error) {
	platforms := make([]*v1.Platform, 0, len(texts))
	for _, text := range texts {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			return nil, fmt.Errorf("platform %q: %w", text, err)
		}
		if platform.OS != "linux" || platform.Architecture == "" {
			return nil, fmt.Errorf("platform %q: want linux/<architecture>", text)
		}
		platforms = append(platforms, platform)
	}
	return platforms, nil
}

// collect takes the images out of what ko returns, which is an index only where there are several, and reads the SBOM
// that ko wrote for each, at <sboms>-<platform>.spdx.json.
func collect(result kobuild.Result, platforms []*v1.Platform, sboms string) ([]image, error) {
	images := make([]image, 0, len(platforms))
	for _, platform := range platforms {
		built, err := pick(result, platform)
		if err != nil {
			return nil, err
		}
		sbom, err := os.ReadFile(sboms + "-" + fileName(platform) + ".spdx.json")
		if err != nil {
			return nil, fmt.Errorf("reading the SBOM of %s: %w", platform, err)
		}
		images = append(images, image{Image: built, platform: platform, sbom: sbom})
	}
	return images, nil
}

func pick(result kobuild.Result, platform *v1.Platform) (v1.Image, error) {
	if single, ok := result.(v1.Image); ok {
		return single, nil
	}
	index, ok := result.(v1.ImageIndex)
	if !ok {
		return nil, errors.New("ko returned neither an image nor an index")
	}
	return imageOf(index, platform)
}

// imageOf finds the image for a platform in an index.
func imageOf(index v1.ImageIndex, platform *v1.Platform) (v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform != nil && descriptor.Platform.Equals(*platform) {
			return index.Image(descriptor.Digest)
		}
	}
	return nil, fmt.Errorf("there is no image for %s", platform)
}

// fileName is a platform as part of a file's name.
func fileName(platform *v1.Platform) string {
	return strings.NewReplacer("/", "-", ":", "-").Replace(platform.String())
}
