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
	// keptFor is how long a code that a sweep has read may answer the next read of it.
	keptFor = 2 * time.Minute
	// ahead is how long before its time an expected read may join a call for other codes. The code that it finds is kept until
	// then, and a moment longer, until the caller that expects it has a worker.
	ahead        = 250 * time.Millisecond
	expectedKept = ahead + 2*time.Second
)

// codeResult is what Seam says about a code.
type codeResult = result[seam.AccessCode]

// codeReader reads the codes of a workspace, and merges reads into few calls. It remembers a fingerprint of each code, to see
// what has changed. It keeps the code itself, and with it a PIN, only while a read may still use it.
type codeReader struct {
	// fetch reads several codes in one call. When it fails half-way, it also returns what it has read until then.
	fetch func(ctx context.Context, ids []string) (map[string]codeResult, error)
	// confirm reads one code that a list did not contain.
	confirm func(ctx context.Context, id string) (*seam.AccessCode, error)
	clock   clock.PassiveClock
	batch   *batcher[seam.AccessCode]
	seed    maphash.Seed

	mu   sync.Mutex
	last map[string]lastResult
	// expected is when the next read of a code is due.
	expected map[string]time.Time
	// calls counts the calls under way. writes counts the writes to codes, and written has the value of writes after the last
	// write to each code, while a call that began before that write may still be answered.
	calls   int
	writes  uint64
	written map[string]uint64
}

// lastResult is a code as it was last read.
type lastResult struct {
	// fingerprint covers the whole code.
	fingerprint uint64
	// kept is the code itself, for the next read of it before until; nil once it was used or is too old. lasts is how long it
	// was to be kept.
	kept  *seam.AccessCode
	until time.Time
	lasts time.Duration
}

func newCodeReader(c clock.PassiveClock) *codeReader {
	l := &codeReader{
		clock: c, seed: maphash.MakeSeed(),
		last: map[string]lastResult{}, expected: map[string]time.Time{}, written: map[string]uint64{},
	}
	l.batch = newBatcher(l.fetchWaited)
	return l
}

// get returns a code as it is now. It makes no call when the code has just been read by a sweep, or along with others, and was
// not written to since.
func (r *codeReader) get(ctx context.Context, id string) (*seam.AccessCode, error) {
	if code := r.takeKept(id); code != nil {
		return code, nil
	}
	seen := r.batch.get(ctx, id)
	if seen.object != nil || seen.err != nil {
		return seen.object, seen.err
	}
	// A list leaves out backups: that a code is not in it proves nothing.
	code, err := r.confirm(ctx, id)
	if err == nil {
		r.remember(id, code)
	}
	return code, err
}

// takeKept returns the kept code and forgets it; nil when there is none.
func (r *codeReader) takeKept(id string) *seam.AccessCode {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.expected, id)
	last, ok := r.last[id]
	if !ok || last.kept == nil {
		return nil
	}
	r.last[id] = lastResult{fingerprint: last.fingerprint}
	if !r.fresh(last) {
		return nil
	}
	return last.kept
}

// fresh reports whether a kept code may still be used. It may be too old, or kept before the clock was set back.
func (r *codeReader) fresh(s lastResult) bool {
	left := s.until.Sub(r.clock.Now())
	return left > 0 && left <= s.lasts
}

// fingerprint returns the fingerprint of all fields of a code.
func (r *codeReader) fingerprint(code *seam.AccessCode) uint64 {
	return maphash.String(r.seed, dump.ForHash(code))
}

// keep returns a lastResult with the code, for the next read. It holds a copy, so that the page that the code came with can be
// freed.
func (r *codeReader) keep(code *seam.AccessCode, lasts time.Duration) lastResult {
	kept := *code
	return lastResult{fingerprint: r.fingerprint(code), kept: &kept, until: r.clock.Now().Add(lasts), lasts: lasts}
}

// expect records when a code will be read again. A call for other codes includes it once that time has come.
func (r *codeReader) expect(id string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expected[id] = at
}

// due returns the codes whose expected read is near, at most a number of them, and removes them from those expected.
func (r *codeReader) due(most int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	now := r.clock.Now()
	for id, at := range r.expected {
		if len(ids) >= most {
			break
		}
		if at.Sub(now) <= ahead {
			ids = append(ids, id)
			delete(r.expected, id)
		}
	}
	return ids
}

// fetchWaited reads the codes that are waited for, and with them those whose expected read is near.
func (r *codeReader) fetchWaited(ctx context.Context, ids []string) (map[string]codeResult, error) {
	waited := make(map[string]bool, len(ids))
	for _, id := range ids {
		waited[id] = true
	}
	for _, id := range r.due(maxBatch - len(ids)) {
		if !waited[id] {
			ids = append(ids, id)
		}
	}
	return r.observe(ctx, ids, func(id string, code *seam.AccessCode) {
		switch {
		case code == nil:
		case waited[id]:
			r.last[id] = lastResult{fingerprint: r.fingerprint(code)}
		default:
			r.last[id] = r.keep(code, expectedKept)
		}
	})
}

// sweep reads many codes in whole pages and returns those that have changed: different from last time, gone, unreadable, or
// never read before. It keeps the changed codes for the read that follows. all says that ids are all codes of the workspace, so
// that others are forgotten. It goes on after a page that was answered in part.
func (r *codeReader) sweep(ctx context.Context, ids []string, all bool) (changed []string, err error) {
	if all {
		r.forgetOthers(ids)
	}
	for len(ids) > 0 {
		page := ids[:min(len(ids), maxBatch)]
		ids = ids[len(page):]
		results, pageErr := r.observe(ctx, page, func(id string, code *seam.AccessCode) {
			if code == nil {
				delete(r.last, id)
				changed = append(changed, id)
				return
			}
			switch last, ok := r.last[id]; {
			case !ok || last.fingerprint != r.fingerprint(code):
				r.last[id] = r.keep(code, keptFor)
				changed = append(changed, id)
			case !r.fresh(last):
				last.kept = nil
				r.last[id] = last
			}
		})
		err = cmp.Or(err, pageErr)
		if pageErr != nil && len(results) == 0 {
			return changed, err
		}
	}
	return changed, err
}

// observe makes a call and hands each code of the answer to note, nil for one that the answer lacks. It leaves out codes that
// were written to meanwhile: the answer may be older than the write, and whoever wrote reads the code again.
func (r *codeReader) observe(ctx context.Context, ids []string, note func(id string, code *seam.AccessCode)) (map[string]codeResult, error) {
	r.mu.Lock()
	r.calls++
	began := r.writes
	r.mu.Unlock()
	results, err := r.fetch(ctx, ids)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if seen, answered := results[id]; answered && r.written[id] <= began {
			note(id, seen.object)
		}
	}
	if r.calls--; r.calls == 0 {
		clear(r.written) // no answer is older than any write
	}
	return results, err
}

// wrote records that a code was, or may have been, changed by a call of ours. What was known of it must not be used any more.
func (r *codeReader) wrote(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, id)
	r.writes++
	if r.calls > 0 {
		r.written[id] = r.writes
	}
}

func (r *codeReader) remember(id string, code *seam.AccessCode) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[id] = lastResult{fingerprint: r.fingerprint(code)}
}

// forgetOthers drops what is known of all codes but these.
func (r *codeReader) forgetOthers(ids []string) {
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.last {
		if !known[id] {
			delete(r.last, id)
		}
	}
	for id := range r.expected {
		if !known[id] {
			delete(r.expected, id)
		}
	}
}
