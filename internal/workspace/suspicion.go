// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"time"

	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/utils/clock"
)

// After credentials were suspected and found good, they are not suspected again for a quiet time: longer each time.
const (
	firstQuiet = time.Minute
	maxQuiet   = 15 * time.Minute
)

// credentialBackoff limits how often the credentials of a workspace are suspected. Seam may refuse a call with
// credentials that every check finds good. That must not disconnect the workspace again and again.
type credentialBackoff struct {
	// suspected is the version of the credentials that are suspected, "" when none are.
	suspected string
	// quiet has the current quiet time, under the one key quietKey.
	quiet *flowcontrol.Backoff
}

const quietKey = "credentials"

func newCredentialBackoff(c clock.PassiveClock) credentialBackoff {
	quiet := flowcontrol.NewBackOff(firstQuiet, maxQuiet)
	quiet.Clock = backoffClock{passive: c}
	return credentialBackoff{quiet: quiet}
}

// suspect reports whether the credentials may be suspected now, and notes that they are.
func (b *credentialBackoff) suspect(version string, now time.Time) bool {
	if b.quiet.IsInBackOffSinceUpdate(quietKey, now) {
		return false
	}
	b.suspected = version
	return true
}

// checked notes that Seam takes this version of the credentials. The suspicion was false only if it was about that
// version.
func (b *credentialBackoff) checked(version string, now time.Time) {
	switch b.suspected {
	case "":
		return
	case version:
		b.quiet.Next(quietKey, now)
	default:
		b.quiet.Reset(quietKey)
	}
	b.suspected = ""
}

// backoffClock makes a whole clock of a passive one. A Backoff asks it for nothing but the time.
type backoffClock struct {
	clock.RealClock
	passive clock.PassiveClock
}

// Now is the time.
func (c backoffClock) Now() time.Time { return c.passive.Now() }

// Since is the time that has passed since then.
func (c backoffClock) Since(t time.Time) time.Duration { return c.passive.Since(t) }
