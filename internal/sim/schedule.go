// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"container/heap"
	"time"
)

// dueHeap orders codes by the time of their next transition. Codes due at the same
// time go in the order of their creation, so that events come out the same every time.
type dueHeap []*accessCode

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].sequence < h[j].sequence
	}
	return h[i].due.Before(h[j].due)
}

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot, h[j].slot = i+1, j+1
}

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) {
	if c, ok := x.(*accessCode); ok {
		*h = append(*h, c)
		c.slot = len(*h)
	}
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	c.slot = 0
	return c
}

// schedule puts a code at its place after any change of its state.
func (w *world) schedule(c *accessCode) {
	w.conclude(c)
	due, ok := w.nextDue(c)
	switch {
	case !ok:
		w.unschedule(c)
	case c.slot == 0:
		c.due = due
		heap.Push(&w.due, c)
	default:
		c.due = due
		heap.Fix(&w.due, c.slot-1)
	}
}

func (w *world) unschedule(c *accessCode) {
	if c.slot > 0 {
		heap.Remove(&w.due, c.slot-1)
	}
}

// settle brings the world to now: every transition due until then happens at its own
// time and in order, as if the simulator had run all along. Time never goes back.
func (w *world) settle(now time.Time) {
	for len(w.due) > 0 && !w.due[0].due.After(now) {
		c := w.due[0]
		w.advance(c.due)
		w.step(c)
		if _, alive := w.codes[c.id]; alive {
			w.schedule(c)
		}
	}
	w.advance(now)
}

func (w *world) advance(to time.Time) {
	if to.After(w.now) {
		w.now = to
	}
}
