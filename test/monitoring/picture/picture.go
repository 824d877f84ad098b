// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package picture draws a dashboard from a recording: the same panels in the same places, asked by the engine of
// Prometheus. It is for people who want to see what they would get; Grafana draws more beautifully.
package picture

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

const (
	columnWidth = 60 // points for a column of the grid
	lineHeight  = 27 // and for a line of it
	margin      = 8
	gap         = 3 // between the panel and its place

	// dpi has four pixels for three points, which is what small letters need.
	dpi = 96
)

// Draw draws all panels with what the recording has, from its first page to its last.
func Draw(ctx context.Context, d *dashboard.Dashboard, r *recording.Recording, db *recording.Database) (image.Image, error) {
	lines := 0
	for _, p := range d.Panels {
		lines = max(lines, p.GridPos.Y+p.GridPos.H)
	}
	width, height := vg.Length(dashboard.Columns*columnWidth+2*margin), vg.Length(lines*lineHeight+2*margin)
	page := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(background))
	canvas := vgdraw.New(page)
	pen := &pen{ctx: ctx, recording: r, database: db}
	for _, p := range d.Panels {
		at := p.GridPos
		left, top := vg.Length(margin+at.X*columnWidth), vg.Length(margin+at.Y*lineHeight)
		right, bottom := width-left-vg.Length(at.W*columnWidth), height-top-vg.Length(at.H*lineHeight)
		if err := pen.panel(vgdraw.Crop(canvas, left+gap, -right-gap, bottom+gap, -top-gap), p); err != nil {
			return nil, fmt.Errorf("panel %q: %w", p.Title, err)
		}
	}
	return fewColors(page.Image()), nil
}

// pen draws panels.
type pen struct {
	ctx       context.Context //nolint:containedctx // of the one drawing
	recording *recording.Recording
	database  *recording.Database
}

func (p *pen) panel(c vgdraw.Canvas, panel dashboard.Panel) error {
	if panel.Type == dashboard.Row {
		write(&c, panel.Title, rowTitle, vg.Point{X: c.Min.X, Y: c.Center().Y}, vgdraw.XLeft)
		return nil
	}
	frame(&c)
	write(&c, panel.Title, panelTitle, vg.Point{X: c.Min.X + 8, Y: c.Max.Y - 12}, vgdraw.XLeft)
	inner := vgdraw.Crop(c, 8, -10, 6, -24)
	lines, err := p.lines(panel)
	if err != nil {
		return err
	}
	if panel.Type == dashboard.Stat {
		stat(&inner, panel, lines)
		return nil
	}
	graph(inner, panel, lines, p.recording)
	return nil
}

func frame(c *vgdraw.Canvas) {
	corners := []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}}
	c.FillPolygon(paper, corners)
	c.StrokeLines(vgdraw.LineStyle{Color: edge, Width: 1}, append(corners, c.Min))
}

// fewColors keeps the file small: one byte for a pixel, of the colours that are in use most.
func fewColors(from image.Image) image.Image {
	bounds := from.Bounds()
	to := image.NewPaletted(bounds, usedMost(from, 256))
	draw.Draw(to, bounds, from, bounds.Min, draw.Src)
	return to
}

func usedMost(from image.Image, count int) color.Palette {
	seen := map[color.RGBA]int{}
	bounds := from.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			seen[color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)]++ //nolint:forcetypeassert,errcheck // the model's own type
		}
	}
	return mostFrequent(seen, count)
}
