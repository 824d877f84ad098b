// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
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

// waitingLine enqueues the AccessCodes that wait for something on a lock.
type waitingLine struct {
	cache    client.Reader
	tracker  *tracker
	triggers *kube.Triggers
}

// noteHolder records which code has the PIN that an AccessCode wants, and returns whether that closes a circle: see waiters.
func (w waitingLine) noteHolder(device string, key types.NamespacedName, own, holder string) (circle bool) {
	return w.tracker.waiting.noteHolder(device, key, own, holder)
}

// freedBy enqueues those that wait on the lock of an AccessCode that has freed a PIN or a place, in any namespace.
func (w waitingLine) freedBy(ctx context.Context, code *v1alpha1.AccessCode) {
	w.freed(ctx, code.Spec.DeviceID, client.ObjectKeyFromObject(code))
}

// freed enqueues those that wait on a lock, except one.
func (w waitingLine) freed(ctx context.Context, device string, but types.NamespacedName) {
	keys := map[types.NamespacedName]bool{}
	for _, key := range w.tracker.waiting.of(device) {
		keys[key] = true
	}
	var list v1alpha1.AccessCodeList
	if err := w.cache.List(ctx, &list, client.MatchingFields{kube.IndexDevice: device}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up the AccessCodes of a lock in the cache failed")
	}
	for i := range list.Items {
		if plan.WaitsForOtherCode(&list.Items[i]) {
			keys[client.ObjectKeyFromObject(&list.Items[i])] = true
		}
	}
	delete(keys, but)
	w.enqueue(inOrder(keys))
}

// enqueueRemembered enqueues those that are remembered as waiting on a lock.
func (w waitingLine) enqueueRemembered(device string) { w.enqueue(w.tracker.waiting.of(device)) }

func (w waitingLine) enqueue(keys []types.NamespacedName) {
	for _, key := range keys {
		w.tracker.lookSoon(key)
		w.triggers.EnqueueAccessCode(key)
	}
}

// afterReport removes an AccessCode that no longer waits, and enqueues those that wait for what it has freed.
func (w waitingLine) afterReport(ctx context.Context, before, code *v1alpha1.AccessCode, res result) {
	if !plan.WaitsForOtherCode(code) {
		w.tracker.waiting.remove(code.Spec.DeviceID, client.ObjectKeyFromObject(code))
	}
	was := kube.ReadyReason(before.Status.Conditions)
	left := res.gone && before.Status.AccessCodeID != "" && was != res.reason
	moved := was == v1alpha1.ReasonUpdating && res.reason == v1alpha1.ReasonSet // another PIN is on the lock in the place of the last
	if left || moved {
		w.freedBy(ctx, code)
	}
}
