// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showCreation applies the samples that are codes and waits until the locks have them.
func (d *demo) showCreation(ctx context.Context) error {
	given, chosen, bound := d.cast.given, d.cast.chosen, d.cast.timeBound
	from, _ := secretOf(given)
	to, _ := secretOf(chosen)
	d.out.say("%s has a PIN from the Secret %s. %s has none: the operator has one chosen and writes it\nto the Secret %s. %s works from %s to %s.\n",
		given.Name, from, chosen.Name, to, bound.Name,
		bound.Spec.Schedule.StartsAt.UTC().Format(time.RFC3339), bound.Spec.Schedule.EndsAt.UTC().Format(time.RFC3339))
	if err := d.kubectl(ctx, append([]string{"-n", namespace, "apply"}, d.sampleFiles(false)...)...); err != nil {
		return err
	}
	err := d.expect(ctx, expectation{
		before: map[string]string{given.Name: v1alpha1.ReasonCreating, chosen.Name: v1alpha1.ReasonCreating},
		last: map[string]string{
			given.Name: v1alpha1.ReasonSet, chosen.Name: v1alpha1.ReasonSet, bound.Name: v1alpha1.ReasonScheduled,
		},
		remote: func(state remoteState) error { return d.created(ctx, state) },
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q and %q are set on the lock, %q waits for its window; each with the PIN of its Secret.\n",
		given.RemoteName(), chosen.RemoteName(), bound.RemoteName())
	return d.kubectl(ctx, "-n", namespace, "get", "secrets")
}

// created compares the simulator's codes with the AccessCodes and their Secrets.
func (d *demo) created(ctx context.Context, state remoteState) error {
	for _, expected := range []struct {
		code   *v1alpha1.AccessCode
		status string
	}{{d.cast.given, statusSet}, {d.cast.chosen, statusSet}, {d.cast.timeBound, statusUnset}} {
		remote, err := state.only(expected.code.RemoteName())
		if err != nil {
			return err
		}
		pin, err := d.pinOf(ctx, expected.code)
		if err != nil {
			return err
		}
		if err := remote.is(expected.status, pin); err != nil {
			return err
		}
		if remote.DeviceID != expected.code.Spec.DeviceID {
			return fmt.Errorf("the simulator has %q on another lock", remote.Name)
		}
	}
	return nil
}
