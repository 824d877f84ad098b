// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// maxInFlight is how many calls are under way at once. A single one would merge the most reads, but one that is not
	// answered would hold up all.
	maxInFlight = 2
	// maxBatch bounds the objects of one call, and thereby its answer to some hundred kilobytes.
	maxBatch = 500
	// batchTimeout bounds the calls for one batch, which one worker makes while the others wait. A batch that has to be halved
	// down to single objects would take a thousand calls.
	batchTimeout = 45 * time.Second
)

// result is what Seam says about an object.
type result[T any] struct {
	// object is nil after an error, and when a list did not contain it, which proves nothing.
	object *T
	err    error
}

// read is one read of one object, shared by all who wait for it.
type read[T any] struct {
	done chan struct{} // closed when the result is there
	result[T]
}

// batcher merges reads of single objects into few calls. While maxInFlight calls are under way, reads wait; all that wait go
// out as the next call. It has no goroutine of its own: one of the waiting callers makes the call for all.
type batcher[T any] struct {
	// fetch reads several objects in one call. When it fails half-way, it also returns what it has read until then.
	fetch func(ctx context.Context, ids []string) (map[string]result[T], error)
	// ready tells one of the waiting callers that a call may be made.
	ready chan struct{}

	mu       sync.Mutex
	pending  []string            // ids waited for and not yet in a request, oldest first
	waiting  map[string]*read[T] // of the pending ids
	inFlight int
}

func newBatcher[T any](fetch func(ctx context.Context, ids []string) (map[string]result[T], error)) *batcher[T] {
	return &batcher[T]{fetch: fetch, ready: make(chan struct{}, 1), waiting: map[string]*read[T]{}}
}

// get returns an object as it is now: the call that it uses was begun after get was called.
func (b *batcher[T]) get(ctx context.Context, id string) result[T] {
	own := b.join(id)
	defer b.wakeNext()
	for {
		select {
		case <-own.done:
			return own.result
		default:
		}
		if batch := b.takeBatch(); batch != nil {
			// Others wait for this call, too: it does not end with the context of the caller that makes it.
			b.send(context.WithoutCancel(ctx), batch)
			continue
		}
		select {
		case <-own.done:
		case <-b.ready:
		case <-ctx.Done():
			return result[T]{err: fmt.Errorf("waiting for a look at %q: %w", id, ctx.Err())}
		}
	}
}

// join returns the read of an object that the next call is to contain.
func (b *batcher[T]) join(id string) *read[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	own, ok := b.waiting[id]
	if !ok {
		own = &read[T]{done: make(chan struct{})}
		b.waiting[id] = own
		b.pending = append(b.pending, id)
	}
	return own
}

// takeBatch returns the reads of the next call, nil when there are none or maxInFlight calls are under way.
func (b *batcher[T]) takeBatch() map[string]*read[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 || b.inFlight >= maxInFlight {
		return nil
	}
	n := min(len(b.pending), maxBatch)
	batch := make(map[string]*read[T], n)
	for _, id := range b.pending[:n] {
		batch[id] = b.waiting[id]
		delete(b.waiting, id)
	}
	b.pending = append([]string(nil), b.pending[n:]...)
	b.inFlight++
	return batch
}

// send makes one call for all reads of a batch.
func (b *batcher[T]) send(ctx context.Context, batch map[string]*read[T]) {
	ids := make([]string, 0, len(batch))
	for id := range batch {
		ids = append(ids, id)
	}
	results, err := b.fetch(ctx, ids)
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, own := range batch {
		seen, answered := results[id]
		if !answered {
			seen.err = err
		}
		own.result = seen
		close(own.done)
	}
	b.inFlight--
	b.signal()
}

// wakeNext makes another waiting caller make the next call, if there is one to make.
func (b *batcher[T]) wakeNext() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signal()
}

func (b *batcher[T]) signal() {
	if len(b.pending) == 0 || b.inFlight >= maxInFlight {
		return
	}
	select {
	case b.ready <- struct{}{}:
	default: // another one was told already
	}
}

// fetchMany reads objects: a single one by get, several by list, for at most batchTimeout. When Seam can't answer because of
// one id or one object, it asks for each half, so that one object does not hide the others. It returns a result for each id;
// with an error, only for those that it has read.
func fetchMany[T any](
	ctx context.Context, ids []string,
	one func(ctx context.Context, id string) (*T, error), list func(ctx context.Context, ids []string) (map[string]result[T], error),
) (map[string]result[T], error) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	results := make(map[string]result[T], len(ids))
	return results, fetchHalves(ctx, ids, one, list, results)
}

func fetchHalves[T any](
	ctx context.Context, ids []string,
	one func(ctx context.Context, id string) (*T, error), list func(ctx context.Context, ids []string) (map[string]result[T], error),
	results map[string]result[T],
) error {
	if len(ids) == 1 {
		object, err := one(ctx, ids[0])
		if concernsAll(err) {
			return err
		}
		results[ids[0]] = result[T]{object: object, err: err}
		return nil
	}
	listed, err := list(ctx, ids)
	switch {
	case err == nil:
		for _, id := range ids {
			results[id] = listed[id]
		}
		return nil
	case concernsAll(err):
		return err
	}
	for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
		if err := fetchHalves(ctx, half, one, list, results); err != nil {
			return err
		}
	}
	return nil
}

// concernsAll reports whether an error has nothing to do with the objects asked for. Otherwise one of the ids, or of the
// objects in the answer, may be the cause.
func concernsAll(err error) bool {
	answered, ok := errors.AsType[*seam.Error](err)
	if !ok {
		return err != nil
	}
	switch answered.Kind {
	case seam.NotFound, seam.InvalidInput, seam.Refused, seam.Duplicate:
		return false
	}
	return answered.Kind != seam.Unavailable || answered.Status != http.StatusOK
}
