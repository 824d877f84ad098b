// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
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

// waiters holds the AccessCodes that wait for a PIN, or for a place, on a lock. Each is added before the look that may find the
// PIN taken, so that no removal is missed: one before the look is seen by it, and one after it enqueues the waiter. It is safe
// for concurrent use.
type waiters struct {
	mu       sync.Mutex
	byDevice map[string]map[types.NamespacedName]waiter
}

// waiter is one of them. own is the id of its own code at Seam, holder that of the code with the PIN that it wants. Either may
// be empty.
type waiter struct{ own, holder string }

// add adds an AccessCode that is about to look whether its PIN is free.
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

// forget removes an AccessCode whose lock is not known any more.
func (w *waiters) forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for device, waiting := range w.byDevice {
		if delete(waiting, key); len(waiting) == 0 {
			delete(w.byDevice, device)
		}
	}
}

// noteHolder records which code has the PIN that an AccessCode wants for its own code. circle says that this closes a circle of
// codes that each wait for the next. The one that closes it must step aside; it is not recorded as waiting until then.
func (w *waiters) noteHolder(device string, key types.NamespacedName, own, holder string) (circle bool) {
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

// of returns those that wait on a lock.
func (w *waiters) of(device string) []types.NamespacedName {
	w.mu.Lock()
	defer w.mu.Unlock()
	return inOrder(w.byDevice[device])
}

// inOrder are keys in an order that is always the same: whoever is woken first may be the first to get what is free.
func inOrder[V any](keys map[types.NamespacedName]V) []types.NamespacedName {
	return slices.SortedFunc(maps.Keys(keys), func(a, b types.NamespacedName) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// enqueueWaiting enqueues those that wait on the lock of an AccessCode that has freed a PIN or a place, in any namespace.
func (r *Reconciler) enqueueWaiting(ctx context.Context, freed *v1alpha1.AccessCode) {
	r.enqueueWaitingOn(ctx, freed.Spec.DeviceID, client.ObjectKeyFromObject(freed))
}

// enqueueWaitingOn enqueues those that wait on a lock, except one.
func (r *Reconciler) enqueueWaitingOn(ctx context.Context, device string, but types.NamespacedName) {
	keys := map[types.NamespacedName]bool{}
	for _, key := range r.tracker.waiting.of(device) {
		keys[key] = true
	}
	var list v1alpha1.AccessCodeList
	if err := r.List(ctx, &list, client.MatchingFields{kube.IndexDevice: device}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up the AccessCodes of a lock in the cache failed")
	}
	for i := range list.Items {
		if plan.WaitsForOtherCode(&list.Items[i]) {
			keys[client.ObjectKeyFromObject(&list.Items[i])] = true
		}
	}
	delete(keys, but)
	for _, key := range inOrder(keys) {
		r.tracker.lookSoon(key)
		r.Triggers.EnqueueAccessCode(key)
	}
}

// enqueueRemembered enqueues those that are recorded as waiting on a lock.
func (r *Reconciler) enqueueRemembered(deviceID string) {
	for _, key := range r.tracker.waiting.of(deviceID) {
		r.tracker.lookSoon(key)
		r.Triggers.EnqueueAccessCode(key)
	}
}

// afterReport removes an AccessCode that no longer waits, and enqueues those that wait for what it has freed.
func (r *Reconciler) afterReport(ctx context.Context, before, code *v1alpha1.AccessCode, res result) {
	if !plan.WaitsForOtherCode(code) {
		r.tracker.waiting.remove(code.Spec.DeviceID, client.ObjectKeyFromObject(code))
	}
	was := kube.ReadyReason(before.Status.Conditions)
	left := res.gone && before.Status.AccessCodeID != "" && was != res.reason
	moved := was == v1alpha1.ReasonUpdating && res.reason == v1alpha1.ReasonSet // another PIN is on the lock in the place of the last
	if left || moved {
		r.enqueueWaiting(ctx, code)
	}
}

// holderOf names, for a message, the AccessCode that holder belongs to: one that has recorded it, as its code or its backup,
// one that is about to, or an orphan. It returns "" where holder is nobody's. For the AccessCode's own namespace it also asks
// the API server, because the cache may lag.
func (r *Reconciler) holderOf(ctx context.Context, code *v1alpha1.AccessCode, holder *seam.AccessCode) (string, error) {
	if former := r.orphans.find(func(c *v1alpha1.AccessCode) bool { return c.UID != code.UID && has(c, holder) }); former != nil {
		return "The code of a former " + nameFor(code, former), nil
	}
	who, err := r.holderAmong(ctx, r, code, holder, client.UnsafeDisableDeepCopy)
	if who != "" || err != nil {
		return who, err
	}
	return r.holderAmong(ctx, r.APIReader, code, holder, client.InNamespace(code.Namespace))
}

// holderAmong is holderOf for the AccessCodes that a reader returns.
func (r *Reconciler) holderAmong(ctx context.Context, reader client.Reader, code *v1alpha1.AccessCode, holder *seam.AccessCode, within ...client.ListOption) (string, error) {
	var list v1alpha1.AccessCodeList
	if err := reader.List(ctx, &list, append(within, client.MatchingFields{kube.IndexDevice: code.Spec.DeviceID})...); err != nil {
		return "", fmt.Errorf("looking for the AccessCode of a remote code: %w", err)
	}
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID != code.UID && has(other, holder) {
			return holderName(code, other), nil
		}
	}
	return "", nil
}

// holderName names an AccessCode at the beginning of a sentence, for the users of another.
func holderName(code, other *v1alpha1.AccessCode) string {
	switch {
	case other == nil:
		return ""
	case other.Namespace != code.Namespace:
		return "An " + nameFor(code, other)
	}
	return nameFor(code, other)
}

// nameFor names an AccessCode for the users of another. Hazard: it must not reveal a name of another namespace.
func nameFor(code, other *v1alpha1.AccessCode) string {
	if other.Namespace != code.Namespace {
		return "AccessCode of another namespace"
	}
	return fmt.Sprintf("AccessCode %q", other.Name)
}

// has says that a code at Seam is the code of an AccessCode, or may be while its create is pending.
func has(code *v1alpha1.AccessCode, remote *seam.AccessCode) bool {
	if slices.Contains(code.RecordedIDs(), remote.AccessCodeID) {
		return true
	}
	intent := intentOf(code)
	return intent.pending(code.Status.AccessCodeID) && plan.SameName(intent.Name, remote.Name)
}
