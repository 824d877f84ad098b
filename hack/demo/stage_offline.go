// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showOffline has an offline code made and waits until its PIN is known.
func (d *demo) showOffline(ctx context.Context) error {
	code := d.cast.offline
	d.out.say("The lock of %s need not be connected: its maker computes a PIN that the lock knows by itself. Nobody else\n"+
		"can choose it. Neither can such a code be taken off before its window is over.\n", code.Name)
	if err := d.apply(ctx, code); err != nil {
		return err
	}
	err := d.expect(ctx, expectation{
		before: map[string]string{code.Name: v1alpha1.ReasonCreating},
		last:   map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error { return d.computed(ctx, state) },
	})
	if err != nil {
		return err
	}
	secret, _ := secretOf(code)
	d.out.say("Simulator: %q is an offline code with a PIN of its provider, and the Secret %s has that PIN.\n", code.RemoteName(), secret)
	return d.kubectl(ctx, "-n", namespace, "get", "secret", secret)
}

// computed compares the offline code with its Secret.
func (d *demo) computed(ctx context.Context, state remoteState) error {
	remote, err := state.only(d.cast.offline.RemoteName())
	if err == nil && !remote.Offline {
		err = fmt.Errorf("the simulator has %q as a code that is not offline", remote.Name)
	}
	if err != nil {
		return err
	}
	pin, err := d.pinOf(ctx, d.cast.offline)
	if err != nil {
		return err
	}
	return remote.is(statusSet, pin)
}
