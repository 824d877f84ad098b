// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestOpenZones shows that ZONEINFO goes before the zones in the program, and that nothing else does.
func TestOpenZones(t *testing.T) {
	t.Parallel()
	// Go's own zones, in the two forms in which they come.
	file := filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip")
	files, err := zip.OpenReader(file)
	if err != nil {
		t.Skipf("Go is without its zones: %v", err)
	}
	defer files.Close()
	folder := t.TempDir()
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "tzdata.zi"), []byte("# version 2001a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{folder: "2001a", file: "unknown"} {
		zones, err := openZones(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := zones.Release(); got != want {
			t.Errorf("%s: the release is %q, want %q", name, got, want)
		}
		if _, err := zones.Load("Europe/Berlin"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	embedded, err := openZones("")
	if err != nil || embedded.Release() < "2026f" {
		t.Errorf("without ZONEINFO: %v, %v", embedded, err)
	}
	for _, wrong := range []string{t.TempDir(), filepath.Join(folder, "absent"), filepath.Join(folder, "tzdata.zi")} {
		if _, err := openZones(wrong); err == nil || !strings.HasPrefix(err.Error(), "ZONEINFO "+wrong+": ") {
			t.Errorf("%s: error %v", wrong, err)
		}
	}
}
