// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/elf"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// small writes a program that is built in a moment for any platform, and builds its image.
func small(t *testing.T, platforms string) string {
	t.Helper()
	log.SetOutput(io.Discard) // ko tells of each step
	source, target := t.TempDir(), filepath.Join(t.TempDir(), "dist", "image")
	for file, text := range map[string]string{
		"go.mod":  "module example.com/team/small\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(source, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var output bytes.Buffer
	if err := run(t.Context(), []string{
		"build", "-dir", source, "-platforms", platforms, "-output", target,
		"-flags", "-trimpath -buildvcs=false", "-version", "v1.2.3", "-revision", "abc",
	}, &output); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(output.String()), digestOf(t, target); got != want {
		t.Errorf("printed the digest %s, want %s", got, want)
	}
	return target
}

func TestPlatforms(t *testing.T) {
	layout := small(t, "linux/amd64,linux/arm64")
	for platform, machine := range map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64} {
		root := filepath.Join(t.TempDir(), "root")
		if err := run(t.Context(), []string{"unpack", "-platform", platform, "-output", root, layout}, io.Discard); err != nil {
			t.Fatal(err)
		}
		program, err := elf.Open(filepath.Join(root, "ko-app", "small"))
		if err != nil {
			t.Fatal(err)
		}
		if program.Machine != machine {
			t.Errorf("the program for %s is for %s", platform, program.Machine)
		}
		if err := program.Close(); err != nil {
			t.Error(err)
		}
	}
	err := run(t.Context(), []string{"unpack", "-platform", "linux/s390x", "-output", filepath.Join(t.TempDir(), "root"), layout}, io.Discard)
	if err == nil {
		t.Error("unpacked the image of a platform that was not built")
	}
}

// TestPush pushes to a registry and looks at what those find who pull: the image of their platform, and its SBOM.
func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	layout := small(t, "linux/amd64,linux/arm64")
	reference := strings.TrimPrefix(server.URL, "http://") + "/team/small:v1.2.3"
	var output bytes.Buffer
	if err := run(t.Context(), []string{"push", layout, reference}, &output); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(output.String(), digestOf(t, layout)) {
		t.Errorf("printed %q, without the digest", output.String())
	}
	tag, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Errorf("what was pushed is not what it says: %v", err)
	}
	sboms := attached(t, index)
	for _, architecture := range []string{"amd64", "arm64"} {
		image, err := remote.Image(tag, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: architecture}))
		if err != nil {
			t.Fatal(err)
		}
		digest, err := image.Digest()
		if err != nil {
			t.Fatal(err)
		}
		beside, err := os.ReadFile(layout + ".linux-" + architecture + ".spdx.json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(beside), string(sboms[digest])); diff != "" {
			t.Errorf("the SBOM in the registry is not the one beside the layout (-want +got):\n%s", diff)
		}
		if types := referrers(t, tag.Context().Digest(digest.String())); !slices.Equal(types, []string{string(spdx)}) {
			t.Errorf("the registry names as referrers of the image for %s: %v", architecture, types)
		}
	}
}

// referrers are the types of what a registry has about an image.
func referrers(t *testing.T, image name.Digest) []string {
	t.Helper()
	index, err := remote.Referrers(image)
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, descriptor := range list.Manifests {
		types = append(types, descriptor.ArtifactType)
	}
	return types
}

func TestRefusals(t *testing.T) {
	occupied := t.TempDir()
	if err := os.WriteFile(filepath.Join(occupied, "of-somebody"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing to do", nil, "build, unpack, push or archive"},
		{"something else", []string{"burn"}, `"burn"`},
		{"no output", []string{"build"}, "-output is missing"},
		{"another system", []string{"build", "-platforms", "windows/amd64", "-output", "x"}, `"windows/amd64"`},
		{"no architecture", []string{"build", "-platforms", "linux", "-output", "x"}, `"linux"`},
		{"unpack without a layout", []string{"unpack", "-output", "x"}, "a layout"},
		{"unpack what is no layout", []string{"unpack", "-output", "x", t.TempDir()}, "opening the layout"},
		{"archive without a name", []string{"archive", "-output", "x", "layout"}, "a reference"},
		{"archive under no name", []string{"archive", "-output", "x", t.TempDir(), "A B"}, "must name repository"},
		{"archive of what is no layout", []string{"archive", "-output", "x", t.TempDir(), loaded}, "opening the layout"},
		// A reference without a registry would go to a public one.
		{"push to no registry", []string{"push", "x", "access-code-operator:latest"}, "must name registry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := run(t.Context(), test.args, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
	t.Run("a folder that is no layout stays", func(t *testing.T) {
		if err := replace(occupied, t.TempDir()); err == nil {
			t.Error("replaced a folder with something else in it")
		}
		if _, err := os.Stat(filepath.Join(occupied, "of-somebody")); err != nil {
			t.Error(err)
		}
	})
}
