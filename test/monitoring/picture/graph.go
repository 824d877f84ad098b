// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

// labelRoom is for the figures beside the axis, the same for all panels, so that times stand below each other.
const labelRoom = 56

// graph draws lines over time with their names below.
func graph(c vgdraw.Canvas, panel dashboard.Panel, lines []line, r *recording.Recording) {
	end, step := r.End().Sub(r.Begin()).Seconds(), r.Every().Seconds()
	below := legendBelow(&c, lines)
	above := vgdraw.Crop(c, 0, 0, below, 0)
	if len(lines) == 0 {
		write(&above, "no data", small, above.Center(), vgdraw.XCenter)
		return
	}
	if panel.Stacked() {
		lines = stacked(lines, end, step)
	}
	top := 0.0
	for _, l := range lines {
		for _, p := range l.points {
			top = max(top, p.Y)
		}
	}
	if top == 0 {
		top = 1
	}
	p := axes(end, top*1.05, panel.Unit())
	add(p, lines, panel.Stacked(), step)
	p.Draw(vgdraw.Crop(above, labelRoom-widest(p), 0, 0, 0))
}

func widest(p *plot.Plot) vg.Length {
	room := vg.Length(0)
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		room = max(room, small.width(tick.Label))
	}
	return room
}

func axes(end, top float64, unit string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, end, 0, top
	p.X.Tick.Marker = plot.ConstantTicks(timeTicks(end))
	p.Y.Tick.Marker = plot.ConstantTicks(valueTicks(top, unit))
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = edge, edge
		axis.Tick.Label.Font = font.From(small.style(vgdraw.XLeft).Font, small.size)
		axis.Tick.Label.Color = greyInk
		axis.Tick.Length = 3
		axis.Padding = 0
	}
	lattice := plotter.NewGrid()
	lattice.Horizontal.Color, lattice.Vertical.Color = gridLine, gridLine
	p.Add(lattice)
	return p
}

// add draws lines, those that are stacked from the highest down, each over what is below it.
func add(p *plot.Plot, lines []line, filled bool, step float64) {
	for n := range lines {
		i := n
		if filled {
			i = len(lines) - 1 - n
		}
		for _, segment := range lines[i].segments(step) {
			drawn := &plotter.Line{XYs: segment, LineStyle: vgdraw.LineStyle{Color: hue(i), Width: 1.4}}
			if filled {
				light := hue(i)
				light.R, light.G, light.B = pale(light.R), pale(light.G), pale(light.B)
				drawn.FillColor = light
			}
			p.Add(drawn)
		}
	}
}

func pale(part uint8) uint8 { return uint8((int(part) + 255) / 2) } //nolint:gosec // half of 510 at most

// legendLines is how many lines of names a panel has room for.
const legendLines = 3

// legendBelow writes the names of the lines and returns the height that they take.
func legendBelow(c *vgdraw.Canvas, lines []line) vg.Length {
	const lineHeight, dash, space = 13, 12, 12
	x, row := c.Min.X, 0
	for i, l := range lines {
		width := dash + 4 + small.width(l.name)
		if x > c.Min.X && x+width > c.Max.X {
			x, row = c.Min.X, row+1
		}
		if row == legendLines {
			break
		}
		y := c.Min.Y + vg.Length(legendLines-1-row)*lineHeight + 6
		c.StrokeLine2(vgdraw.LineStyle{Color: hue(i), Width: 3}, x, y, x+dash, y)
		write(c, l.name, small, vg.Point{X: x + dash + 4, Y: y}, vgdraw.XLeft)
		x += width + space
	}
	return legendLines*lineHeight + 4
}

// stat writes the latest value large, or the name where that is what matters.
func stat(c *vgdraw.Canvas, panel dashboard.Panel, lines []line) {
	large := letters{30, ink, true}
	if panel.Options.TextMode == "name" {
		large.size = 13
		for i, l := range lines {
			write(c, l.name, large, vg.Point{X: c.Center().X, Y: c.Center().Y - vg.Length(20*i)}, vgdraw.XCenter)
		}
		return
	}
	if len(lines) == 0 {
		write(c, "no data", small, c.Center(), vgdraw.XCenter)
		return
	}
	if panel.FieldConfig.Defaults.Color.Mode == "thresholds" {
		large.color = good
		if lines[0].last() >= 1 {
			large.color = bad
		}
	}
	write(c, in(panel.Unit(), lines[0].last()), large, c.Center(), vgdraw.XCenter)
}
