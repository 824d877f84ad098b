// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showDrift takes the chosen code off the lock and waits until it is back.
func (d *demo) showDrift(ctx context.Context) error {
	code := d.cast.chosen
	before, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	old, err := before.only(code.RemoteName())
	if err != nil {
		return err
	}
	if err := d.sim.takeOff(ctx, old); err != nil {
		return err
	}
	d.out.say("The operator would find out at its next sweep, every ten minutes. The annotation has it look at once. A code\n" +
		"that is missing is looked for a second time, five seconds later, before it is created again.\n")
	if err := d.lookNow(ctx, code); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		before: map[string]string{code.Name: v1alpha1.ReasonCreating},
		last:   map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error {
			remote, err := state.only(code.RemoteName())
			if err == nil && remote.ID == old.ID {
				err = fmt.Errorf("the simulator still has the %q that was taken off", remote.Name)
			}
			if err != nil {
				return err
			}
			return remote.is(statusSet, old.PIN)
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q is on the lock again, as a new code with the same PIN.\n", code.RemoteName())
	return d.kubectl(ctx, "-n", namespace, "events", "--for", "accesscode/"+code.Name)
}
