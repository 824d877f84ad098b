// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// tracker holds the history of every AccessCode, and what they have in common. It is safe for concurrent use.
type tracker struct {
	mu          sync.Mutex
	byKey       map[types.NamespacedName]history
	eventLimits map[types.NamespacedName]eventLimiter
	// waiting are those that wait for something on a lock.
	waiting waiters
	intents intents
}

func newTracker() *tracker {
	return &tracker{
		byKey:       map[types.NamespacedName]history{},
		eventLimits: map[types.NamespacedName]eventLimiter{},
	}
}

// recall returns the history of an AccessCode. That of an earlier one of the same name does not count.
func (t *tracker) recall(code *v1alpha1.AccessCode) history {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.byKey[client.ObjectKeyFromObject(code)]; h.uid == code.UID {
		return h
	}
	return history{uid: code.UID}
}

func (t *tracker) keep(code *v1alpha1.AccessCode, h history) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byKey[client.ObjectKeyFromObject(code)] = h
}

// lookSoon resets the count of looks, so that the next ones come soon: what was waited for may have happened.
func (t *tracker) lookSoon(key types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h, ok := t.byKey[key]; ok {
		h.looks = 0
		t.byKey[key] = h
	}
}

func (t *tracker) forget(key types.NamespacedName) {
	t.waiting.forget(key)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byKey, key)
	delete(t.eventLimits, key)
}
