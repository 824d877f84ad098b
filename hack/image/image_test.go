// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const entrypoint = "/ko-app/access-code-operator"

// local is the image for this machine, from the layout that the Makefile had built.
func local(t *testing.T, g given) v1.Image {
	t.Helper()
	index, err := readIndex(g.layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Errorf("The layout is not what it says: %v", err)
	}
	image, err := imageOf(index, &v1.Platform{OS: "linux", Architecture: runtime.GOARCH})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestConfiguration(t *testing.T) {
	g := fromMakefile(t)
	file, err := local(t, g).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := v1.Config{
		User:       "65532:65532",
		WorkingDir: "/",
		Entrypoint: []string{entrypoint},
		Env:        []string{"PATH=/ko-app", "KO_DATA_PATH=/var/run/ko"},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "access-code-operator",
			"org.opencontainers.image.source":   "https://github.com/access-codes/access-code-operator",
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.version":  g.version,
			"org.opencontainers.image.revision": g.revision,
		},
	}
	// Outside a repository there is no commit to name.
	if g.revision == "" {
		delete(want.Labels, "org.opencontainers.image.revision")
	}
	if diff := cmp.Diff(want, file.Config); diff != "" {
		t.Errorf("wrong configuration (-want +got):\n%s", diff)
	}
	if file.OS != "linux" || file.Architecture != runtime.GOARCH {
		t.Errorf("the image is for %s/%s", file.OS, file.Architecture)
	}
}

// TestFiles lists all that is in the layers, also what a later one would hide.
func TestFiles(t *testing.T) {
	layers, err := local(t, fromMakefile(t)).Layers()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, layer := range layers {
		for _, header := range headers(t, layer) {
			files = append(files, path.Join("/", header.Name))
			if header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeDir {
				t.Errorf("%s is neither a file nor a folder", header.Name)
			}
			// Root owns it, nobody may write it, and no bit gives the user more than they have.
			if header.Uid != 0 || header.Gid != 0 || header.Mode&^0o555 != 0 || len(header.PAXRecords) > 0 {
				t.Errorf("%s has owner %d:%d, mode %o, attributes %v", header.Name, header.Uid, header.Gid, header.Mode, header.PAXRecords)
			}
		}
	}
	slices.Sort(files)
	want := []string{
		"/etc", "/etc/ssl", "/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt",
		"/ko-app", entrypoint, "/var", "/var/run", "/var/run/ko",
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("wrong files (-want +got):\n%s", diff)
	}
}

// headers are those of the files in a layer.
func headers(t *testing.T, layer v1.Layer) []*tar.Header {
	t.Helper()
	content, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	var all []*tar.Header
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, header)
	}
}

func TestProgramIsStatic(t *testing.T) {
	file, err := elf.Open(filepath.Join(fromMakefile(t).root, entrypoint))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	if err != nil || len(libraries) > 0 {
		t.Errorf("it needs the libraries %v (%v)", libraries, err)
	}
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("it needs a dynamic linker")
		}
	}
}

func TestProgramSaysItsVersion(t *testing.T) {
	g := fromMakefile(t)
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	output, err := exec.CommandContext(t.Context(), filepath.Join(g.root, entrypoint), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{g.version, g.revision, runtime.Version(), "linux/" + runtime.GOARCH} {
		if !strings.Contains(string(output), part) {
			t.Errorf("--version printed %q, without %q", output, part)
		}
	}
}

func TestProgramIsThatOfMakeBuild(t *testing.T) {
	g := fromMakefile(t)
	if runtime.GOOS != "linux" {
		t.Skip("make build gives a program for this machine")
	}
	packed, err := os.ReadFile(filepath.Join(g.root, entrypoint))
	if err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile(g.operator)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(packed, built) {
		t.Errorf("the program of the image and %s differ", g.operator)
	}
}

func TestCertificates(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(fromMakefile(t).root, certificates))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names[certificate.Subject.CommonName] = true
	}
	// Of those that sign for most of the services in public clouds.
	for _, name := range []string{"Amazon Root CA 1", "DigiCert Global Root G2", "GTS Root R1", "ISRG Root X1"} {
		if !names[name] {
			t.Errorf("%s is not among the %d authorities", name, len(names))
		}
	}
}
