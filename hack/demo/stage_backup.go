// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// pullAfter is just past the time that a code gets to be on the lock before its backup is pulled.
const pullAfter = 5*time.Minute + 10*time.Second

// showBackup has the lock refuse a code until its backup is pulled, and then take it.
func (d *demo) showBackup(ctx context.Context) error {
	code := d.cast.backedUp
	d.out.say("The window of %s has begun. If the code does not get onto the lock, a backup code is to be pulled: one of\n"+
		"those that Seam keeps ready on the lock.\n", code.Name)
	if err := d.apply(ctx, code); err != nil {
		return err
	}
	refused, err := d.refusedCode(ctx, code)
	if err != nil {
		return err
	}
	d.out.say("Seam gets five minutes to bring the code onto the lock, and the clock goes past them.\n")
	if err := d.sim.advance(ctx, pullAfter); err != nil {
		return err
	}
	if err := d.lookNow(ctx, code); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		last:   map[string]string{code.Name: v1alpha1.ReasonDeviceError},
		remote: func(state remoteState) error { return d.pulled(ctx, state) },
	})
	if err != nil {
		return err
	}
	if err := d.showPulled(ctx, code); err != nil {
		return err
	}
	if err := d.sim.recover(ctx, refused); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		last:   map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error { return d.recovered(ctx, state, refused) },
	})
	if err != nil {
		return err
	}
	d.out.say("Simulator: %q is set on the lock after all. The backup stays, as somebody may have been given it; both end\n"+
		"with the window.\n", code.RemoteName())
	return d.kubectl(ctx, "-n", namespace, "events", "--for", "accesscode/"+code.Name)
}

// refusedCode waits until Seam has accepted the code, and has the lock refuse it.
func (d *demo) refusedCode(ctx context.Context, code *v1alpha1.AccessCode) (remoteCode, error) {
	var remote remoteCode
	err := eventually(ctx, func(ctx context.Context) error {
		state, err := d.sim.state(ctx)
		if err == nil {
			remote, err = state.only(code.RemoteName())
		}
		return err
	})
	if err != nil {
		return remote, err
	}
	return remote, d.sim.refuse(ctx, remote)
}

// pulled compares the backup code at the simulator with the status and the Secret. The reason has already shown that the code
// itself is not on the lock.
func (d *demo) pulled(ctx context.Context, state remoteState) error {
	code := d.cast.backedUp
	remote, err := state.only(code.RemoteName())
	if err != nil {
		return err
	}
	backup, err := state.backupOf(remote)
	if err != nil {
		return err
	}
	text, err := d.cluster.Kubectl(ctx, "-n", namespace, "get", "accesscode", code.Name, "-o", "yaml")
	if err != nil {
		return err
	}
	var current v1alpha1.AccessCode
	if err := yaml.Unmarshal([]byte(text), &current); err != nil {
		return fmt.Errorf("reading AccessCode %q: %w", code.Name, err)
	}
	told := current.Status.BackupCode
	if told == nil || told.AccessCodeID != backup.ID || told.State != statusSet || told.SecretRef == nil {
		return fmt.Errorf("the status of AccessCode %q does not tell of the backup code", code.Name)
	}
	pin, err := d.pinIn(ctx, told.SecretRef.Name, told.SecretRef.Key)
	if err != nil {
		return err
	}
	own, err := d.pinOf(ctx, code)
	if err == nil && own == pin {
		err = fmt.Errorf("code and backup code of AccessCode %q have the same PIN", code.Name)
	}
	return errors.Join(err, backup.is(statusSet, pin))
}

// backupOf is the backup that was pulled for a code.
func (s remoteState) backupOf(code remoteCode) (remoteCode, error) {
	if code.PulledID == "" {
		return remoteCode{}, fmt.Errorf("the simulator has no backup pulled for %q", code.Name)
	}
	backup, err := s.byID(code.PulledID)
	if err == nil && !backup.Backup {
		err = fmt.Errorf("the simulator has %q as the backup of %q, which it is not", backup.Name, code.Name)
	}
	return backup, err
}

// showPulled shows the backup in the status, and the Secret with its PIN: "describe" prints only the length of that.
func (d *demo) showPulled(ctx context.Context, code *v1alpha1.AccessCode) error {
	secret, _ := secretOf(code)
	d.out.say("Simulator: the backup code is set on the lock and has the PIN that is in the Secret %s.\n", secret)
	err := d.kubectl(ctx, "-n", namespace, "get", "accesscode", code.Name, "-o", "jsonpath={.status.backupCode}")
	if err != nil {
		return err
	}
	return d.kubectl(ctx, "-n", namespace, "describe", "secret", secret)
}

// recovered compares the code with what it was when the lock refused it, and its backup with what it was then.
func (d *demo) recovered(ctx context.Context, state remoteState, refused remoteCode) error {
	remote, err := state.byID(refused.ID)
	if err != nil {
		return err
	}
	return errors.Join(remote.is(statusSet, refused.PIN), d.pulled(ctx, state))
}
