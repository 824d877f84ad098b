// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

// obstacle looks for what keeps a lock from taking a code. The API accepts such a
// code all the same; the error shows on the object until the obstacle is gone.
func (w *world) obstacle(c *accessCode) (Issue, bool) {
	if c.offline || c.op == opRemove {
		return Issue{}, false
	}
	d := c.device
	if foreign := d.foreign[c.pin]; foreign != nil && c.pin != "" {
		problem := w.codeError(errDuplicate, "Duplicate access code detected on the device.")
		problem.UnmanagedAccessCodeID = foreign.id
		return problem, true
	}
	if d.MaxActiveCodes > 0 && d.slotsUsed(c) >= d.MaxActiveCodes {
		return w.codeError(errNoSpace, "The device has no space for more access codes."), true
	}
	return Issue{}, false
}

// block puts an error on the code, which halts the operation if it is one that blocks.
func (w *world) block(c *accessCode, problem Issue) {
	c.errors = append(without(c.errors, problem.ErrorCode), problem)
	event := eventFailedSetting
	if problem.ErrorCode == errFailedToRemove {
		event = eventFailedRemoving
	}
	w.emit(c, event, c.issueFields())
}

// retryBlocked gives every code that waited for space or for its PIN another try.
func (w *world) retryBlocked(d *device) {
	if d.MaxActiveCodes == 0 && !d.hadForeign {
		return // nothing on this lock can have blocked a code
	}
	for _, c := range codesOf(d) {
		if !hasIssue(c.errors, errNoSpace, errDuplicate) {
			continue
		}
		if _, still := w.obstacle(c); !still {
			c.errors = without(c.errors, errNoSpace, errDuplicate)
			w.restart(c)
		}
	}
}

// restart gives the operation its full time again, as after a lock came back.
func (w *world) restart(c *accessCode) {
	takes := w.opts.SetDelay
	if c.op == opRemove {
		takes = w.opts.RemoveDelay
	}
	c.opDone = w.now.Add(takes)
	w.schedule(c)
}

// slotsUsed counts the places that other codes have or are about to have on the lock.
func (d *device) slotsUsed(except *accessCode) int {
	used := 0
	for _, c := range d.codes {
		underway := (c.op == opSet || c.op == opSchedule) && !c.blocked() && !c.offline
		if c != except && (c.onLock || underway) {
			used++
		}
	}
	return used
}
