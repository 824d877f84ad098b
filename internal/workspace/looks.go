// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// maxFlights is how many calls of merged looks are under way at once. One alone would merge the most, and have
	// everybody wait for an answer that does not come.
	maxFlights = 2
	// maxBatch bounds the codes of one call, and with them the answer, to some hundred kilobytes.
	maxBatch = 500
	// keptFor is how long a look that nobody was waiting for is good for whoever asks next.
	keptFor = 2 * time.Minute
)

// looks merges looks at single codes into few calls: while some are under way, those that come together wait and go
// out as one. It also remembers what each code looked like last. It has no goroutine of its own: of those that wait, one
// makes the call for all.
type looks struct {
	// fetch asks for several codes at once.
	fetch func(ctx context.Context, ids []string) (map[string]sight, error)
	// confirm asks for one code that a list did not have.
	confirm func(ctx context.Context, id string) (*seam.AccessCode, error)
	clock   clock.PassiveClock

	// turn tells one of those who wait that a call may be made.
	turn chan struct{}

	mu      sync.Mutex
	pending []string         // asked for by nobody yet, in the order in which they came
	waiting map[string]*look // of the pending ids
	flights int
	last    map[string]lastSight
	// writes counts the writes to codes, and written has the count at the last write to each, for as long as an answer
	// may be on its way that knows nothing of it.
	writes  uint64
	written map[string]uint64
}

// look is one look at one code, for everybody who waits for it.
type look struct {
	done chan struct{} // closed when sight and err are there
	sight
}

// sight is what Seam says of a code: itself, or that it is not there, or that it can't be told.
type sight struct {
	code *seam.AccessCode // nil when a list did not have it, which proves nothing, or when there is an error
	err  error
}

// lastSight is what a code looked like last.
type lastSight struct {
	code *seam.AccessCode
	// kept says until when the next look may have it; zero once one had.
	kept time.Time
}

func newLooks(c clock.PassiveClock) *looks {
	return &looks{
		clock: c, turn: make(chan struct{}, 1),
		waiting: map[string]*look{}, last: map[string]lastSight{}, written: map[string]uint64{},
	}
}

// get returns a code as it is now: the call that finds out begins after get does, unless the code was swept lately and
// nothing was written to it since.
func (l *looks) get(ctx context.Context, id string) (*seam.AccessCode, error) {
	if code := l.takeKept(id); code != nil {
		return code, nil
	}
	own := l.join(id)
	defer l.passTurn()
	for {
		select {
		case <-own.done:
			return l.result(ctx, id, own.sight)
		default:
		}
		if batch := l.takeBatch(); batch != nil {
			// Of use to others, too, so that it does not end with whoever makes it.
			l.fly(context.WithoutCancel(ctx), batch)
			continue
		}
		select {
		case <-own.done:
		case <-l.turn:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for a look at access code %q: %w", id, ctx.Err())
		}
	}
}

// result asks for a code by itself where the list did not have it: a list leaves out backups, and proves nothing.
func (l *looks) result(ctx context.Context, id string, seen sight) (*seam.AccessCode, error) {
	if seen.code != nil || seen.err != nil {
		return seen.code, seen.err
	}
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
	last, ok := l.last[id]
	if !ok || last.kept.IsZero() {
		return nil
	}
	fresh := l.clock.Now().Before(last.kept) && last.kept.Sub(l.clock.Now()) <= keptFor
	l.last[id] = lastSight{code: last.code}
	if !fresh {
		return nil
	}
	return last.code
}

// join returns the look at a code that has not been asked for yet.
func (l *looks) join(id string) *look {
	l.mu.Lock()
	defer l.mu.Unlock()
	own, ok := l.waiting[id]
	if !ok {
		own = &look{done: make(chan struct{})}
		l.waiting[id] = own
		l.pending = append(l.pending, id)
	}
	return own
}

// takeBatch returns what the next call is to ask for, nil when there is nothing or enough are under way.
func (l *looks) takeBatch() map[string]*look {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == 0 || l.flights >= maxFlights {
		return nil
	}
	n := min(len(l.pending), maxBatch)
	batch := make(map[string]*look, n)
	for _, id := range l.pending[:n] {
		batch[id] = l.waiting[id]
		delete(l.waiting, id)
	}
	l.pending = append([]string(nil), l.pending[n:]...)
	l.flights++
	return batch
}

// fly makes one call for many.
func (l *looks) fly(ctx context.Context, batch map[string]*look) {
	ids := make([]string, 0, len(batch))
	for id := range batch {
		ids = append(ids, id)
	}
	began := l.began()
	sights, err := l.fetch(ctx, ids)
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, own := range batch {
		own.sight = sights[id]
		if err != nil {
			own.sight = sight{err: err}
		}
		if own.code != nil && l.written[id] <= began {
			l.last[id] = lastSight{code: own.code}
		}
		close(own.done)
	}
	l.landed()
}

// passTurn has somebody else make the next call, when there is one to make.
func (l *looks) passTurn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.signal()
}

func (l *looks) signal() {
	if len(l.pending) == 0 || l.flights >= maxFlights {
		return
	}
	select {
	case l.turn <- struct{}{}:
	default: // somebody is told already
	}
}

// began returns the count of writes that an answer to a call made now knows of.
func (l *looks) began() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// landed is called when a call has ended. With none under way, no answer is older than any write.
func (l *looks) landed() {
	if l.flights--; l.flights == 0 {
		clear(l.written)
	}
	l.signal()
}

// wrote says that a code was, or may have been, changed through Seam: what it looked like before is no answer any more.
func (l *looks) wrote(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.last, id)
	l.writes++
	if l.flights > 0 {
		l.written[id] = l.writes
	}
}

func (l *looks) remember(id string, code *seam.AccessCode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[id] = lastSight{code: code}
}

// sweep looks at many codes in whole pages, and returns those that do not look as they did last: changed, gone, not to
// be read, or never seen before. What it saw of them is kept for the look that follows. all says that these are all
// codes of the workspace, so that others may be forgotten.
func (l *looks) sweep(ctx context.Context, ids []string, all bool) (changed []string, err error) {
	if all {
		l.forgetOthers(ids)
	}
	for len(ids) > 0 {
		page := ids[:min(len(ids), maxBatch)]
		ids = ids[len(page):]
		differing, err := l.sweepPage(ctx, page)
		if err != nil {
			return changed, err
		}
		changed = append(changed, differing...)
	}
	return changed, nil
}

// sweepPage makes its call beside those of get, which do not wait for it.
func (l *looks) sweepPage(ctx context.Context, ids []string) (changed []string, err error) {
	l.mu.Lock()
	l.flights++
	began := l.writes
	l.mu.Unlock()
	sights, err := l.fetch(ctx, ids)
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.landed()
	if err != nil {
		return nil, err
	}
	now := l.clock.Now()
	for _, id := range ids {
		code := sights[id].code
		switch {
		case l.written[id] > began:
			// Who wrote looks again.
		case code == nil:
			delete(l.last, id)
			changed = append(changed, id)
		case !reflect.DeepEqual(code, l.last[id].code):
			l.last[id] = lastSight{code: code, kept: now.Add(keptFor)}
			changed = append(changed, id)
		}
	}
	return changed, nil
}

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
}
