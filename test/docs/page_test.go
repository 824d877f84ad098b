// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"regexp"
	"strings"
)

// page is what of a page is held to its word.
type page struct {
	path     string // from the checkout
	blocks   []block
	headings []string
	links    []string // targets, as they stand in the text
	spans    []string // code within the text
}

// block is one between two fences.
type block struct {
	page, heading string
	line          int // of its first line
	language      string
	text          string
}

var (
	fence   = regexp.MustCompile("^ *```(.*)$")
	heading = regexp.MustCompile(`^#+ +(.*)$`)
	span    = regexp.MustCompile("`([^`]+)`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
)

func parse(path, text string) page {
	p := page{path: path}
	var prose strings.Builder
	var open *block
	for i, line := range strings.Split(text, "\n") {
		fenced := fence.FindStringSubmatch(line)
		switch {
		case fenced != nil && open == nil:
			open = &block{page: path, heading: p.last(), line: i + 2, language: fenced[1]}
		case fenced != nil:
			p.blocks = append(p.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		default:
			if title := heading.FindStringSubmatch(line); title != nil {
				p.headings = append(p.headings, title[1])
			}
			prose.WriteString(line + "\n")
		}
	}
	if open != nil {
		open.language = "unclosed"
		p.blocks = append(p.blocks, *open)
	}
	p.read(prose.String())
	return p
}

func (p *page) last() string {
	if len(p.headings) == 0 {
		return ""
	}
	return p.headings[len(p.headings)-1]
}

// read finds code and links in what stands outside blocks; a link within code is none.
func (p *page) read(prose string) {
	for _, found := range span.FindAllStringSubmatch(prose, -1) {
		p.spans = append(p.spans, strings.Join(strings.Fields(found[1]), " "))
	}
	for _, found := range link.FindAllStringSubmatch(span.ReplaceAllString(prose, ""), -1) {
		p.links = append(p.links, found[1])
	}
}

// first is the first line of a block, by which a list names it.
func (b block) first() string {
	line, _, _ := strings.Cut(b.text, "\n")
	return line
}

// anchors are what a link to a heading of the page may end with.
func (p *page) anchors() map[string]bool {
	found := map[string]bool{}
	for _, title := range p.headings {
		found[anchor(title)] = true
	}
	return found
}

var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

func anchor(title string) string {
	return strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}
