// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import "time"

// After a false alarm, the next one is not heeded for a while: longer each time.
const (
	firstCalm = time.Minute
	maxCalm   = 15 * time.Minute
)

// alarms are the suspicions that Seam takes the credentials of a workspace no more. A call may be refused with credentials
// that every check finds good; that must not disconnect the workspace again and again.
type alarms struct {
	// version is that of the credentials that are suspected, "" when none are.
	version string
	// untrue counts the alarms in a row that turned out to be false.
	untrue int
	// calm is until when no alarm is heeded.
	calm time.Time
}

// raise says whether the alarm is heeded.
func (a *alarms) raise(version string, now time.Time) bool {
	if now.Before(a.calm) {
		return false
	}
	if now.Sub(a.calm) > maxCalm {
		a.untrue = 0
	}
	a.version = version
	return true
}

// checked learns that Seam takes this version of the credentials.
func (a *alarms) checked(version string, now time.Time) {
	switch a.version {
	case "":
		return
	case version:
		a.calm = now.Add(min(firstCalm<<min(a.untrue, 8), maxCalm))
		a.untrue++
	default:
		*a = alarms{}
	}
	a.version = ""
}
