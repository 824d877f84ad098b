// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
)

// showDeletion deletes all AccessCodes and waits until nothing of them is left anywhere.
func (d *demo) showDeletion(ctx context.Context) error {
	before, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	spare := before.spare()
	if err := d.kubectl(ctx, "-n", namespace, "delete", "accesscodes", "--all", "--wait=false"); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		remote: func(state remoteState) error {
			for _, code := range state.managed() {
				if !spare[code.ID] {
					return fmt.Errorf("the simulator still has %q, %s", code.Name, code.Status)
				}
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: no code is left, nor the backup that was pulled. The %d backups that wait on the lock for the next\n"+
		"failure are the lock's own. PINs that were not given go with their owners, the one that was given stays.\n", len(spare))
	if err := eventually(ctx, d.ownSecretsGone); err != nil {
		return err
	}
	return d.kubectl(ctx, "-n", namespace, "get", "accesscodes,secrets")
}

// spare are the ids of the backups that nobody has pulled.
func (s remoteState) spare() map[string]bool {
	spare := map[string]bool{}
	for _, code := range s.managed() {
		if code.Backup {
			spare[code.ID] = true
		}
	}
	for _, code := range s.managed() {
		delete(spare, code.PulledID)
	}
	return spare
}

// ownSecretsGone is up to the garbage collector of Kubernetes.
func (d *demo) ownSecretsGone(ctx context.Context) error {
	for _, code := range d.cast.withoutPIN() {
		name, _ := secretOf(code)
		left, err := d.cluster.Kubectl(ctx, "-n", namespace, "get", "secret", name, "--ignore-not-found", "-o", "name")
		if err != nil {
			return err
		}
		if strings.TrimSpace(left) != "" {
			return fmt.Errorf("the Secret %q is still there", name)
		}
	}
	given, _ := secretOf(d.cast.given)
	_, err := d.cluster.Kubectl(ctx, "-n", namespace, "get", "secret", given, "-o", "name")
	return err
}
