// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package recording reads the operator's metrics as hack/bench has recorded them, and lets them be queried.
package recording

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Recording is what a run has left.
type Recording struct {
	About map[string]string // by the first word of each line about the run
	Pages []Page
}

// Page is what the operator has served at a time; empty where it has not answered.
type Page struct {
	At    time.Time
	Lines map[string]string // by series
}

// The lines that are not of a page; see hack/bench/record.go.
const (
	scrapeMark = "# scrape "
	goneMark   = "# gone "
	silentMark = "# no answer"
)

// Read reads a file of "bench -record".
func Read(path string) (*Recording, error) {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, fmt.Errorf("reading a recording: %w", err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	r := &Recording{About: map[string]string{}}
	if err := r.read(bufio.NewReader(unpacked)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return r, r.check()
}

func (r *Recording) read(lines *bufio.Reader) error {
	for {
		line, err := lines.ReadString('\n')
		switch {
		case errors.Is(err, io.EOF) && line == "":
			return nil
		case err != nil:
			return fmt.Errorf("it ends within a line: %w", err)
		}
		if err := r.take(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
}

// take takes a line in: a page begins as the one before it was.
func (r *Recording) take(line string) error {
	if at, found := strings.CutPrefix(line, scrapeMark); found {
		milliseconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return fmt.Errorf("the time of a page: %w", err)
		}
		page := Page{At: time.UnixMilli(milliseconds).UTC(), Lines: map[string]string{}}
		if len(r.Pages) > 0 {
			page.Lines = maps.Clone(r.last().Lines)
		}
		r.Pages = append(r.Pages, page)
		return nil
	}
	if len(r.Pages) == 0 {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
		r.About[name] = value
		return nil
	}
	if series, found := strings.CutPrefix(line, goneMark); found {
		delete(r.last().Lines, series)
		return nil
	}
	if line == silentMark {
		clear(r.last().Lines)
		return nil
	}
	if strings.HasPrefix(line, "#") {
		return nil
	}
	end := strings.LastIndexByte(line, ' ')
	if end < 0 {
		return fmt.Errorf("a line without a value: %q", line)
	}
	r.last().Lines[line[:end]] = line
	return nil
}

func (r *Recording) last() *Page { return &r.Pages[len(r.Pages)-1] }

// Text is the page as it is scraped.
func (p Page) Text() []byte {
	var text strings.Builder
	for _, series := range slices.Sorted(maps.Keys(p.Lines)) {
		text.WriteString(p.Lines[series] + "\n")
	}
	return []byte(text.String())
}

func (r *Recording) check() error {
	if len(r.Pages) < 2 {
		return fmt.Errorf("it has %d pages, of which nothing can be said", len(r.Pages))
	}
	for i, p := range r.Pages[1:] {
		if !p.At.After(r.Pages[i].At) {
			return fmt.Errorf("the page of %s comes after that of %s", p.At, r.Pages[i].At)
		}
	}
	return nil
}

// Begin is the time of the first page.
func (r *Recording) Begin() time.Time { return r.Pages[0].At }

// End is the time of the last page.
func (r *Recording) End() time.Time { return r.last().At }

// Every is how far the pages are apart.
func (r *Recording) Every() time.Duration {
	return (r.End().Sub(r.Begin()) / time.Duration(len(r.Pages)-1)).Round(time.Second)
}
