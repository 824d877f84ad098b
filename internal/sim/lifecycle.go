// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "time"

// This file has the life of a code: which transition of a code comes next, and what happens then.

// transition is one step that is due at a time, if it is possible at all.
type transition struct {
	name     step
	at       time.Time
	possible bool
}

type step int

const (
	stepNone    step = iota
	stepProgram      // turn to the lock
	stepStart        // the window opens
	stepDone         // the operation ends
	stepDelay        // the operation takes too long
	stepExpire       // the window closes
)

// nextTransition returns the earliest transition of a code. Of several at the same time, the first candidate counts: success
// goes before warnings and errors.
func (w *world) nextTransition(c *accessCode) transition {
	var next transition
	for _, candidate := range w.candidates(c) {
		if candidate.possible && (next.name == stepNone || candidate.at.Before(next.at)) {
			next = candidate
		}
	}
	return next
}

func (w *world) candidates(c *accessCode) []transition {
	busy := c.op != opNone
	if !c.managed {
		// An unmanaged code has no life of its own: it is only converted or removed.
		return []transition{{stepDone, c.opDone, busy && c.reachable()}}
	}
	waiting := c.status == statusUnset
	list := []transition{
		{stepDone, c.opDone, busy && c.reachable() && !c.blocked()},
		{stepDelay, c.opStarted.Add(w.opts.DelayAfter), busy && !c.delayWarned},
		{stepProgram, c.programAt(), !busy && waiting && !c.scheduled},
	}
	if c.window != nil {
		list = append(list,
			transition{stepStart, c.window.starts, waiting && (c.scheduled || c.op == opSchedule)},
			transition{stepExpire, c.window.ends, c.op != opRemove})
	}
	return list
}

func (w *world) nextDue(c *accessCode) (time.Time, bool) {
	t := w.nextTransition(c)
	return t.at, t.name != stepNone
}

// step carries out the transition that is due now.
func (w *world) step(c *accessCode) {
	switch w.nextTransition(c).name {
	case stepProgram:
		w.program(c, nil)
	case stepStart:
		w.open(c)
	case stepDone:
		w.finish(c)
	case stepDelay:
		w.warnOfDelay(c)
	case stepExpire:
		w.remove(c)
	case stepNone:
	}
}

// program decides what the lock is to have now and starts the operation for it. changes are the pending mutations of an update;
// they vanish at once where nothing is on the lock yet.
func (w *world) program(c *accessCode, changes []Mutation) {
	c.errors = without(c.errors, errFailedToSet, errNoSpace, errDuplicate)
	c.scheduled = false
	if at := c.programAt(); at.After(w.now) {
		w.putOff(c, at)
		return
	}
	fresh := !c.onLock
	ahead := c.native() && c.window.starts.After(w.now)
	if ahead {
		w.start(c, opSchedule, statusUnset, w.opts.SetDelay)
	} else {
		w.start(c, opSet, statusSetting, w.opts.SetDelay)
	}
	c.mutations = changes
	if fresh {
		c.mutations = append([]Mutation{w.mutation(mutationCreating, nil, nil)}, changes...)
	}
	if problem, found := w.obstacle(c); found {
		w.block(c, problem)
	}
}

// putOff schedules a code for later. What the lock had of it is removed at once.
func (w *world) putOff(c *accessCode, until time.Time) {
	if c.onLock {
		c.onLock = false
		w.emit(c, eventRemoved, nil)
	}
	c.op, c.status = opNone, statusUnset
	deferral := w.mutation(mutationDeferring, nil, nil)
	deferral.ScheduledAt = stamp(until)
	c.mutations = []Mutation{deferral}
}

func (w *world) start(c *accessCode, op operation, status string, takes time.Duration) {
	c.op, c.status = op, status
	c.opStarted, c.opDone = w.now, w.now.Add(takes)
	c.delayWarned = false
	c.warnings = without(c.warnings, warnDelaySetting, warnDelayRemoving)
}

// open handles the start of the window: a code that is on the lock starts to work, one that is not is now late.
func (w *world) open(c *accessCode) {
	if c.scheduled {
		c.status = statusSet
		w.emit(c, eventSet, fields{"code": c.pin})
		return
	}
	c.op, c.status = opSet, statusSetting
}

// finish ends the operation with success.
func (w *world) finish(c *accessCode) {
	op := c.op
	switch op {
	case opRemove:
		w.vanish(c)
		return
	case opConvert:
		w.convert(c)
		return
	case opNone, opSet, opSchedule:
	}
	c.op = opNone
	c.shownName = c.name
	c.onLock = !c.offline
	c.mutations = nil
	c.errors = without(c.errors, errConflict)
	c.warnings = without(c.warnings, warnDelaySetting, warnExternal)
	if c.pin == "" {
		w.assignPIN(c)
	}
	if op == opSchedule {
		c.scheduled = true
		w.emit(c, eventScheduled, fields{"code": c.pin})
		return
	}
	c.status = statusSet
	w.emit(c, eventSet, fields{"code": c.pin})
	if c.pooled() {
		w.tendPool(c.device)
	}
}

// remove starts the removal of a code, on delete and at the end of its window.
func (w *world) remove(c *accessCode) {
	c.scheduled = false
	w.start(c, opRemove, statusRemoving, w.opts.RemoveDelay)
	c.errors = without(c.errors, errFailedToSet, errNoSpace, errDuplicate)
	c.mutations = []Mutation{w.mutation(mutationDeleting, nil, nil)}
}

// vanish removes the object: from now on get answers 404.
func (w *world) vanish(c *accessCode) {
	if !c.managed {
		w.emit(c, eventForeignRemoved, nil)
		w.dropCode(c)
		return
	}
	if c.onLock {
		w.emit(c, eventRemoved, nil)
	}
	w.emit(c, eventDeleted, fields{"code": c.pin})
	w.dropCode(c)
}

func (w *world) warnOfDelay(c *accessCode) {
	c.delayWarned = true
	if c.op == opRemove {
		c.warnings = append(c.warnings, w.warning(warnDelayRemoving, "There is a delay in removing the access code from the device."))
		w.emit(c, eventDelayRemoving, c.issueFields())
		return
	}
	c.warnings = append(c.warnings, w.warning(warnDelaySetting, "There is a delay in setting the access code on the device."))
	w.emit(c, eventDelaySetting, c.issueFields())
}
