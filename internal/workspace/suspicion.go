// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"time"

	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/utils/clock"
)

// The first and the longest quiet time: after suspected credentials were found good, they are not suspected again for so long,
// longer each time.
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

// checked records that Seam accepts this version of the credentials. Only a suspicion of that version was then unfounded.
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

// backoffClock adapts a passive clock to the interface that Backoff wants. Backoff uses nothing but the time.
type backoffClock struct {
	clock.RealClock
	passive clock.PassiveClock
}

// Now returns the time.
func (c backoffClock) Now() time.Time { return c.passive.Now() }

// Since returns the time that has passed since t.
func (c backoffClock) Since(t time.Time) time.Duration { return c.passive.Since(t) }
