// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenZones shows that ZONEINFO, a folder or a zip file, goes before the zones in the program.
func TestOpenZones(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		zoneinfo, release string
		berlin            bool
	}{
		"none":     {"", "2026f", true},
		"a folder": {zoneFolder(t), "2001a", false},
		"a zip":    {zoneZip(t), "2001a", false},
	} {
		zones, err := openZones(test.zoneinfo)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := zones.Release(); got != test.release && (test.zoneinfo != "" || got < test.release) {
			t.Errorf("%s: the release is %q, want %q", name, got, test.release)
		}
		if _, err := zones.Load("Europe/Berlin"); (err == nil) != test.berlin {
			t.Errorf("%s: Europe/Berlin: %v", name, err)
		}
	}
}

func TestOpenZonesRefusals(t *testing.T) {
	t.Parallel()
	folder := zoneFolder(t)
	for _, wrong := range []string{t.TempDir(), filepath.Join(folder, "absent"), filepath.Join(folder, "tzdata.zi")} {
		if _, err := openZones(wrong); err == nil || !strings.HasPrefix(err.Error(), "ZONEINFO "+wrong+": ") {
			t.Errorf("%s: error %v", wrong, err)
		}
	}
}

// zoneFolder has one zone, and the release 2001a.
func zoneFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	// Version 2: an empty block of version 1, one of version 2 with a single offset, and the rule from then on.
	block := "TZif2" + strings.Repeat("\x00", 31) + "\x00\x00\x00\x01\x00\x00\x00\x04" + strings.Repeat("\x00", 6) + "UTC\x00"
	for name, text := range map[string]string{"UTC": block + block + "\nUTC0\n", "tzdata.zi": "# version 2001a\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// zoneZip is such a folder in a file.
func zoneZip(t *testing.T) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	if err := archive.AddFS(os.DirFS(zoneFolder(t))); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
