// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

const (
	// lockShare says that one code in a hundred is changed at its lock.
	lockShare = 100
	// lockSpread is over how long the changes are spread, so that they meet a poll of events at every phase.
	lockSpread = 20 * time.Second
)

// lockChange is a change at a lock that the operator is to notice.
type lockChange struct {
	code    plainCode
	id      string
	at      time.Time
	took    time.Duration
	noticed bool
}

// lockChanges changes codes at their locks and waits until each AccessCode shows it, or the code is put back.
func (r *round) lockChanges(ctx context.Context) (figures, error) {
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	changes, err := r.changeLocks(ctx)
	if err != nil {
		return figures{}, err
	}
	err = until(ctx, r.settings.patience, "noticing", func(ctx context.Context) (bool, error) {
		return r.lookAt(ctx, changes)
	})
	missed := 0
	var samples []time.Duration
	for _, c := range changes {
		if !c.noticed {
			missed++
			continue
		}
		samples = append(samples, c.took)
	}
	if err != nil && !isLate(err) {
		return figures{}, err
	}
	f, err := r.counted(ctx, before, time.Since(before.at))
	f.Latency = summarize(samples, missed)
	return f, err
}

// changeLocks gives one code in a hundred another PIN at its lock, one after the other.
func (r *round) changeLocks(ctx context.Context) ([]*lockChange, error) {
	count := max(1, r.size/lockShare)
	spread := time.NewTicker(lockSpread / time.Duration(count))
	defer spread.Stop()
	changes := make([]*lockChange, 0, count)
	for n := range count {
		if n > 0 {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-spread.C:
			}
		}
		i := n * r.size / count
		c := &lockChange{code: r.codes[i], id: r.observer.get(mainNamespace, r.codes[i].name).id, at: time.Now()}
		if c.id == "" {
			return nil, fmt.Errorf("changing codes at the lock: %q has none", c.code.name)
		}
		if err := r.sim.changeAtLock(ctx, c.id, newPINOf(i)); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// lookAt looks for what came of the changes that are still open, and says whether none is.
func (r *round) lookAt(ctx context.Context, changes []*lockChange) (bool, error) {
	open := 0
	for _, c := range changes {
		if c.noticed {
			continue
		}
		if err := r.lookAtChange(ctx, c); err != nil {
			return false, err
		}
		if !c.noticed {
			open++
		}
	}
	return open == 0, nil
}

func (r *round) lookAtChange(ctx context.Context, c *lockChange) error {
	var shown time.Time
	if turned := r.observer.get(mainNamespace, c.code.name).turnedAt; turned.After(c.at) {
		shown = turned
	}
	// One that is gone was put back as another code, which the status tells.
	remote, err := r.sim.code(ctx, c.id)
	if err != nil && !errors.Is(err, localcluster.ErrNotFound) {
		return err
	}
	if back := remote.UpdatedAt; back.After(c.at) && (shown.IsZero() || back.Before(shown)) {
		shown = back
	}
	if !shown.IsZero() {
		c.noticed, c.took = true, shown.Sub(c.at)
	}
	return nil
}
