// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// editedCodes are the AccessCodes that are edited, each on a device of its own; edits is how often, in all.
	editedCodes = 25
	edits       = 50
	// editPatience is how long an edit may take before it counts as missed.
	editPatience = 30 * time.Second
	// editPause is the least time between two edits.
	editPause = 20 * time.Millisecond
)

// edits renames all codes, and while those converge, edits single AccessCodes of another namespace: the time from the
// call of the user until Seam has the new PIN.
func (r *round) edits(ctx context.Context) (figures, error) {
	codes, err := r.prepareEdits(ctx)
	if err != nil {
		return figures{}, err
	}
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	began := time.Now()
	renamed := make(chan error, 1)
	go func() { renamed <- r.renameAll(ctx) }()
	busy := func() bool {
		_, set, _ := r.observer.progress(mainNamespace, began)
		return set < r.size
	}
	samples, missed, err := r.editOneByOne(ctx, codes, busy)
	if err := errors.Join(err, <-renamed); err != nil {
		return figures{}, err
	}
	last, waitErr := r.allSet(ctx, mainNamespace, r.size, began)
	f, err := r.counted(ctx, before, last.Sub(began))
	f.Latency = summarize(samples, missed)
	return f, errors.Join(waitErr, err, r.cleanUpEdits(ctx, codes))
}

// prepareEdits makes the other namespace, with a workspace of its own at Seam.
func (r *round) prepareEdits(ctx context.Context) ([]plainCode, error) {
	t, err := r.sim.workspace(ctx, "edits")
	if err != nil {
		return nil, err
	}
	if err := r.createWorkspace(ctx, editNamespace, t); err != nil {
		return nil, err
	}
	devices, err := t.devices(ctx, editedCodes)
	if err != nil {
		return nil, err
	}
	codes := codesFor(devices, editedCodes, false)
	began := time.Now()
	if err := r.apply(ctx, editNamespace, codes); err != nil {
		return nil, fmt.Errorf("applying AccessCodes: %w", err)
	}
	_, err = r.allSet(ctx, editNamespace, editedCodes, began)
	return codes, err
}

func (r *round) renameAll(ctx context.Context) error {
	err := inParallel(ctx, appliers, len(r.codes), func(ctx context.Context, i int) error {
		return r.patch(ctx, mainNamespace, r.codes[i].name, "displayName", r.codes[i].name+" renamed")
	})
	if err != nil {
		return fmt.Errorf("renaming AccessCodes: %w", err)
	}
	return nil
}

// editOneByOne spreads the edits over the time that converging took, and ends early when the others have converged.
func (r *round) editOneByOne(ctx context.Context, codes []plainCode, busy func() bool) (samples []time.Duration, missed int, err error) {
	pause := time.Duration(r.result.Scenarios[scenarioConverge].Seconds * float64(time.Second) / edits)
	pace := time.NewTicker(max(pause/2, editPause)) // an update is less work than a create
	defer pace.Stop()
	for n := 0; n < edits && busy(); n++ {
		took, err := r.edit(ctx, codes[n%len(codes)], newPINOf(n))
		switch {
		case err == nil:
			samples = append(samples, took)
		case isLate(err):
			missed++
		default:
			return nil, 0, err
		}
		select {
		case <-ctx.Done():
			return nil, 0, context.Cause(ctx)
		case <-pace.C:
		}
	}
	return samples, missed, nil
}

// edit gives an AccessCode another PIN and returns how long it took until Seam had it. Both times are of this machine.
func (r *round) edit(ctx context.Context, c plainCode, pin string) (time.Duration, error) {
	id := r.observer.get(editNamespace, c.name).id
	began := time.Now()
	if err := r.patch(ctx, editNamespace, c.name, "code", pin); err != nil {
		return 0, fmt.Errorf("editing an AccessCode: %w", err)
	}
	var sent time.Time
	err := until(ctx, editPatience, "an edit", func(ctx context.Context) (bool, error) {
		remote, err := r.sim.code(ctx, id)
		sent = remote.UpdatedAt
		return err == nil && remote.AccessCode.Code != nil && *remote.AccessCode.Code == pin, err
	})
	return sent.Sub(began), err
}

// cleanUpEdits leaves the operator with one SeamWorkspace, as before.
func (r *round) cleanUpEdits(ctx context.Context, codes []plainCode) error {
	if err := r.deleteAll(ctx, editNamespace, codes); err != nil {
		return fmt.Errorf("deleting AccessCodes: %w", err)
	}
	err := until(ctx, limitFor(editedCodes), "deletion of what was edited", func(context.Context) (bool, error) {
		left, _, _ := r.observer.progress(editNamespace, time.Time{})
		return left == 0, nil
	})
	if err != nil {
		return err
	}
	workspace := &v1alpha1.SeamWorkspace{
		ObjectMeta: metav1.ObjectMeta{Namespace: editNamespace, Name: v1alpha1.DefaultWorkspaceName},
	}
	if err := client.IgnoreNotFound(r.client.Delete(ctx, workspace)); err != nil {
		return fmt.Errorf("deleting a SeamWorkspace: %w", err)
	}
	return nil
}
