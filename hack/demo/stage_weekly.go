// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/schedule"
)

// beforeChange is how long before a change of the clock the code is shown: its windows are at most four days apart, and the last one
// before the change is still ahead then.
const beforeChange = 4 * 24 * time.Hour

// showWeekly takes a code from its last window before a change of the clock to its first one after it. In between, it gets another
// PIN.
func (d *demo) showWeekly(ctx context.Context) error {
	code := d.cast.weekly
	zone, change, err := d.nextChange(ctx, code)
	if err != nil {
		return err
	}
	d.out.say("%q may come again and again, by the clock in %s. One code does for all of its windows.\n", code.RemoteName(), zone)
	if err := d.apply(ctx, code); err != nil {
		return err
	}
	if _, err := d.scheduled(ctx, code, time.Time{}); err != nil {
		return err
	}
	d.out.say("The clocks there change at %s. The simulator's goes to four days before that,\npast all windows until then.\n",
		change.UTC().Format(time.RFC3339))
	if err := d.goTo(ctx, change.Add(-beforeChange), code); err != nil {
		return err
	}
	last, err := d.scheduled(ctx, code, change.Add(-beforeChange))
	if err != nil {
		return err
	}
	if err := d.throughWindow(ctx, code, last); err != nil {
		return err
	}
	first, err := d.scheduled(ctx, code, change)
	if err != nil {
		return err
	}
	if err := sameOnTheWall(last.StartsAt, first.StartsAt, zone); err != nil {
		return err
	}
	if first.PIN != last.PIN {
		return fmt.Errorf("the simulator has %q with another PIN after its window than in it", first.Name)
	}
	d.out.say("Simulator: before the change the code works from %s, after it from\n%s: another hour in UTC, "+
		"the same on the wall, and the same PIN.\n", onTheWall(last.StartsAt, zone), onTheWall(first.StartsAt, zone))
	return d.replacePIN(ctx, code, first)
}

// nextChange is the time zone of a code, and the next time that the clocks are changed there which is not too close to be shown.
func (d *demo) nextChange(ctx context.Context, code *v1alpha1.AccessCode) (*time.Location, time.Time, error) {
	state, err := d.sim.state(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("finding the next change of the clock: %w", err)
	}
	zone, err := zones.Load(code.Spec.Schedule.TimeZone)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("finding the next change of the clock: %w", err)
	}
	change, err := changeAfter(state.Now.Add(beforeChange), zone)
	return zone, change, err
}

// changeAfter is the first change of the clock in a time zone after a moment.
func changeAfter(moment time.Time, zone *time.Location) (time.Time, error) {
	_, before := moment.In(zone).Zone()
	// A bound may be of another year or name alone: at most a few are none that anybody sees on the clock.
	for range 8 {
		_, bound := moment.In(zone).ZoneBounds()
		if bound.IsZero() {
			break
		}
		if _, after := bound.In(zone).Zone(); after != before {
			return bound, nil
		}
		moment = bound
	}
	return time.Time{}, fmt.Errorf("the clocks in %s are not changed any more: the sample needs another time zone", zone)
}

// scheduled waits until the code at the simulator has the PIN of its Secret, and a window that begins after a moment.
func (d *demo) scheduled(ctx context.Context, code *v1alpha1.AccessCode, after time.Time) (remoteCode, error) {
	var found remoteCode
	err := d.expect(ctx, expectation{
		last: map[string]string{code.Name: v1alpha1.ReasonScheduled},
		remote: func(state remoteState) error {
			var err error
			if found, err = state.only(code.RemoteName()); err != nil {
				return err
			}
			if !found.StartsAt.After(after) {
				return fmt.Errorf("the simulator has %q from %s, not after %s", found.Name, found.StartsAt, after)
			}
			pin, err := d.pinOf(ctx, code)
			if err != nil {
				return err
			}
			return found.is(statusUnset, pin)
		},
	})
	return found, err
}

// throughWindow takes a code to the start of its window, and past its end.
func (d *demo) throughWindow(ctx context.Context, code *v1alpha1.AccessCode, remote remoteCode) error {
	if err := d.goTo(ctx, remote.StartsAt, code); err != nil {
		return err
	}
	if err := d.worksWith(ctx, code, remote.PIN); err != nil {
		return err
	}
	return d.goTo(ctx, remote.EndsAt, code)
}

// worksWith waits until a code works on the lock, with a PIN.
func (d *demo) worksWith(ctx context.Context, code *v1alpha1.AccessCode, pin redact.Secret) error {
	return d.expect(ctx, expectation{
		last: map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error {
			remote, err := state.only(code.RemoteName())
			if err != nil {
				return err
			}
			return remote.is(statusSet, pin)
		},
	})
}

// replacePIN asks for another PIN and waits until the lock has it.
func (d *demo) replacePIN(ctx context.Context, code *v1alpha1.AccessCode, old remoteCode) error {
	d.out.say("The old PIN has been seen by somebody. The annotation has the operator choose another one.\n")
	err := d.kubectl(ctx, "-n", namespace, "annotate", "accesscode", code.Name, v1alpha1.RotateRequestedAtAnnotation+"=1")
	if err != nil {
		return err
	}
	var renewed remoteCode
	err = d.expect(ctx, expectation{
		last: map[string]string{code.Name: v1alpha1.ReasonScheduled},
		remote: func(state remoteState) error {
			if renewed, err = state.only(code.RemoteName()); err != nil {
				return err
			}
			return renewed.replaces(old)
		},
	})
	if err != nil {
		return err
	}
	if err := d.goTo(ctx, renewed.StartsAt, code); err != nil {
		return err
	}
	pin, err := d.pinOf(ctx, code)
	if err != nil {
		return err
	}
	if err := d.worksWith(ctx, code, pin); err != nil {
		return err
	}
	secret, _ := secretOf(code)
	d.out.say("Simulator: it is the same code, set on the lock with the new PIN, which is in the Secret %s.\n", secret)
	return d.kubectl(ctx, "-n", namespace, "events", "--for", "accesscode/"+code.Name)
}

// replaces is an error when a code is not the one that it was, or still has the PIN that it had.
func (c remoteCode) replaces(old remoteCode) error {
	switch {
	case c.ID != old.ID:
		return fmt.Errorf("the simulator has %q as another code, not as one that was changed", c.Name)
	case c.PIN == old.PIN:
		return fmt.Errorf("the simulator has %q with the PIN that it had", c.Name)
	}
	return nil
}

// sameOnTheWall is an error when two moments are not at the same time of the day, or when the clock was not changed between them.
func sameOnTheWall(before, after time.Time, zone *time.Location) error {
	const minutes = "15:04"
	switch {
	case before.In(zone).Format(minutes) != after.In(zone).Format(minutes):
		return fmt.Errorf("the window began at %s and begins at %s", onTheWall(before, zone), onTheWall(after, zone))
	case before.UTC().Format(minutes) == after.UTC().Format(minutes):
		return fmt.Errorf("the clock was not changed between %s and %s", onTheWall(before, zone), onTheWall(after, zone))
	}
	return nil
}

func onTheWall(moment time.Time, zone *time.Location) string {
	return moment.In(zone).Format("Mon 2 Jan 2006 15:04 MST")
}
