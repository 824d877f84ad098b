// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Seam's words for where a code stands.
const (
	statusSet   = "set"
	statusUnset = "unset"
)

// play goes through the stages.
func (d *demo) play(ctx context.Context) error {
	for i, stage := range []struct {
		title string
		show  func(context.Context) error
	}{
		{"AccessCodes become PINs on locks", d.showCreation},
		{"A PIN is changed", d.showChange},
		{"Somebody takes a code off the lock", d.showDrift},
		{"A code that is on the lock already is taken over", d.showImport},
		{"The lock refuses a code and a backup is pulled", d.showBackup},
		{"An offline code", d.showOffline},
		{"Codes go through their windows", d.showWindow},
		{"A weekly code goes over a change of the clock", d.showWeekly},
		{"AccessCodes are deleted", d.showDeletion},
	} {
		title := fmt.Sprintf("%d. %s", i+1, stage.title)
		d.out.heading(title)
		if err := stage.show(ctx); err != nil {
			return fmt.Errorf("stage %s: %w", title, err)
		}
	}
	return nil
}

// lookNow has the operator look at codes at once, rather than at its next sweep for changes made elsewhere.
func (d *demo) lookNow(ctx context.Context, codes ...*v1alpha1.AccessCode) error {
	args := []string{"-n", namespace, "annotate", "--overwrite", "accesscode"}
	for _, code := range codes {
		args = append(args, code.Name)
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	return d.kubectl(ctx, append(args, v1alpha1.ReconcileRequestedAtAnnotation+"="+now)...)
}
