// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// toTheMinute is how docs/time.md writes times.
const toTheMinute = "2006-01-02 15:04"

// example is a row of the table in docs/time.md: a window as it is written, and what comes of it.
type example struct{ zone, from, to, opens, closes, length string }

func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for line := range strings.Lines(readFile(t, "docs/time.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 7 || !strings.Contains(cells[0], "/") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, example{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]})
	}
	return all
}

// TestTimes computes what docs/time.md says of windows in the nights in which the clocks change.
func TestTimes(t *testing.T) {
	t.Parallel()
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	all := examples(t)
	if len(all) < 10 {
		t.Fatalf("got %d examples: teach this test to read the table", len(all))
	}
	for _, want := range all {
		zone, err := zones.Load(want.zone)
		if err != nil {
			t.Error(err)
			continue
		}
		s, err := schedule.New(schedule.Spec{Local: &schedule.Local{
			Start: strings.Replace(want.from, " ", "T", 1), End: strings.Replace(want.to, " ", "T", 1),
		}}, zone)
		if err != nil {
			t.Errorf("%s, %s to %s: %v", want.zone, want.from, want.to, err)
			continue
		}
		w := s.First()
		got := want
		got.opens, got.closes = w.StartsAt.Format(toTheMinute), w.EndsAt.Format(toTheMinute)
		got.length = inShort(w.EndsAt.Sub(w.StartsAt))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(example{})); diff != "" {
			t.Errorf("docs/time.md is wrong (-page +computed):\n%s", diff)
		}
	}
}

// inShort is a length without what is zero, such as 1h45m or 9h.
func inShort(length time.Duration) string {
	text := strings.TrimSuffix(length.String(), "0s")
	if length%time.Hour == 0 {
		return strings.TrimSuffix(text, "0m")
	}
	return text
}
