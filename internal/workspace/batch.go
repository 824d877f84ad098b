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
	// maxFlights is how many calls of merged looks are under way at once. One alone would merge the most, and have
	// everybody wait for an answer that does not come.
	maxFlights = 2
	// maxBatch bounds the objects of one call, and with them the answer, to some hundred kilobytes.
	maxBatch = 500
	// batchTimeout bounds the calls that are made for one batch: whoever makes them for all is a worker that others wait
	// for, and a batch that has to be halved down to its last object is a thousand calls.
	batchTimeout = 45 * time.Second
)

// sight is what Seam says of an object.
type sight[T any] struct {
	// object is nil when a list did not have it, which proves nothing, or when there is an error.
	object *T
	err    error
}

// look is one look at one object, for everybody who waits for it.
type look[T any] struct {
	done chan struct{} // closed when the sight is there
	sight[T]
}

// batcher merges looks at single objects into few calls: while some are under way, those that come together wait and go
// out as one. It has no goroutine of its own: of those that wait, one makes the call for all.
type batcher[T any] struct {
	// fetch asks for several objects at once. Where it fails half-way, it returns what it has until then, too.
	fetch func(ctx context.Context, ids []string) (map[string]sight[T], error)
	// turn tells one of those who wait that a call may be made.
	turn chan struct{}

	mu      sync.Mutex
	pending []string            // asked for by nobody yet, in the order in which they came
	waiting map[string]*look[T] // of the pending ids
	flights int
}

func newBatcher[T any](fetch func(ctx context.Context, ids []string) (map[string]sight[T], error)) *batcher[T] {
	return &batcher[T]{fetch: fetch, turn: make(chan struct{}, 1), waiting: map[string]*look[T]{}}
}

// get returns an object as it is now: the call that finds out begins after get does.
func (b *batcher[T]) get(ctx context.Context, id string) sight[T] {
	own := b.join(id)
	defer b.passTurn()
	for {
		select {
		case <-own.done:
			return own.sight
		default:
		}
		if batch := b.takeBatch(); batch != nil {
			// Of use to others, too, so that it does not end with whoever makes it.
			b.fly(context.WithoutCancel(ctx), batch)
			continue
		}
		select {
		case <-own.done:
		case <-b.turn:
		case <-ctx.Done():
			return sight[T]{err: fmt.Errorf("waiting for a look at %q: %w", id, ctx.Err())}
		}
	}
}

// join returns the look at an object that has not been asked for yet.
func (b *batcher[T]) join(id string) *look[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	own, ok := b.waiting[id]
	if !ok {
		own = &look[T]{done: make(chan struct{})}
		b.waiting[id] = own
		b.pending = append(b.pending, id)
	}
	return own
}

// takeBatch returns what the next call is to ask for, nil when there is nothing or enough are under way.
func (b *batcher[T]) takeBatch() map[string]*look[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 || b.flights >= maxFlights {
		return nil
	}
	n := min(len(b.pending), maxBatch)
	batch := make(map[string]*look[T], n)
	for _, id := range b.pending[:n] {
		batch[id] = b.waiting[id]
		delete(b.waiting, id)
	}
	b.pending = append([]string(nil), b.pending[n:]...)
	b.flights++
	return batch
}

// fly makes one call for many.
func (b *batcher[T]) fly(ctx context.Context, batch map[string]*look[T]) {
	ids := make([]string, 0, len(batch))
	for id := range batch {
		ids = append(ids, id)
	}
	sights, err := b.fetch(ctx, ids)
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, own := range batch {
		seen, answered := sights[id]
		if !answered {
			seen.err = err
		}
		own.sight = seen
		close(own.done)
	}
	b.flights--
	b.signal()
}

// passTurn has somebody else make the next call, when there is one to make.
func (b *batcher[T]) passTurn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signal()
}

func (b *batcher[T]) signal() {
	if len(b.pending) == 0 || b.flights >= maxFlights {
		return
	}
	select {
	case b.turn <- struct{}{}:
	default: // somebody is told already
	}
}

// fetchMany asks for several objects by one, or by list, for as long as a batch may take. Where Seam can't answer for
// all, because of one id or one object, it asks for each half, so that one of many does not keep the rest from being
// seen. It returns a sight of every object that was asked for, and with an error, of those that it came to.
func fetchMany[T any](
	ctx context.Context, ids []string,
	one func(ctx context.Context, id string) (*T, error), list func(ctx context.Context, ids []string) (map[string]sight[T], error),
) (map[string]sight[T], error) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	sights := make(map[string]sight[T], len(ids))
	return sights, fetchHalves(ctx, ids, one, list, sights)
}

func fetchHalves[T any](
	ctx context.Context, ids []string,
	one func(ctx context.Context, id string) (*T, error), list func(ctx context.Context, ids []string) (map[string]sight[T], error),
	sights map[string]sight[T],
) error {
	if len(ids) == 1 {
		object, err := one(ctx, ids[0])
		if concernsAll(err) {
			return err
		}
		sights[ids[0]] = sight[T]{object: object, err: err}
		return nil
	}
	listed, err := list(ctx, ids)
	switch {
	case err == nil:
		for _, id := range ids {
			sights[id] = listed[id]
		}
		return nil
	case concernsAll(err):
		return err
	}
	for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
		if err := fetchHalves(ctx, half, one, list, sights); err != nil {
			return err
		}
	}
	return nil
}

// concernsAll says that an error has nothing to do with what was asked for: not so one that Seam gives for an id, or an
// answer that can't be read.
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
