// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPicture fails when "make docs-time" was not run after a change of schedules, or of the picture.
func TestPicture(t *testing.T) {
	drawn, err := draw()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join("..", "..", "docs", "time.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), drawn); diff != "" {
		t.Errorf("run \"make docs-time\" and commit the result, -kept +drawn:\n%s", diff)
	}
	reader := xml.NewDecoder(strings.NewReader(drawn))
	for {
		if _, err := reader.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
}

// The picture says what is true of the two nights.
func TestNights(t *testing.T) {
	drawn, err := draw()
	if err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{
		"22:00 to 06:00, 7 hours", "01:30 to 03:30, 1 hour", "03:15 to 03:45, 30 minutes", // in March
		"22:00 to 06:00, 9 hours", "01:30 to 03:30, 3 hours", "02:15 to 02:45, 30 minutes", // in October
	} {
		if !strings.Contains(drawn, label) {
			t.Errorf("the picture lacks %q", label)
		}
	}
}
