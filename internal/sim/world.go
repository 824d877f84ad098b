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
	keys       map[string]string // API key to workspace id
	devices    map[string]*device
	codes      map[string]*accessCode // managed and unmanaged, all workspaces
	due        dueHeap
	events     eventLog
	limits     rateLimits
	sequence   int64 // counts what is created; gives lists their order
}

func newWorld(o Options) *world {
	return &world{
		opts:       o,
		workspaces: map[string]*workspace{},
		keys:       map[string]string{},
		devices:    map[string]*device{},
		codes:      map[string]*accessCode{},
		events:     eventLog{limit: o.EventLimit},
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
	w.schedule(c)
}

// dropCode takes a code out of all indexes; its PIN and its slot are free from here on,
// so codes of the same lock that waited for one of them get their turn.
func (w *world) dropCode(c *accessCode) {
	delete(w.codes, c.id)
	delete(c.device.codes, c.id)
	c.device.vacate(c)
	w.unschedule(c)
	w.retryBlocked(c.device)
}

// code finds a code of the workspace, nil when there is none. Managed and unmanaged
// codes are disjoint: each kind of endpoint sees only its own.
func (w *world) code(workspaceID, id string, managed bool) *accessCode {
	c := w.codes[id]
	if c == nil || c.device.WorkspaceID != workspaceID || c.managed != managed {
		return nil
	}
	return c
}

// device finds a device of the workspace, nil when there is none.
func (w *world) device(workspaceID, id string) *device {
	d := w.devices[id]
	if d == nil || d.WorkspaceID != workspaceID {
		return nil
	}
	return d
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
