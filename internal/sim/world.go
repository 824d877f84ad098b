// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"slices"
	"time"
)

// world is everything the service knows. It has no lock and no clock of its own:
// Server brings it to now and calls it alone.
type world struct {
	opts       Options
	now        time.Time
	workspaces map[string]*workspace
	tokens     map[string]credential
	sessions   map[string]*clientSession // by token
	users      map[userKey][]string      // connected accounts
	devices    map[string]*device
	codes      map[string]*accessCode // managed and unmanaged, all workspaces
	due        dueHeap
	events     eventLog
	webhooks   webhookBook
	attempts   attemptLog
	limits     rateLimits
	shown      map[string]struct{} // ids of codes that reads have answered since Mark; nil before it
	sequence   int64               // counts what is created; gives lists their order
}

func newWorld(o Options) *world {
	return &world{
		opts:       o,
		workspaces: map[string]*workspace{},
		tokens:     map[string]credential{},
		sessions:   map[string]*clientSession{},
		users:      map[userKey][]string{},
		devices:    map[string]*device{},
		codes:      map[string]*accessCode{},
		events:     eventLog{limit: o.EventLimit},
		attempts:   attemptLog{limit: o.AttemptLimit, byID: map[string]*attempt{}},
		limits:     rateLimits{on: o.RateLimits, calls: map[limitKey][]time.Time{}},
	}
}

// workspace is one tenant.
type workspace struct {
	Workspace
	devices map[string]*device
}

func (w *world) next() int64 {
	w.sequence++
	return w.sequence
}

// addCode puts a code into all indexes and on the schedule.
func (w *world) addCode(c *accessCode) {
	w.codes[c.id] = c
	c.device.codes[c.id] = c
	c.device.occupy(c)
	if c.pooled() {
		c.device.pool[c.id] = c
	}
	w.schedule(c)
}

// dropCode removes a code from all indexes. Its PIN and its place are free from now on, so that codes of the same lock that
// waited for one of them are tried again.
func (w *world) dropCode(c *accessCode) {
	delete(w.codes, c.id)
	delete(c.device.codes, c.id)
	delete(c.device.pool, c.id)
	c.device.vacate(c)
	w.unschedule(c)
	c.unlink()
	w.retryBlocked(c.device)
	w.tendPool(c.device)
}

// codesOf lists the codes of a device in the order of their creation.
func codesOf(d *device) []*accessCode {
	list := make([]*accessCode, 0, len(d.codes))
	for _, c := range d.codes {
		list = append(list, c)
	}
	sortCodes(list)
	return list
}

func sortCodes(list []*accessCode) {
	slices.SortFunc(list, func(a, b *accessCode) int { return cmp.Compare(a.sequence, b.sequence) })
}
