// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"image"
	"image/png"
	"os"
	"testing"

	"github.com/access-codes/access-code-operator/test/monitoring/picture"
)

const (
	pictureFile = "../../docs/dashboard.png"
	// pictureSize is what a page of documentation may cost, in bytes.
	pictureSize = 300 << 10
	// visible is how much a colour must differ, of 65535, and maxDiffering how many pixels may: processors round in
	// different ways.
	visible      = 1 << 13
	maxDiffering = 20
)

// TestPicture fails when "make docs-dashboard" was not run after a change of dashboard or recording.
func TestPicture(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	drawn, err := picture.Draw(t.Context(), readDashboard(t), r, d)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(pictureFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || info.Size() > pictureSize {
		t.Errorf("%s has %d bytes (%v), want %d at most", pictureFile, info.Size(), err, pictureSize)
	}
	kept, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if pixels := differing(drawn, kept); pixels > maxDiffering {
		t.Errorf("%d pixels of the picture differ: run \"make docs-dashboard\" and commit the result", pixels)
	}
}

// differing is how many pixels two pictures do not have in common.
func differing(a, b image.Image) int {
	count, bounds := 0, a.Bounds()
	if bounds != b.Bounds() {
		return bounds.Dx() * bounds.Dy()
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			if apart(ar, br) || apart(ag, bg) || apart(ab, bb) {
				count++
			}
		}
	}
	return count
}

func apart(a, b uint32) bool { return max(a, b)-min(a, b) > visible }
