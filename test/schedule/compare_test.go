// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// How many schedules are answered by both where SCHEDULES does not say, and how many are sent at once. The polyfill, written
// in JavaScript, is twenty times slower than what Node.js has, and gets a twentieth of them.
const (
	schedules    = 120_000
	polyfillPart = 20
	atOnce       = 500
)

// older is a zone that Node.js answers by an older law.
type older struct {
	reason string
	// shown is a schedule on which it differs, so that the entry goes when it does not any more.
	shown schedule.Local
}

// explained are the zones that differ, by the release that Node.js has. A release that is not here explains nothing.
var explained = map[string]map[string]older{
	"2026e": {
		"America/Havana": {"Cuba stays on summer time in the winter of 2026 (2026f)", schedule.Local{Start: "2026-11-01T00:00", End: "2026-11-02T00:00"}},
		"Cuba":           {"an old name of America/Havana", schedule.Local{Start: "2026-11-01T00:00", End: "2026-11-02T00:00"}},
	},
}

func TestNative(t *testing.T) {
	t.Parallel()
	compare(t, "native", fromEnvironment(t, "SCHEDULES", schedules))
}

func TestPolyfill(t *testing.T) {
	t.Parallel()
	compare(t, "polyfill", fromEnvironment(t, "SCHEDULES", schedules)/polyfillPart)
}

func compare(t *testing.T, which string, count uint64) {
	other := start(t, which)
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	random := generator{rand.New(rand.NewPCG(fromEnvironment(t, "SEED", 1), count))}
	c := comparison{T: t, different: map[string]int{}, older: explained[other.TZData]}
	if other.TZData == zones.Release() {
		c.older = nil
	}
	c.checkExplained(other, zones)
	names := zones.Names()
	for asked := 0; asked < int(count); asked += atOnce {
		questions := make([]question, min(atOnce, int(count)-asked))
		for i := range questions {
			zone, err := zones.Load(names[(asked+i)%len(names)])
			if err != nil {
				t.Fatal(err)
			}
			questions[i] = random.question(zone)
		}
		for i, theirs := range other.ask(t, questions) {
			c.check(questions[i], theirs)
		}
	}
	total := 0
	for _, zone := range slices.Sorted(maps.Keys(c.older)) {
		total += c.different[zone]
		t.Logf("%s: %d differences explained: %s", zone, c.different[zone], c.older[zone].reason)
	}
	t.Logf("Temporal (%s) of Node.js %s with zones %s: %d schedules in %d zones (ours: %s), %d with an open window, %d differences, %d of them explained",
		which, other.Node, other.TZData, count, len(names), zones.Release(), c.open, total+c.wrong, total)
}

// comparison counts what differs.
type comparison struct {
	*testing.T
	older     map[string]older
	different map[string]int // explained, by zone
	wrong     int
	open      int
}

// checkExplained fails where Node.js and the program agree on what is to explain a difference.
func (c *comparison) checkExplained(other *temporal, zones *schedule.Zones) {
	for name, entry := range c.older {
		zone, err := zones.Load(name)
		if err != nil {
			c.Fatal(err)
		}
		q := question{spec: schedule.Spec{Local: &entry.shown}, zone: zone, now: earliest}
		s, err := schedule.New(q.spec, zone)
		if err != nil {
			c.Fatal(err)
		}
		if cmp.Equal(answerOf(s.At(q.now)), other.ask(c.T, []question{q})[0]) {
			c.Errorf("%s is explained (%s), and does not differ: take it off the list", name, entry.reason)
		}
	}
}

// maxShown is how many differences are shown in full.
const maxShown = 10

func (c *comparison) check(q question, theirs answer) {
	s, err := schedule.New(q.spec, q.zone)
	if err != nil {
		c.Fatalf("%s: %v", q, err)
	}
	ours := answerOf(s.At(q.now))
	if ours.Windows[0] != nil {
		c.open++
	}
	if cmp.Equal(ours, theirs) {
		return
	}
	if _, ok := c.older[q.zone.String()]; ok {
		c.different[q.zone.String()]++
		return
	}
	c.wrong++
	if c.wrong <= maxShown {
		c.Errorf("%s\nours:\n%stheirs:\n%s", q, ours, theirs)
	}
}

func answerOf(windows ...*schedule.Window) answer {
	var a answer
	for i, w := range windows {
		if w != nil {
			a.Windows[i] = &[2]*int64{milliseconds(w.StartsAt), milliseconds(w.EndsAt)}
		}
	}
	return a
}

func milliseconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// fromEnvironment is a number that a variable of the environment gives, or otherwise.
func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
