// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// waiters are the AccessCodes that wait for a PIN, or for a place, on a lock. Each is noted before the look that finds it
// taken: what leaves the lock after that look wakes them, and what left before it is not seen by it. It is safe for
// concurrent use.
type waiters struct {
	mu       sync.Mutex
	byDevice map[string]map[types.NamespacedName]waiter
}

// waiter is one of them: the code at Seam that it has, and the one that has the PIN it wants. Either may be unknown.
type waiter struct{ own, holder string }

// add notes that an AccessCode is about to look whether its PIN is free.
func (w *waiters) add(device string, key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byDevice == nil {
		w.byDevice = map[string]map[types.NamespacedName]waiter{}
	}
	if w.byDevice[device] == nil {
		w.byDevice[device] = map[types.NamespacedName]waiter{}
	}
	if _, ok := w.byDevice[device][key]; !ok {
		w.byDevice[device][key] = waiter{}
	}
}

func (w *waiters) remove(device string, key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byDevice[device], key)
	if len(w.byDevice[device]) == 0 {
		delete(w.byDevice, device)
	}
}

// forget is remove for an AccessCode whose lock is not known any more.
func (w *waiters) forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for device, waiting := range w.byDevice {
		if delete(waiting, key); len(waiting) == 0 {
			delete(w.byDevice, device)
		}
	}
}

// waitsFor notes which code has the PIN that an AccessCode wants in the place of the one that its own code has. It says
// whether that closes a circle, in which each waits for the next. Whoever closes it has to step aside, and waits for
// nobody until then.
func (w *waiters) waitsFor(device string, key types.NamespacedName, own, holder string) (circle bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	waiting := w.byDevice[device]
	if waiting == nil {
		return false
	}
	waiting[key] = waiter{own: own}
	next := map[string]string{}
	for _, other := range waiting {
		if other.holder != "" {
			next[other.own] = other.holder
		}
	}
	for at, steps := holder, 0; at != "" && steps <= len(waiting); at, steps = next[at], steps+1 {
		if at == own {
			// Once only: who waits for this one says so anew when it finds the PIN still taken.
			for other, one := range waiting {
				if one.holder == own {
					waiting[other] = waiter{own: one.own}
				}
			}
			return true
		}
	}
	waiting[key] = waiter{own: own, holder: holder}
	return false
}

// of are those that wait on a lock.
func (w *waiters) of(device string) []types.NamespacedName {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.byDevice[device]))
}

// wakeWaiting has those looked at that wait for something on the lock of an AccessCode which has let go of a PIN or a
// place, in whatever namespace they are.
func (r *Reconciler) wakeWaiting(ctx context.Context, freed *v1alpha1.AccessCode) {
	r.wakeLock(ctx, freed.Spec.DeviceID, client.ObjectKeyFromObject(freed))
}

// wakeLock has those looked at that wait for something on a lock, but for one.
func (r *Reconciler) wakeLock(ctx context.Context, device string, but types.NamespacedName) {
	keys := map[types.NamespacedName]bool{}
	for _, key := range r.memory.waiting.of(device) {
		keys[key] = true
	}
	var list v1alpha1.AccessCodeList
	if err := r.List(ctx, &list, client.MatchingFields{kube.IndexDevice: device}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up the AccessCodes of a lock in the cache failed")
	}
	for i := range list.Items {
		if plan.WaitsForLock(&list.Items[i]) {
			keys[client.ObjectKeyFromObject(&list.Items[i])] = true
		}
	}
	delete(keys, but)
	for key := range keys {
		r.memory.lookSoon(key)
		r.Triggers.EnqueueAccessCode(key)
	}
}

// wakeRemembered has those looked at that have been seen waiting for something on a lock.
func (r *Reconciler) wakeRemembered(deviceID string) {
	for _, key := range r.memory.waiting.of(deviceID) {
		r.memory.lookSoon(key)
		r.Triggers.EnqueueAccessCode(key)
	}
}

// afterReport keeps account of who waits, and wakes those who wait for what this AccessCode has let go of.
func (r *Reconciler) afterReport(ctx context.Context, before, code *v1alpha1.AccessCode, o outcome) {
	if !plan.WaitsForLock(code) {
		r.memory.waiting.remove(code.Spec.DeviceID, client.ObjectKeyFromObject(code))
	}
	was := kube.ReadyReason(before.Status.Conditions)
	left := o.gone && before.Status.AccessCodeID != "" && was != o.reason
	moved := was == v1alpha1.ReasonUpdating && o.reason == v1alpha1.ReasonSet // another PIN is on the lock in the place of the last
	if left || moved {
		r.wakeWaiting(ctx, code)
	}
}

// holderOf says in words whose a code is that has a PIN: that of an AccessCode that has recorded it, or its backup, or
// that is about to, or that went before its code. Empty for what is somebody else's, which of the AccessCode's own namespace the API server itself is
// asked about: the cache may not know yet.
func (r *Reconciler) holderOf(ctx context.Context, code *v1alpha1.AccessCode, holder *seam.AccessCode) (string, error) {
	if former := r.left.find(func(c *v1alpha1.AccessCode) bool { return c.UID != code.UID && has(c, holder) }); former != nil {
		return "The code of a former " + named(code, former), nil
	}
	who, err := r.holderAmong(ctx, r, code, holder, client.UnsafeDisableDeepCopy)
	if who != "" || err != nil {
		return who, err
	}
	return r.holderAmong(ctx, r.APIReader, code, holder, client.InNamespace(code.Namespace))
}

// holderAmong is holderOf as far as a reader knows.
func (r *Reconciler) holderAmong(ctx context.Context, reader client.Reader, code *v1alpha1.AccessCode, holder *seam.AccessCode, within ...client.ListOption) (string, error) {
	var list v1alpha1.AccessCodeList
	if err := reader.List(ctx, &list, append(within, client.MatchingFields{kube.IndexDevice: code.Spec.DeviceID})...); err != nil {
		return "", fmt.Errorf("looking for the AccessCode of a remote code: %w", err)
	}
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID != code.UID && has(other, holder) {
			return holderNamed(code, other), nil
		}
	}
	return "", nil
}

// holderNamed begins a sentence about an AccessCode, for the users of another.
func holderNamed(code, other *v1alpha1.AccessCode) string {
	switch {
	case other == nil:
		return ""
	case other.Namespace != code.Namespace:
		return "An " + named(code, other)
	}
	return named(code, other)
}

// named names an AccessCode to the users of another. The names of other namespaces are none of their business.
func named(code, other *v1alpha1.AccessCode) string {
	if other.Namespace != code.Namespace {
		return "AccessCode of another namespace"
	}
	return fmt.Sprintf("AccessCode %q", other.Name)
}

// has says that a code at Seam is, or may be, that of an AccessCode.
func has(code *v1alpha1.AccessCode, remote *seam.AccessCode) bool {
	if slices.Contains(code.RecordedIDs(), remote.AccessCodeID) {
		return true
	}
	intent := intentOf(code)
	return intent.inDoubt(code.Status.AccessCodeID) && plan.SameName(intent.Name, remote.Name)
}
