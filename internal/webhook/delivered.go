// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// memorySpan is as long as a copy of a message can pass for new: from the most that its time may be ahead to the
	// most that it may be behind.
	memorySpan = 2 * maxSkew
	// memorySize bounds what is kept. When more come within memorySpan, the oldest may be delivered twice.
	memorySize = 4096
)

// messageKey is a message at its path. The ids of one workspace say nothing about another: who knows the secret of
// one must not be able to hold back messages of the other.
type messageKey struct {
	workspace types.NamespacedName
	id        string
}

// memory knows the newest messages that were delivered.
type memory struct {
	mu    sync.Mutex
	added map[messageKey]time.Time
	order []messageKey // oldest first
}

func newMemory() *memory {
	return &memory{added: map[messageKey]time.Time{}}
}

func (m *memory) has(key messageKey, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.added[key]
	return ok && now.Sub(at) <= memorySpan
}

func (m *memory) add(key messageKey, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	if _, ok := m.added[key]; ok {
		return // the same message came twice at once
	}
	m.added[key] = now
	m.order = append(m.order, key)
}

// forget drops what is too old, and the oldest where there is no room for one more.
func (m *memory) forget(now time.Time) {
	for len(m.order) > 0 && (len(m.order) >= memorySize || now.Sub(m.added[m.order[0]]) > memorySpan) {
		delete(m.added, m.order[0])
		m.order = m.order[1:]
	}
}
