// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"time"

	"k8s.io/utils/clock"
)

// Options say how a Server behaves. The zero value is a usable empty service
// without rate limits; DefaultOptions is what the real service looks like.
type Options struct {
	// Seed fills the service with the workspaces, keys and devices of seed.go.
	Seed bool
	// Clock is the base of the simulator's time; nil is the real clock. The
	// simulator's own time is this plus what Advance has added.
	Clock clock.PassiveClock
	// SetDelay is how long a code stays in `setting`; zero is 3 s, negative none.
	SetDelay time.Duration
	// RemoveDelay is how long a code stays in `removing`; zero is 3 s, negative none.
	RemoveDelay time.Duration
	// DelayAfter is how long a lock may take before a code carries a delay
	// warning; zero is 5 min.
	DelayAfter time.Duration
	// Latency is how long each request of the API takes before it has its effect, in
	// real time; control endpoints answer at once. A client that hangs up meanwhile has
	// no effect.
	Latency time.Duration
	// RateLimits turns on the documented limits per device and minute.
	RateLimits bool
	// PageSize is how many objects a list answers when the caller sets no
	// `limit`; zero takes the documented default of each endpoint.
	PageSize int
	// EventLimit is how many events are kept, oldest forgotten first; zero is 50,000.
	EventLimit int
	// AttemptLimit is how many action attempts are kept; zero is 10,000.
	AttemptLimit int
	// SessionLifetime is how long a client session lasts; zero is one year.
	SessionLifetime time.Duration
	// SessionsGetWorkspace lets client sessions use /workspaces/get.
	SessionsGetWorkspace bool
	// OmitStatus leaves the deprecated `status` out of the codes that the API shows, as Seam will do. SetOmitStatus changes it
	// while the server runs.
	OmitStatus bool
	// RequestLimit is how many requests the log of /_sim/requests keeps; zero is 1,000.
	RequestLimit int
}

// DefaultOptions are seed data, the real clock and rate limits on.
func DefaultOptions() Options {
	return Options{Seed: true, RateLimits: true}
}

// completed returns the options with every zero value replaced by its default.
func (o Options) completed() Options {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	o.SetDelay = defaultDelay(o.SetDelay, 3*time.Second)
	o.RemoveDelay = defaultDelay(o.RemoveDelay, 3*time.Second)
	o.DelayAfter = defaultDelay(o.DelayAfter, 5*time.Minute)
	if o.EventLimit <= 0 {
		o.EventLimit = 50_000
	}
	if o.AttemptLimit <= 0 {
		o.AttemptLimit = 10_000
	}
	if o.SessionLifetime <= 0 {
		o.SessionLifetime = 365 * 24 * time.Hour
	}
	if o.RequestLimit <= 0 {
		o.RequestLimit = 1_000
	}
	return o
}

func defaultDelay(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return max(d, 0)
}
