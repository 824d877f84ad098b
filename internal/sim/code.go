// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"strings"
	"time"
)

// The states of access_code.status.
const (
	statusUnset    = "unset"
	statusSetting  = "setting"
	statusSet      = "set"
	statusRemoving = "removing"
	statusUnknown  = "unknown"
)

// operation is what the service is doing with the lock for a code.
type operation int

const (
	opNone     operation = iota
	opSet                // programming; status setting
	opSchedule           // programming ahead of the window; status unset
	opRemove             // taking off; status removing
	opConvert            // taking an unmanaged code over
)

// accessCode is one code as the service knows it. AccessCode is what the wire shows.
type accessCode struct {
	id        string
	sequence  int64
	createdAt time.Time
	updatedAt time.Time // by /access_codes/update; zero when never
	device    *device
	managed   bool

	name   *string
	pin    string // empty until the provider has chosen one
	window *window
	status string

	commonKey       *string
	backup          bool        // made for the backup pool; hidden from lists
	primary         *accessCode // of a backup that has been pulled
	pulled          *accessCode // the backup that stands in for this code
	usesPool        bool        // turns the pool of its device on
	offline         bool
	oneTime         bool
	externalAllowed bool
	preferNative    bool

	op          operation
	opStarted   time.Time
	opDone      time.Time
	delayWarned bool
	onLock      bool    // the lock knows a form of it
	shownName   *string // the name as the lock has it
	scheduled   bool    // on a native lock ahead of its window

	mutations []Mutation
	errors    []Issue // its own; those of the device are added when it is shown
	warnings  []Issue
	ordered   []Issue    // of either kind, by AddIssue
	attempts  []*attempt // still pending

	// Of unmanaged codes only.
	elsewhere   bool // another workspace manages it
	undeletable bool // the provider lets nobody delete it from outside
	force       bool // the conversion underway takes it from another workspace

	due  time.Time // next transition, when slot > 0
	slot int       // place in the heap plus one
}

func (c *accessCode) kind() string {
	if c.window == nil {
		return "ongoing"
	}
	return "time_bound"
}

// native reports whether the lock keeps the window by itself.
func (c *accessCode) native() bool {
	return c.window != nil && c.device.NativeScheduling && c.preferNative && !c.offline
}

// programAt is when the service starts to program the lock: 72 h before the start where the lock keeps windows by itself, one
// hour before where it does not.
func (c *accessCode) programAt() time.Time {
	switch {
	case c.window == nil || c.offline:
		return c.createdAt
	case c.native():
		return c.window.starts.Add(-72 * time.Hour)
	}
	return c.window.starts.Add(-time.Hour)
}

// blocked reports whether an error keeps the current operation from ending.
func (c *accessCode) blocked() bool {
	for _, e := range c.ownErrors() {
		if c.blocks(e.ErrorCode) {
			return true
		}
	}
	return false
}

func (c *accessCode) blocks(errorCode string) bool {
	if c.op == opRemove {
		return errorCode == errFailedToRemove || errorCode == errStillActive
	}
	switch errorCode {
	case errFailedToSet, errNoSpace, errDuplicate, errConstraints, errFailedToIssue, errFailedToUpdate:
		return true
	}
	return false
}

// reachable reports whether the operation can go on. It needs no lock for an offline code, nor to remove what the lock never
// had.
func (c *accessCode) reachable() bool {
	return c.offline || c.op == opRemove && !c.onLock || c.device.reachable()
}

func (c *accessCode) nameOr(standard string) string {
	if c.name == nil {
		return standard
	}
	return *c.name
}

// matches is the partial, case-blind comparison of `search`.
func (c *accessCode) matches(search string) bool {
	search = strings.ToLower(search)
	return strings.Contains(strings.ToLower(c.nameOr("")), search) ||
		strings.Contains(c.pin, search) || strings.Contains(c.id, search)
}

func without(list []Issue, codes ...string) []Issue {
	kept := make([]Issue, 0, len(list))
	for _, issue := range list {
		if !issue.is(codes...) {
			kept = append(kept, issue)
		}
	}
	return kept
}
