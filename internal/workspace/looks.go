// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"cmp"
	"context"
	"hash/maphash"
	"sync"
	"time"

	"k8s.io/utils/clock"
	"k8s.io/utils/dump"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// keptFor is how long a look that nobody was waiting for is good for whoever asks next.
	keptFor = 2 * time.Minute
	// ahead is how much too early a look that is expected goes along with others. It is kept for as long, and a
	// moment more in which whoever expects it finds a worker.
	ahead        = 250 * time.Millisecond
	expectedKept = ahead + 2*time.Second
)

// codeSight is what Seam says of a code.
type codeSight = sight[seam.AccessCode]

// looks are the looks at the codes of a workspace, merged into few calls. They remember of each code whether it looks
// as it did last, and no PIN for longer than somebody may still want it.
type looks struct {
	// fetch asks for several codes at once. Where it fails half-way, it returns what it has until then, too.
	fetch func(ctx context.Context, ids []string) (map[string]codeSight, error)
	// confirm asks for one code that a list did not have.
	confirm func(ctx context.Context, id string) (*seam.AccessCode, error)
	clock   clock.PassiveClock
	batch   *batcher[seam.AccessCode]
	seed    maphash.Seed

	mu   sync.Mutex
	last map[string]lastSight
	// expected is when the next look at a code is due.
	expected map[string]time.Time
	// calls are how many answers are on their way. writes counts the writes to codes, and written has the count at the
	// last write to each, for as long as an answer may be on its way that knows nothing of it.
	calls   int
	writes  uint64
	written map[string]uint64
}

// lastSight is what a code looked like last.
type lastSight struct {
	// print is the fingerprint of what was seen.
	print uint64
	// kept is what was seen where the next look may have it, and until when; nil once one had, or when it is too late.
	// lasts is how long that was at first.
	kept  *seam.AccessCode
	until time.Time
	lasts time.Duration
}

func newLooks(c clock.PassiveClock) *looks {
	l := &looks{
		clock: c, seed: maphash.MakeSeed(),
		last: map[string]lastSight{}, expected: map[string]time.Time{}, written: map[string]uint64{},
	}
	l.batch = newBatcher(l.fetchWaited)
	return l
}

// get returns a code as it is now: the call that finds out begins after get does, unless the code was swept lately, or
// taken along by others, and nothing was written to it since.
func (l *looks) get(ctx context.Context, id string) (*seam.AccessCode, error) {
	if code := l.takeKept(id); code != nil {
		return code, nil
	}
	seen := l.batch.get(ctx, id)
	if seen.object != nil || seen.err != nil {
		return seen.object, seen.err
	}
	// A list leaves out backups, and proves nothing.
	code, err := l.confirm(ctx, id)
	if err == nil {
		l.remember(id, code)
	}
	return code, err
}

// takeKept returns a sight that nobody has had yet, nil when there is none.
func (l *looks) takeKept(id string) *seam.AccessCode {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.expected, id)
	last, ok := l.last[id]
	if !ok || last.kept == nil {
		return nil
	}
	l.last[id] = lastSight{print: last.print}
	if !l.fresh(last) {
		return nil
	}
	return last.kept
}

// fresh says whether a sight may still be had: it may be too old, or left over from before the clock was set back.
func (l *looks) fresh(s lastSight) bool {
	left := s.until.Sub(l.clock.Now())
	return left > 0 && left <= s.lasts
}

// print is the fingerprint of a code.
func (l *looks) print(code *seam.AccessCode) uint64 {
	return maphash.String(l.seed, dump.ForHash(code))
}

// keep is what is remembered of a sight that nobody has yet. It has a copy: the page that it was on need not stay.
func (l *looks) keep(code *seam.AccessCode, lasts time.Duration) lastSight {
	kept := *code
	return lastSight{print: l.print(code), kept: &kept, until: l.clock.Now().Add(lasts), lasts: lasts}
}

// expect says that a code will be looked at again then. A call for others takes it along when the time has come.
func (l *looks) expect(id string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected[id] = at
}

// due are codes that are about to be looked at.
func (l *looks) due(most int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	now := l.clock.Now()
	for id, at := range l.expected {
		if len(ids) >= most {
			break
		}
		if at.Sub(now) <= ahead {
			ids = append(ids, id)
			delete(l.expected, id)
		}
	}
	return ids
}

// fetchWaited asks for what is waited for, and for what is about to be.
func (l *looks) fetchWaited(ctx context.Context, ids []string) (map[string]codeSight, error) {
	waited := make(map[string]bool, len(ids))
	for _, id := range ids {
		waited[id] = true
	}
	for _, id := range l.due(maxBatch - len(ids)) {
		if !waited[id] {
			ids = append(ids, id)
		}
	}
	return l.observe(ctx, ids, func(id string, code *seam.AccessCode) {
		switch {
		case code == nil:
		case waited[id]:
			l.last[id] = lastSight{print: l.print(code)}
		default:
			l.last[id] = l.keep(code, expectedKept)
		}
	})
}

// sweep looks at many codes in whole pages, and returns those that do not look as they did last: changed, gone, not to
// be read, or never seen before. What it saw of them is kept for the look that follows. all says that these are all
// codes of the workspace, so that others may be forgotten. A page of which Seam has answered for some only does not keep
// it from those that come after it.
func (l *looks) sweep(ctx context.Context, ids []string, all bool) (changed []string, err error) {
	if all {
		l.forgetOthers(ids)
	}
	for len(ids) > 0 {
		page := ids[:min(len(ids), maxBatch)]
		ids = ids[len(page):]
		sights, pageErr := l.observe(ctx, page, func(id string, code *seam.AccessCode) {
			if code == nil {
				delete(l.last, id)
				changed = append(changed, id)
				return
			}
			switch last, ok := l.last[id]; {
			case !ok || last.print != l.print(code):
				l.last[id] = l.keep(code, keptFor)
				changed = append(changed, id)
			case !l.fresh(last):
				last.kept = nil
				l.last[id] = last
			}
		})
		err = cmp.Or(err, pageErr)
		if pageErr != nil && len(sights) == 0 {
			return changed, err
		}
	}
	return changed, err
}

// observe makes a call and notes what it says of each code, nil where it says nothing. Not of one that was written to
// meanwhile: whoever wrote looks again.
func (l *looks) observe(ctx context.Context, ids []string, note func(id string, code *seam.AccessCode)) (map[string]codeSight, error) {
	l.mu.Lock()
	l.calls++
	began := l.writes
	l.mu.Unlock()
	sights, err := l.fetch(ctx, ids)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if seen, answered := sights[id]; answered && l.written[id] <= began {
			note(id, seen.object)
		}
	}
	if l.calls--; l.calls == 0 {
		clear(l.written) // no answer is older than any write
	}
	return sights, err
}

// wrote says that a code was, or may have been, changed through Seam: what it looked like before is no answer any more.
func (l *looks) wrote(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.last, id)
	l.writes++
	if l.calls > 0 {
		l.written[id] = l.writes
	}
}

func (l *looks) remember(id string, code *seam.AccessCode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[id] = lastSight{print: l.print(code)}
}

// forgetOthers drops what is known of codes that are no longer anybody's.
func (l *looks) forgetOthers(ids []string) {
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.last {
		if !known[id] {
			delete(l.last, id)
		}
	}
	for id := range l.expected {
		if !known[id] {
			delete(l.expected, id)
		}
	}
}
