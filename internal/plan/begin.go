// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// constraintFutureStart is Seam's word for a lock that takes no begin in the past.
const constraintFutureStart = "start_date_in_future"

const (
	// startMargin is how far ahead of Seam's time a begin is sent that has to be in the future when the call arrives.
	startMargin = 15 * time.Second
	// startTolerance is how far ahead the begin of a code may be that could not be made to begin in the past.
	startTolerance = 5 * time.Minute
	// startsTried is how many of the refusals of a begin lead to another form of it before a later one is sent: the begin
	// as it is at Seam, and none.
	startsTried = 2
)

// NeedsFutureStart says that a lock takes no start in the past.
func NeedsFutureStart(device *seam.Device) bool {
	return slices.ContainsFunc(device.Properties.CodeConstraints, func(c seam.CodeConstraint) bool {
		return c.ConstraintType == constraintFutureStart
	})
}

// CreateWindow is the window that a create sends; nil for an ongoing code. Where the lock takes no start in the past, the window
// has the next start that it takes.
func CreateWindow(want Desired, known Known, now time.Time) *Window {
	window := want.Window
	if window == nil || !known.futureStart() || window.StartsAt.After(now.Add(startMargin)) {
		return window
	}
	return &Window{StartsAt: known.nextStart(now), EndsAt: window.EndsAt}
}

// updateWindow is the window that an update sends. While the code is in its window, moving its begin would shut somebody
// out until then, so the begin stays as it is at Seam; a lock that judges it all the same gets none, which leaves it as
// it is, too. Only a lock that refuses both gets a later begin: a minute outside the door now, announced by a person's
// change, is better than a whole night from the end on that could not be moved.
func updateWindow(want Desired, known Known, remote *seam.AccessCode, now time.Time) *Window {
	begun := isPast(remote.StartsAt, now) && isPast(&want.Window.StartsAt, now)
	switch {
	case begun && known.StartRefusals == 0:
		return &Window{StartsAt: *remote.StartsAt, EndsAt: want.Window.EndsAt}
	case begun && known.StartRefusals < startsTried:
		return &Window{EndsAt: want.Window.EndsAt}
	}
	return CreateWindow(want, known, now)
}

// startsSoonEnough says that a code begins about as soon as the lock lets it, though that is later than wanted.
func startsSoonEnough(want Desired, known Known, remote *seam.AccessCode, now time.Time) bool {
	return known.futureStart() && !want.Window.StartsAt.After(now.Add(startMargin)) && !remote.StartsAt.After(now.Add(startTolerance))
}

func (k Known) futureStart() bool { return k.FutureStart || k.StartRefusals > 0 }

// nextStart is the next full minute that is still ahead when a call arrives; a later one after each refusal.
func (k Known) nextStart(now time.Time) time.Time {
	later := time.Duration(max(0, k.StartRefusals-startsTried)) * time.Minute
	return now.Add(startMargin + later).Truncate(time.Minute).Add(time.Minute)
}
