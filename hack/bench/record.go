// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// recordEvery is how often the operator's metrics are recorded; ten times as often as they are usually scraped, as a run
// is short.
const recordEvery = 5 * time.Second

// recorder keeps the operator's metrics page as it is at each time, for test/monitoring to look at as Prometheus would.
// One that records nothing is nil.
//
// The file is compressed text: lines about the run, each after "# ", then for each time a line "# scrape" with the
// milliseconds since 1970, and those lines of the page that were not on the one before. Series that are gone since stand
// after "# gone". A line "# no answer" says that the page is empty.
type recorder struct {
	mu   sync.Mutex
	page string // where the operator serves its metrics; empty while none runs

	before map[string]string // the lines of the page before, by what they are about
}

// watch says where the operator is from now on.
func (r *recorder) watch(page string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.page = page
}

// startRecording records, where that is wanted, until the context ends; what it returns waits for that.
func (r *rig) startRecording(ctx context.Context, size int) (wait func() error) {
	if r.recorder == nil {
		return func() error { return nil }
	}
	done := make(chan error, 1)
	go func() { done <- r.recorder.run(ctx, r.settings.record, aboutRun(r.settings, size)) }()
	return func() error { return <-done }
}

// recordEnd has the recording go on until what was last is seen, and a rate of it.
func (r *rig) recordEnd(ctx context.Context) error {
	if r.recorder == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(4 * recordEvery):
		return nil
	}
}

func (r *recorder) watched() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page
}

// run records until the context ends.
func (r *recorder) run(ctx context.Context, path string, about []string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("recording metrics: %w", err)
	}
	// At its best it takes longer to write, and less room for ever.
	out, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err == nil {
		err = r.record(ctx, out, about)
		err = errors.Join(err, out.Close())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("recording metrics: %w", err)
	}
	return nil
}

func (r *recorder) record(ctx context.Context, out io.Writer, about []string) error {
	for _, line := range about {
		if _, err := fmt.Fprintf(out, "# %s\n", line); err != nil {
			return err
		}
	}
	pace := time.NewTicker(recordEvery)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pace.C:
		}
		if err := r.scrape(ctx, out); err != nil {
			return err
		}
	}
}

// scrape writes one page. An operator that starts or stops does not answer, which is no error and recorded as well.
func (r *recorder) scrape(ctx context.Context, out io.Writer) error {
	at, page := time.Now(), ""
	if url := r.watched(); url != "" {
		if text, err := fetch(ctx, url); err == nil {
			page = text
		}
	}
	_, err := fmt.Fprintf(out, "# scrape %d\n%s", at.UnixMilli(), r.news(page))
	return err
}

// news is what a page has that the one before has not, in its order, and what is gone.
func (r *recorder) news(page string) string {
	before, now := r.before, map[string]string{}
	r.before = now
	if page == "" {
		return "# no answer\n"
	}
	var text strings.Builder
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		series := seriesOf(line)
		now[series] = line
		if before[series] != line {
			fmt.Fprintln(&text, line)
		}
	}
	for _, series := range slices.Sorted(maps.Keys(before)) {
		if _, still := now[series]; !still {
			fmt.Fprintln(&text, "# gone "+series)
		}
	}
	return text.String()
}

// seriesOf is what a line is about: all but its value, or all of it where it is a comment.
func seriesOf(line string) string {
	if end := strings.LastIndexByte(line, ' '); end > 0 && !strings.HasPrefix(line, "#") {
		return line[:end]
	}
	return line
}

// aboutRun says what is recorded, without anything of the machine.
func aboutRun(s settings, size int) []string {
	return []string{
		"metrics of the operator while hack/bench measures it",
		fmt.Sprintf("codes %d", size),
		"scenarios " + strings.Join(s.scenarios, " "),
		fmt.Sprintf("latency %s", s.latency),
		fmt.Sprintf("concurrency %d", s.concurrency),
		fmt.Sprintf("every %s", recordEvery),
	}
}
