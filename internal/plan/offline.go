// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// day is the larger of the two units to which providers round the window of an offline code. The other is the hour.
const day = 24 * time.Hour

// offlineWindowDiffers says whether the window of an offline code is not what its provider makes of the wanted one. For the
// spec that the code was created with, any move within the allowed rounding is accepted. After a change of the spec, only the
// wanted window, rounded outwards, is still right: any other shuts somebody out, or lets somebody in.
func offlineWindowDiffers(want Desired, known Known, remote *seam.AccessCode) bool {
	starts, ends := *remote.StartsAt, *remote.EndsAt
	if known.Applied {
		slack := roundingSlack(want)
		return !near(want.Window.StartsAt, starts, slack) || !near(want.Window.EndsAt, ends, slack)
	}
	return !isRounded(want.Window.EndsAt, ends, want.Rounding, known.Zone) ||
		!isRounded(starts, want.Window.StartsAt, want.Rounding, known.Zone)
}

// roundingSlack is how far a provider may move either end of a window. A day may have 25 hours.
func roundingSlack(want Desired) time.Duration {
	if want.Rounding >= day {
		return want.Rounding + zoneTolerance
	}
	return max(timeTolerance, want.Rounding)
}

// isRounded says that later is earlier rounded up: it is the same time, or follows within an hour, or, in the lock's zone, on
// the same day. An end is rounded up, a start is rounded down.
func isRounded(earlier, later time.Time, unit time.Duration, zone *time.Location) bool {
	moved := later.Sub(earlier)
	switch {
	case moved.Abs() <= timeTolerance:
		return true
	case moved < 0:
		return false
	case unit < day:
		return moved < unit
	case zone == nil:
		return moved < unit+time.Hour
	}
	return !later.After(schedule.EndOfDay(earlier, zone).Add(timeTolerance))
}

// NeedsZone says that the lock's time zone decides whether the window of an offline code is as wanted.
func NeedsZone(want Desired, known Known, remote *seam.AccessCode) bool {
	return want.Offline && want.Window != nil && want.Rounding >= day && !known.Applied &&
		remote != nil && remote.StartsAt != nil && remote.EndsAt != nil && !sameWindow(want.Window, remote)
}

func sameWindow(w *Window, remote *seam.AccessCode) bool {
	return near(w.StartsAt, *remote.StartsAt, timeTolerance) && near(w.EndsAt, *remote.EndsAt, timeTolerance)
}

// movedWindow says, as the rest of a message, that the provider or Seam has moved the window of a code, and what it is now; ""
// where it was not moved.
func movedWindow(want Desired, remote *seam.AccessCode) string {
	if want.Window == nil || remote.StartsAt == nil || remote.EndsAt == nil || sameWindow(want.Window, remote) {
		return ""
	}
	times := fmt.Sprintf(": from %s until %s", remote.StartsAt.UTC().Format(time.RFC3339), remote.EndsAt.UTC().Format(time.RFC3339))
	switch {
	case want.Offline:
		return ". The provider has moved its window" + times
	case hasWarning(remote, warningWindowAdjusted):
		return ". Seam has moved its window, as it does not know the lock's time zone" + times
	}
	return ""
}

// offlineRemedy is the advice for an offline code whose spec was changed, as nobody can change such a code.
func offlineRemedy(remote *seam.AccessCode) string {
	until := ""
	if remote.EndsAt != nil {
		until = ", until " + remote.EndsAt.UTC().Format(time.RFC3339)
	}
	return "undo the change, or create an AccessCode of another name beside this one, which goes on to work" + until +
		". To keep the name, set spec.deletionPolicy to Orphan, delete this one, and apply it again"
}

// endedOffline says that an offline code can't open the lock any more, though Seam still shows it: the PIN itself says until
// when it is valid. Nothing removes such a code.
func endedOffline(remote *seam.AccessCode, now time.Time) bool {
	if !remote.IsOfflineAccessCode || !isPast(remote.EndsAt, now.Add(-removalGrace)) {
		return false
	}
	_, troubled := troubleOf(remote, true)
	return !troubled
}
