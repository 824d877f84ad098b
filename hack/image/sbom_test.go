// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// bill is what the tests read of an SPDX document.
type bill struct {
	Version  string `json:"spdxVersion"`
	Packages []struct {
		Name      string `json:"name"`
		Version   string `json:"versionInfo"`
		Checksums []struct {
			Value string `json:"checksumValue"`
		} `json:"checksums"`
	} `json:"packages"`
}

// TestSBOM compares it with what Go wrote into the program: each module with its version and checksum.
func TestSBOM(t *testing.T) {
	g := fromMakefile(t)
	info, err := buildinfo.ReadFile(filepath.Join(g.root, entrypoint))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, module := range info.Deps {
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(module.Sum, "h1:"))
		if err != nil || len(sum) == 0 || module.Replace != nil {
			t.Fatalf("%s has the checksum %q (%v) and the replacement %v", module.Path, module.Sum, err, module.Replace)
		}
		want[module.Path+"@"+module.Version] = hex.EncodeToString(sum)
	}
	if len(want) < 20 {
		t.Fatalf("the program names %d modules only", len(want))
	}
	text, err := os.ReadFile(g.layout + ".linux-" + runtime.GOARCH + ".spdx.json")
	if err != nil {
		t.Fatal(err)
	}
	got, others := modules(t, text)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the SBOM does not list what the program was built from (-want +got):\n%s", diff)
	}
	digest, err := local(t, g).Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{digest.String(), info.Main.Path} {
		if !slices.Contains(others, name) {
			t.Errorf("the SBOM does not name %s, but %v", name, others)
		}
	}
}

// modules are the packages with a version of Go modules, by checksum, and the names of the rest.
func modules(t *testing.T, text []byte) (map[string]string, []string) {
	t.Helper()
	var read bill
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if read.Version != "SPDX-2.3" {
		t.Errorf("the SBOM is %q", read.Version)
	}
	found, others := map[string]string{}, []string{}
	for _, part := range read.Packages {
		if !strings.HasPrefix(part.Version, "v") || len(part.Checksums) != 1 {
			others = append(others, part.Name)
			continue
		}
		found[part.Name+"@"+part.Version] = part.Checksums[0].Value
	}
	return found, others
}

// attached are the SBOMs of an index, by the image they are about.
func attached(t *testing.T, index v1.ImageIndex) map[v1.Hash][]byte {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	found := map[v1.Hash][]byte{}
	for _, descriptor := range manifest.Manifests {
		artifact, err := index.Image(descriptor.Digest)
		if err != nil {
			t.Fatal(err)
		}
		content, err := artifact.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if content.Subject == nil {
			continue
		}
		if content.Config.MediaType != spdx || descriptor.Platform.String() != "unknown/unknown" {
			t.Errorf("an artifact has the type %s and the platform %s", content.Config.MediaType, descriptor.Platform)
		}
		layers, err := artifact.Layers()
		if err != nil || len(layers) != 1 {
			t.Fatalf("an artifact has %d layers (%v)", len(layers), err)
		}
		reader, err := layers[0].Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		if found[content.Subject.Digest], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
