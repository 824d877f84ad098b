// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

// What tests of this folder reach for that nobody else does.

const (
	EventWriters     = eventWriters
	MaxNote          = maxNote
	MaxWaitingEvents = maxWaitingEvents
)

var CutNote = cutNote

// Waiting is how many Events wait for the API server.
func (w *EventRecorder) Waiting() int { return len(w.queue) }

// Lost is how many Events had no room there.
func (w *EventRecorder) Lost() int64 { return w.lost.Load() }
