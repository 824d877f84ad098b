// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// fill takes all that Seam allows in a minute, one call each second from start on.
func fill(t *testing.T, l *limiter, deviceID string, verb Verb, start time.Time) {
	t.Helper()
	for i := range verb.perMinute() {
		if wait := l.reserve(deviceID, verb, "guest", start.Add(time.Duration(i)*time.Second)); wait != 0 {
			t.Fatalf("call %d has to wait %s", i+1, wait)
		}
	}
}

func TestLimitOfAMinute(t *testing.T) {
	t.Parallel()
	for verb, limit := range map[Verb]int{VerbCreate: 10, VerbUpdate: 10, VerbDelete: 20} {
		t.Run(string(verb), func(t *testing.T) {
			l := newLimiter()
			for i := range limit {
				if wait := l.reserve("lock", verb, "guest", noon); wait != 0 {
					t.Fatalf("call %d has to wait %s", i+1, wait)
				}
			}
			// A second more than Seam's minute.
			if wait := l.reserve("lock", verb, "guest", noon); wait != 61*time.Second {
				t.Errorf("call %d has to wait %s, want 61s", limit+1, wait)
			}
			if wait := l.reserve("lock", verb, "guest", noon.Add(60*time.Second)); wait != time.Second {
				t.Errorf("after a minute it has to wait %s, want 1s", wait)
			}
			if wait := l.reserve("lock", verb, "guest", noon.Add(61*time.Second)); wait != 0 {
				t.Errorf("after 61 seconds it has to wait %s", wait)
			}
		})
	}
}

// The minute slides: each call makes room when it is a minute old, and no earlier.
func TestLimitSlides(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	fill(t, l, "lock", VerbCreate, noon)
	for i := range 10 {
		due := noon.Add(limitWindow + time.Duration(i)*time.Second)
		if wait := l.reserve("lock", VerbCreate, "guest", due.Add(-time.Second)); wait != time.Second {
			t.Fatalf("a second early, call %d has to wait %s, want 1s", 11+i, wait)
		}
		if wait := l.reserve("lock", VerbCreate, "guest", due); wait != 0 {
			t.Fatalf("call %d has to wait %s", 11+i, wait)
		}
	}
}

func TestLimitIsPerDeviceAndVerb(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	fill(t, l, "lock", VerbCreate, noon)
	now := noon.Add(10 * time.Second)
	tests := []struct {
		device string
		verb   Verb
		free   bool
	}{
		{"lock", VerbCreate, false},
		{"lock", VerbUpdate, true},
		{"lock", VerbDelete, true},
		{"other", VerbCreate, true},
	}
	for _, test := range tests {
		if wait := l.reserve(test.device, test.verb, "guest", now); (wait == 0) != test.free {
			t.Errorf("%s of %s has to wait %s", test.verb, test.device, wait)
		}
	}
}

// A refused call is none: asking again and again does not push the next one off.
func TestRefusedCallsDontCount(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	fill(t, l, "lock", VerbUpdate, noon)
	for i := range 30 {
		if l.reserve("lock", VerbUpdate, "guest", noon.Add(time.Duration(i)*time.Second)) == 0 {
			t.Fatalf("call %d was let through", i)
		}
	}
	if wait := l.reserve("lock", VerbUpdate, "guest", noon.Add(limitWindow)); wait != 0 {
		t.Errorf("it has to wait %s", wait)
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	l.block("lock", VerbCreate, noon.Add(10*time.Second), noon)
	l.block("lock", VerbCreate, noon.Add(30*time.Second), noon)
	l.block("lock", VerbCreate, noon.Add(20*time.Second), noon) // sooner than what Seam said before
	tests := []struct {
		name   string
		device string
		verb   Verb
		after  time.Duration
		want   time.Duration
	}{
		{"at once", "lock", VerbCreate, 0, 30 * time.Second},
		{"later", "lock", VerbCreate, 29 * time.Second, time.Second},
		{"another verb", "lock", VerbUpdate, 0, 0},
		{"another device", "other", VerbCreate, 0, 0},
		{"when it is over", "lock", VerbCreate, 30 * time.Second, 0},
	}
	for _, test := range tests {
		if wait := l.reserve(test.device, test.verb, "guest", noon.Add(test.after)); wait != test.want {
			t.Errorf("%s: has to wait %s, want %s", test.name, wait, test.want)
		}
	}
	// The call at the very end of the block has counted as one.
	for range 9 {
		l.reserve("lock", VerbCreate, "guest", noon.Add(30*time.Second))
	}
	if wait := l.reserve("lock", VerbCreate, "guest", noon.Add(30*time.Second)); wait != limitWindow {
		t.Errorf("an 11th call after the block has to wait %s, want %s", wait, limitWindow)
	}
}

// Of two workers, the one that read the clock first may come second. No call is forgotten for that.
func TestWorkersOutOfOrder(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	allowed := 0
	for i := range 20 {
		if l.reserve("lock", VerbCreate, "guest", noon.Add(-time.Duration(i)*time.Microsecond)) == 0 {
			allowed++
		}
	}
	if allowed != 10 {
		t.Errorf("%d calls were let through, want 10", allowed)
	}
}

// Calls that seem to come from the future would otherwise hold a device up until then.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	fill(t, l, "lock", VerbCreate, noon)
	earlier := noon.Add(-24 * time.Hour)
	if wait := l.reserve("lock", VerbCreate, "guest", earlier); wait != 0 {
		t.Fatalf("has to wait %s", wait)
	}
	for range 9 {
		l.reserve("lock", VerbCreate, "guest", earlier)
	}
	if wait := l.reserve("lock", VerbCreate, "guest", earlier); wait != limitWindow {
		t.Errorf("the limit does not hold any more: has to wait %s, want %s", wait, limitWindow)
	}
}

// TestLimiterForgetsWhatLimitsNothing: entries that limit nothing any more are dropped, others are kept.
func TestLimiterForgetsWhatLimitsNothing(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	for i := range sweepAbove - 2 {
		l.reserve(fmt.Sprintf("lock-%d", i), VerbCreate, "guest", noon)
	}
	later := noon.Add(limitWindow)
	fill(t, l, "busy", VerbCreate, later)
	l.block("blocked", VerbCreate, later.Add(time.Hour), later)
	if got := len(l.entries); got != sweepAbove {
		t.Fatalf("%d entries before the sweep, want %d", got, sweepAbove)
	}
	l.reserve("new", VerbCreate, "guest", later)
	if got := len(l.entries); got != 3 {
		t.Errorf("%d entries after the sweep, want busy, blocked and new", got)
	}
	if wait := l.reserve("busy", VerbCreate, "guest", later.Add(10*time.Second)); wait == 0 {
		t.Error("the sweep has forgotten the calls of a device")
	}
	if wait := l.reserve("blocked", VerbCreate, "guest", later); wait != time.Hour {
		t.Errorf("after the sweep a blocked device has to wait %s, want 1h", wait)
	}
}

func TestLimitHoldsAmongMany(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	var (
		group   sync.WaitGroup
		allowed atomic.Int32
	)
	for range 100 {
		group.Go(func() {
			if l.reserve("lock", VerbDelete, "guest", noon) == 0 {
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	if got := allowed.Load(); got != 20 {
		t.Errorf("%d calls were let through, want 20", got)
	}
}

// TestQueueOfADevice: who has to wait keeps their place, and comes back once.
func TestQueueOfADevice(t *testing.T) {
	t.Parallel()
	const guests = 55
	l := newLimiter()
	due, tries, served := map[string]time.Time{}, map[string]int{}, []string{}
	for i := range guests {
		due[fmt.Sprintf("guest-%02d", i)] = noon.Add(time.Duration(i) * time.Millisecond)
	}
	for len(due) > 0 {
		who := earliest(due)
		now := due[who]
		if tries[who]++; tries[who] > 2 {
			t.Fatalf("%s has to try again and again", who)
		}
		wait := l.reserve("lock", VerbCreate, who, now)
		if wait > 0 {
			due[who] = now.Add(wait)
			continue
		}
		delete(due, who)
		served = append(served, who)
		if now.Sub(noon) > limitWindow*(guests/10)+time.Second {
			t.Fatalf("%s is served after %s", who, now.Sub(noon))
		}
	}
	if !slices.IsSorted(served) {
		t.Errorf("not in the order in which they came: %v", served)
	}
}

func earliest(due map[string]time.Time) string {
	return slices.MinFunc(slices.Collect(maps.Keys(due)), func(a, b string) int {
		return cmp.Or(due[a].Compare(due[b]), cmp.Compare(a, b))
	})
}

// TestPlaceInTheQueueExpires: a caller that was given a time and does not come holds nobody up for long.
func TestPlaceInTheQueueExpires(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	fill(t, l, "lock", VerbCreate, noon)
	for i := range 10 {
		if wait := l.reserve("lock", VerbCreate, fmt.Sprint("gone-", i), noon.Add(10*time.Second)); wait == 0 {
			t.Fatal("does not have to wait")
		}
	}
	if wait := l.reserve("lock", VerbCreate, "guest", noon.Add(limitWindow)); wait == 0 {
		t.Error("others were there before")
	}
	last := noon.Add(9 * time.Second).Add(limitWindow)
	if wait := l.reserve("lock", VerbCreate, "guest", last.Add(late+time.Second)); wait != 0 {
		t.Errorf("has to wait %s for those who do not come", wait)
	}
}
