// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"cmp"
	"image/color"
	"maps"
	"slices"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

var (
	background = color.RGBA{0xf4, 0xf5, 0xf7, 0xff}
	paper      = color.RGBA{0xff, 0xff, 0xff, 0xff}
	edge       = color.RGBA{0xc9, 0xcd, 0xd3, 0xff}
	gridLine   = color.RGBA{0xdf, 0xe2, 0xe7, 0xff}
	ink        = color.RGBA{0x24, 0x29, 0x2e, 0xff}
	greyInk    = color.RGBA{0x5c, 0x63, 0x6a, 0xff}
	good       = color.RGBA{0x2e, 0x7d, 0x32, 0xff}
	bad        = color.RGBA{0xc6, 0x28, 0x28, 0xff}
)

// hues tell series apart, in their order; with more series they begin again.
func hues() []color.RGBA {
	return []color.RGBA{
		{0x1f, 0x6f, 0xb4, 0xff}, {0x3a, 0x9b, 0x4a, 0xff}, {0xe0, 0x8a, 0x1e, 0xff}, {0xc2, 0x3b, 0x3b, 0xff},
		{0x7b, 0x54, 0xa8, 0xff}, {0x1a, 0x9c, 0xa6, 0xff}, {0x8c, 0x5a, 0x3c, 0xff}, {0xd6, 0x5f, 0xa4, 0xff},
		{0x7f, 0x83, 0x88, 0xff}, {0xa8, 0xa0, 0x24, 0xff},
	}
}

func hue(i int) color.RGBA { return hues()[i%len(hues())] }

type letters struct {
	size  vg.Length
	color color.Color
	bold  bool
}

var (
	rowTitle   = letters{14, ink, true}
	panelTitle = letters{12, ink, true}
	small      = letters{10, greyInk, false}
)

func (l letters) style(align text.XAlignment) text.Style {
	f := font.From(plot.DefaultFont, l.size)
	f.Variant = "Sans"
	if l.bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: l.color, Font: f, XAlign: align, YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
}

func write(c *vgdraw.Canvas, what string, l letters, at vg.Point, align text.XAlignment) {
	c.FillText(l.style(align), at, what)
}

func (l letters) width(what string) vg.Length { return l.style(text.XLeft).Width(what) }

// mostFrequent are so many colours, in an order that is always the same.
func mostFrequent(seen map[color.RGBA]int, count int) color.Palette {
	sorted := slices.SortedFunc(maps.Keys(seen), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range sorted[:min(count, len(sorted))] {
		palette = append(palette, c)
	}
	return palette
}
