// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	shardNamespace = "shards"
	shardLabel     = "access-codes.io/shard"
	shardName      = "east"
	// oneInMoves says that one AccessCode in five changes to the other shard while all converge.
	oneInMoves = 5
)

// shards is converge with two operators that share the AccessCodes, some of which change from one to the other.
func (r *round) shards(ctx context.Context) (figures, error) {
	if err := r.stopOperator(); err != nil {
		return figures{}, err
	}
	t, err := r.sim.workspace(ctx, "shards")
	if err != nil {
		return figures{}, err
	}
	if err := r.createWorkspace(ctx, shardNamespace, t); err != nil {
		return figures{}, err
	}
	var both []*operator
	for name, selector := range map[string]string{"operator-east": shardLabel + "=" + shardName, "operator-rest": shardLabel + "!=" + shardName} {
		shard, err := r.launchOperator(ctx, name, "--shard-selector="+selector)
		if err != nil {
			return figures{}, err
		}
		both = append(both, shard)
	}
	if err := r.connected(ctx, shardNamespace); err != nil {
		return figures{}, err
	}
	f, err := r.shareOut(ctx, t)
	for _, shard := range both {
		if stopErr := shard.process.Stop(stopGrace); err == nil {
			err = stopErr
		}
	}
	return f, err
}

// shareOut applies the AccessCodes, moves some, and counts what was created too often, or not at all.
func (r *round) shareOut(ctx context.Context, t tenant) (figures, error) {
	devices, err := t.devices(ctx, devicesNeeded(r.size, freePerDevice))
	if err != nil {
		return figures{}, err
	}
	codes := codesFor(devices, r.size, true)
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	began := time.Now()
	err = inParallel(ctx, appliers, len(codes), func(ctx context.Context, i int) error {
		c := codes[i]
		object := &v1alpha1.AccessCode{
			ObjectMeta: metav1.ObjectMeta{Namespace: shardNamespace, Name: c.name},
			Spec:       v1alpha1.AccessCodeSpec{DeviceID: c.deviceID, Code: c.pin},
		}
		if i%2 == 0 {
			object.Labels = map[string]string{shardLabel: shardName}
		}
		if err := r.client.Create(ctx, object); err != nil || i%oneInMoves != 0 {
			return err
		}
		return r.move(ctx, object)
	})
	if err != nil {
		return figures{}, fmt.Errorf("applying AccessCodes: %w", err)
	}
	last, waitErr := r.allSet(ctx, shardNamespace, len(codes), began)
	f, err := r.counted(ctx, before, last.Sub(began))
	if err != nil {
		return f, err
	}
	after, err := r.sim.tally(ctx)
	f.Stray = abs(f.SeamCalls["/access_codes/create"]-r.size) + abs(after.Codes-before.tally.Codes-r.size)
	if waitErr != nil {
		return f, waitErr
	}
	return f, err
}

// move takes an AccessCode to the other shard, whatever is being done with it.
func (r *rig) move(ctx context.Context, code *v1alpha1.AccessCode) error {
	value := `null`
	if code.Labels[shardLabel] == "" {
		value = `"` + shardName + `"`
	}
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:%s}}}`, shardLabel, value)
	object := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{Namespace: code.Namespace, Name: code.Name}}
	return r.client.Patch(ctx, object, client.RawPatch("application/merge-patch+json", patch))
}

func abs(n int) int { return max(n, -n) }
