// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showWindow takes the time-bound code to the start of its window and past its end, which is past that of the offline
// code, too.
func (d *demo) showWindow(ctx context.Context) error {
	code, offline := d.cast.timeBound, d.cast.offline
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
	d.out.say("Simulator: %q is set on the lock. Now the clock goes to the end of the window, by when that of the offline\n"+
		"code %q is over, too.\n", code.RemoteName(), offline.RemoteName())
	if err := d.goTo(ctx, remote.EndsAt, code, offline); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		last: map[string]string{code.Name: v1alpha1.ReasonExpired, offline.Name: v1alpha1.ReasonExpired},
		remote: func(state remoteState) error {
			return errors.Join(state.none(code.RemoteName()), state.none(offline.RemoteName()))
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q and %q are off their locks.", code.RemoteName(), offline.RemoteName())
	return nil
}

// goTo advances the simulator's clock just past a moment and has the operator look at the codes.
func (d *demo) goTo(ctx context.Context, moment time.Time, codes ...*v1alpha1.AccessCode) error {
	state, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	if err := d.sim.advance(ctx, wholeSeconds(moment.Sub(state.Now))); err != nil {
		return err
	}
	return d.lookNow(ctx, codes...)
}

// wholeSeconds rounds up: no moment may be missed by the part of a second.
func wholeSeconds(d time.Duration) time.Duration {
	return max(d, 0).Truncate(time.Second) + time.Second
}
