// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// freePerDevice is how many codes a device has where no limit is to count: the operator keeps to Seam's limits
	// whether Seam enforces them or not, and ten creates are what a device takes in a minute.
	freePerDevice = createsPerMinute
	// limitedPerDevice is how many it has where the limits are what is measured.
	limitedPerDevice = 2 * createsPerMinute
	// oneInChosen leaves the PIN of one code in twenty to Seam. Each of these takes a Secret.
	oneInChosen = 20
	// appliers is how many goroutines make, change and delete objects.
	appliers = 16

	secretName = "seam"
	secretKey  = "api-key"
)

// plainCode is a code that is wanted on a device, whoever is to bring it there.
type plainCode struct {
	name     string
	deviceID string
	pin      string // empty: Seam chooses
}

// codesFor spreads codes over devices, neighbours on different ones, so that no device waits for another. PINs are
// unique on their device.
func codesFor(devices []string, count int, chosen bool) []plainCode {
	codes := make([]plainCode, count)
	for i := range codes {
		codes[i] = plainCode{
			name: fmt.Sprintf("code-%05d", i), deviceID: devices[i%len(devices)], pin: pinOf(i),
		}
		if chosen && i%oneInChosen == oneInChosen-1 {
			codes[i].pin = ""
		}
	}
	return codes
}

// pinOf is unique below half a million, and leaves as many for changes.
func pinOf(i int) string    { return fmt.Sprintf("%06d", 100_000+i) }
func newPINOf(i int) string { return fmt.Sprintf("%06d", 600_000+i) }

// devicesNeeded is how many devices hold a number of codes.
func devicesNeeded(codes, perDevice int) int { return (codes + perDevice - 1) / perDevice }

// createWorkspace makes a namespace with a SeamWorkspace "default".
func (r *rig) createWorkspace(ctx context.Context, namespace string, t tenant) error {
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.Secret{ObjectMeta: meta(secretName), StringData: map[string]string{secretKey: t.key}},
		&v1alpha1.SeamWorkspace{ObjectMeta: meta(v1alpha1.DefaultWorkspaceName), Spec: v1alpha1.SeamWorkspaceSpec{
			Endpoint: t.sim.url,
			Auth: v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{
				SecretKeyRef: v1alpha1.SecretKeyReference{Name: secretName, Key: secretKey},
			}},
		}},
	} {
		if err := r.client.Create(ctx, object); err != nil {
			return fmt.Errorf("making namespace %q: %w", namespace, err)
		}
	}
	return nil
}

// apply makes an AccessCode for each code.
func (r *rig) apply(ctx context.Context, namespace string, codes []plainCode) error {
	return inParallel(ctx, appliers, len(codes), func(ctx context.Context, i int) error {
		c := codes[i]
		return r.client.Create(ctx, &v1alpha1.AccessCode{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: c.name},
			Spec:       v1alpha1.AccessCodeSpec{DeviceID: c.deviceID, Code: c.pin},
		})
	})
}

// patch merges a spec into an AccessCode.
func (r *rig) patch(ctx context.Context, namespace, name, field, value string) error {
	patch := fmt.Appendf(nil, `{"spec":{%q:%q}}`, field, value)
	object := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	return r.client.Patch(ctx, object, client.RawPatch("application/merge-patch+json", patch))
}

// deleteAll deletes each AccessCode.
func (r *rig) deleteAll(ctx context.Context, namespace string, codes []plainCode) error {
	return inParallel(ctx, appliers, len(codes), func(ctx context.Context, i int) error {
		object := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: codes[i].name}}
		return client.IgnoreNotFound(r.client.Delete(ctx, object))
	})
}

// inParallel does count things, in order and some at once, until one fails.
func inParallel(ctx context.Context, workers, count int, do func(ctx context.Context, i int) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(workers, count) {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				if err := do(ctx, i); err != nil {
					fail(err)
					return
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
