// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showWindow takes the time-bound code to the start of its window and past its end.
func (d *demo) showWindow(ctx context.Context) error {
	code := d.cast.timeBound
	state, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	remote, err := state.only(code.RemoteName())
	if err != nil {
		return err
	}
	d.out.say("The simulator's clock goes to the start of the window. The operator goes by Seam's time, which it reads off the\n" +
		"Date of each answer; the annotation has it ask at once.\n")
	if err := d.goTo(ctx, remote.StartsAt, code); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		last: map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error {
			now, err := state.only(code.RemoteName())
			if err != nil {
				return err
			}
			return now.is(statusSet, remote.PIN)
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q is set on the lock. Now the clock goes to the end of the window.\n", code.RemoteName())
	if err := d.goTo(ctx, remote.EndsAt, code); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		last:   map[string]string{code.Name: v1alpha1.ReasonExpired},
		remote: func(state remoteState) error { return state.none(code.RemoteName()) },
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q is off the lock.", code.RemoteName())
	return nil
}

// goTo advances the simulator's clock just past a moment and has the operator look.
func (d *demo) goTo(ctx context.Context, moment time.Time, code *v1alpha1.AccessCode) error {
	state, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	if err := d.sim.advance(ctx, wholeSeconds(moment.Sub(state.Now))); err != nil {
		return err
	}
	return d.lookNow(ctx, code)
}

// wholeSeconds rounds up: no moment may be missed by the part of a second.
func wholeSeconds(d time.Duration) time.Duration {
	return max(d, 0).Truncate(time.Second) + time.Second
}
