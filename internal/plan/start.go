// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// constraintFutureStart is Seam's word for a lock that takes no start in the past.
const constraintFutureStart = "start_date_in_future"

const (
	// startMargin is how far ahead of Seam's time a start has to be when it is sent, so that it is in the future when the call
	// arrives.
	startMargin = 15 * time.Second
	// startTolerance is how far in the future the start of a code may be, where the lock refuses a start in the past, without
	// being sent again.
	startTolerance = 5 * time.Minute
	// startsTried is how many refusals of a start are answered with another form of the request (the start as it is at Seam,
	// then none) before a later start is sent.
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

// updateWindow is the window that an update sends. While the code is in its window, a later start would shut somebody out until
// then. So the start stays as it is at Seam. Where the lock refuses even that, no start is sent, which leaves it as it is, too.
// Only where both are refused is a later start sent: a person has changed the window, and a minute outside the door now is
// better than an end that can't be moved.
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

// startsSoonEnough says that a code starts about as soon as the lock allows, although later than wanted.
func startsSoonEnough(want Desired, known Known, remote *seam.AccessCode, now time.Time) bool {
	return known.futureStart() && !want.Window.StartsAt.After(now.Add(startMargin)) && !remote.StartsAt.After(now.Add(startTolerance))
}

func (k Known) futureStart() bool { return k.FutureStart || k.StartRefusals > 0 }

// nextStart is the next full minute that is still in the future when a call arrives, and a minute later after each further
// refusal.
func (k Known) nextStart(now time.Time) time.Time {
	later := time.Duration(max(0, k.StartRefusals-startsTried)) * time.Minute
	return now.Add(startMargin + later).Truncate(time.Minute).Add(time.Minute)
}
