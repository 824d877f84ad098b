// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// showDeletion deletes all AccessCodes and waits until nothing of them is left anywhere.
func (d *demo) showDeletion(ctx context.Context) error {
	if err := d.kubectl.show(ctx, "-n", namespace, "delete", "accesscodes", "--all", "--wait=false"); err != nil {
		return err
	}
	err := d.expect(ctx, expectation{
		remote: func(state remoteState) error {
			if left := len(state.managed()); left > 0 {
				return fmt.Errorf("the simulator still has %d codes", left)
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: no code is left. The PINs that were chosen go with their owners, the one that was given stays.\n")
	if err := eventually(ctx, d.chosenSecretsGone); err != nil {
		return err
	}
	return d.kubectl.show(ctx, "-n", namespace, "get", "accesscodes,secrets")
}

// chosenSecretsGone is up to the garbage collector of Kubernetes.
func (d *demo) chosenSecretsGone(ctx context.Context) error {
	for _, code := range []*v1alpha1.AccessCode{d.cast.chosen, d.cast.timeBound} {
		name, _ := secretOf(code)
		left, err := d.kubectl.output(ctx, "-n", namespace, "get", "secret", name, "--ignore-not-found", "-o", "name")
		if err != nil {
			return err
		}
		if strings.TrimSpace(left) != "" {
			return fmt.Errorf("the Secret %q is still there", name)
		}
	}
	given, _ := secretOf(d.cast.given)
	_, err := d.kubectl.output(ctx, "-n", namespace, "get", "secret", given, "-o", "name")
	return err
}
