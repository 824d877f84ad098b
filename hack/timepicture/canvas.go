// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"html"
	"strings"
)

// Colours. They are read on the white of the picture, whatever the page's own is.
const (
	open    = "#2563a8" // a window
	buffer  = "#a9c8ea" // its buffers
	faint   = "#d5d9df" // lines of the hours
	ink     = "#24292f"
	changed = "#f7c877" // the hour that the clock skips or repeats
)

// canvas is an SVG as it is being drawn. Numbers have one digit after the point, so that all machines write the same.
type canvas struct{ strings.Builder }

func (c *canvas) svg(description string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="sans-serif" font-size="13" fill="%s">
<title>%s</title>
<rect width="100%%" height="100%%" fill="#ffffff"/>
%s</svg>
`, width, height, width, height, ink, html.EscapeString(description), c.String())
}

func (c *canvas) bar(x, y, w, h float64, colour string) {
	fmt.Fprintf(c, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y, w, h, colour)
}

// frame is a bar that is not there.
func (c *canvas) frame(x, y, w, h float64) {
	fmt.Fprintf(c, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"%s\" stroke-dasharray=\"4 3\"/>\n", x, y, w, h, open)
}

func (c *canvas) rule(x, from, to float64) {
	fmt.Fprintf(c, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\"/>\n", x, from, to, faint)
}

// write puts text at a place; anchor is start, middle or end.
func (c *canvas) write(x, y float64, anchor, text, more string) {
	fmt.Fprintf(c, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y, anchor, more, html.EscapeString(text))
}

func (c *canvas) title(y float64, text string) {
	c.write(20, y, "start", text, ` font-size="15" font-weight="bold"`)
}

func (c *canvas) small(x, y float64, anchor, text string) {
	c.write(x, y, anchor, text, ` font-size="11"`)
}

// within writes into a bar.
func (c *canvas) within(x, y, w float64, text string) {
	c.write(x+w/2, y+14.5, "middle", text, ` font-size="11" fill="#ffffff"`)
}
