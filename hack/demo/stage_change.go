// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showChange writes another PIN to the Secret of the given one and waits until the lock has it.
func (d *demo) showChange(ctx context.Context) error {
	code := d.cast.given
	before, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	old, err := before.only(code.RemoteName())
	if err != nil {
		return err
	}
	pin, err := otherPIN(before.AccessCodes)
	if err != nil {
		return err
	}
	secret, key := secretOf(code)
	const file = "samples/new-pin.yaml"
	if err := d.writePIN(file, key, pin); err != nil {
		return err
	}
	d.out.say("The PIN is in a Secret, and the Secret gets another one, from a file: what is typed can be read by others.\n")
	if err := d.kubectl(ctx, "-n", namespace, "patch", "secret", secret, "--patch-file", file); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		before: map[string]string{code.Name: v1alpha1.ReasonUpdating},
		last:   map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error {
			remote, err := state.only(code.RemoteName())
			if err == nil && remote.ID != old.ID {
				err = fmt.Errorf("the simulator has %q as another code, not as one that was changed", remote.Name)
			}
			if err != nil {
				return err
			}
			return remote.is(statusSet, pin)
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q is the same code as before and has the new PIN.", code.RemoteName())
	return nil
}
