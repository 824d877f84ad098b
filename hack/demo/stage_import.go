// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// foreignName is the name of a code that somebody has put on the lock past Seam.
const foreignName = "Key of the neighbour"

// showImport puts a code on the lock that Seam does not manage and waits until an AccessCode has taken it over.
func (d *demo) showImport(ctx context.Context) error {
	code := d.cast.imported
	d.out.say("Somebody has put a code on the lock with the app of the lock's maker. Seam sees it and does not manage it.\n")
	foreign, err := d.foreignCode(ctx, code.Spec.DeviceID)
	if err != nil {
		return err
	}
	if err := d.writeImport(code, foreign.ID); err != nil {
		return err
	}
	d.out.say("An AccessCode takes it over by its id, in the annotation %s. It gives no PIN, so the\ncode keeps its own.\n",
		v1alpha1.AccessCodeIDAnnotation)
	if err := d.apply(ctx, code); err != nil {
		return err
	}
	err = d.expect(ctx, expectation{
		before: map[string]string{code.Name: v1alpha1.ReasonCreating},
		last:   map[string]string{code.Name: v1alpha1.ReasonSet},
		remote: func(state remoteState) error { return d.takenOver(ctx, state, foreign) },
	})
	if err != nil {
		return err
	}
	secret, _ := secretOf(code)
	d.out.say("Simulator: the same code is managed now and is named %q. Its PIN is in the Secret %s.\n", code.RemoteName(), secret)
	return d.kubectl(ctx, "-n", namespace, "events", "--for", "accesscode/"+code.Name)
}

// foreignCode puts a code on a lock that Seam does not manage.
func (d *demo) foreignCode(ctx context.Context, lock string) (remoteCode, error) {
	before, err := d.sim.state(ctx)
	if err != nil {
		return remoteCode{}, err
	}
	pin, err := otherPIN(before.AccessCodes)
	if err != nil {
		return remoteCode{}, err
	}
	call, err := json.Marshal(map[string]string{"device_id": lock, "name": foreignName, "code": string(pin)})
	if err != nil {
		return remoteCode{}, fmt.Errorf("writing a code of somebody else: %w", err)
	}
	file := filepath.Join("samples", "foreign-code.json")
	if err := d.writePrivate(file, string(call)); err != nil {
		return remoteCode{}, err
	}
	id, err := d.sim.putOn(ctx, file, string(call))
	if err != nil {
		return remoteCode{}, err
	}
	after, err := d.sim.state(ctx)
	if err != nil {
		return remoteCode{}, err
	}
	return after.foreign(id, pin)
}

// foreign is the code of that id, which Seam must not manage.
func (s remoteState) foreign(id string, pin redact.Secret) (remoteCode, error) {
	code, err := s.byID(id)
	if err != nil {
		return code, err
	}
	if code.Managed {
		return code, fmt.Errorf("the simulator manages %q, which nobody has asked for", code.Name)
	}
	return code, code.is(statusSet, pin)
}

// writeImport writes the sample with the id of the code that it takes over.
func (d *demo) writeImport(code *v1alpha1.AccessCode, id string) error {
	s := d.sampleOf(code)
	return d.writePrivate(s.path(), strings.ReplaceAll(string(s.text), s.imports(), id))
}

// takenOver compares the managed code with what it was before, and with the Secret.
func (d *demo) takenOver(ctx context.Context, state remoteState, foreign remoteCode) error {
	remote, err := state.only(d.cast.imported.RemoteName())
	if err == nil && remote.ID != foreign.ID {
		err = fmt.Errorf("the simulator has %q as another code, not as the one that was on the lock", remote.Name)
	}
	if err != nil {
		return err
	}
	pin, err := d.pinOf(ctx, d.cast.imported)
	if err != nil {
		return err
	}
	return errors.Join(remote.is(statusSet, pin), remote.is(statusSet, foreign.PIN))
}
