// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record/util"
	"k8s.io/client-go/tools/reference"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Actions of Events.
const (
	ActionCreate  = "Create"
	ActionObserve = "Observe"
	ActionUpdate  = "Update"
	ActionDelete  = "Delete"
	ActionAdopt   = "Adopt"
	ActionPull    = "PullBackup"
)

const (
	// eventTimeout bounds the write of one Event, and the write of all that are queued when the operator stops.
	eventTimeout = 5 * time.Second
	// eventWriters is how many Events are written at once.
	eventWriters = 8
	// maxWaitingEvents bounds the queue. An Event takes some kilobytes at most.
	maxWaitingEvents = 4096
	// maxNote is how many bytes of a note the API server accepts.
	maxNote = 1024
)

// EventRecorder writes each Event once, soon after its step, and then forgets it. client-go's recorder starts a goroutine for
// each Event, remembers the Events of six minutes, and drops all but one note of a reason in ten minutes. It was measured to
// take most of the memory when thousands of codes came at once. The controller of AccessCodes limits how many Events one
// AccessCode gets.
type EventRecorder struct {
	client   client.Client
	clock    clock.PassiveClock
	instance string
	log      logr.Logger

	// queue decouples Eventf from the API server. Events that find it full are lost. It is closed when the operator stops;
	// from then on Eventf writes by itself.
	queue  chan *eventsv1.Event
	lost   atomic.Int64
	mu     sync.RWMutex
	closed bool
	// stamp is the last time, in nanoseconds, that was made part of an Event's name. It makes the names differ.
	stamp atomic.Int64
}

var (
	_ events.EventRecorder = &EventRecorder{}
	_ manager.Runnable     = &EventRecorder{}
)

// NewEventRecorder returns an EventRecorder that writes once it has started.
func NewEventRecorder(c client.Client, clk clock.PassiveClock) (*EventRecorder, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("naming who records Events: %w", err)
	}
	const longest = 128 // of reportingInstance in events.k8s.io/v1
	instance := FieldOwner + "-" + host
	return &EventRecorder{
		client: c, clock: clk, instance: instance[:min(len(instance), longest)], log: ctrl.Log.WithName("events"),
		queue: make(chan *eventsv1.Event, maxWaitingEvents),
	}, nil
}

// Eventf implements events.EventRecorder for namespaced objects; it ignores the related object. It does not wait for the API
// server, except while the operator stops. An Event that can't be written is logged and lost: what matters is in the status.
func (w *EventRecorder) Eventf(regarding, _ runtime.Object, eventType, reason, action, note string, args ...any) {
	about, err := reference.GetReference(w.client.Scheme(), regarding)
	if err != nil {
		w.log.Error(err, "An Event was lost", "reason", reason)
		return
	}
	now := w.clock.Now()
	event := &eventsv1.Event{
		Type: eventType, Reason: reason, Action: action, Note: cutNote(fmt.Sprintf(note, args...)),
		Regarding: *about, EventTime: metav1.NewMicroTime(now),
		ReportingController: FieldOwner, ReportingInstance: w.instance,
	}
	event.Namespace, event.Name = about.Namespace, util.GenerateEventName(about.Name, w.nextStamp(now))
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.write(context.Background(), event)
		return
	}
	select {
	case w.queue <- event:
	default:
		w.lost.Add(1)
	}
}

// cutNote shortens a note to the bytes that the API server accepts. Messages are limited in characters elsewhere, and a
// character may have several bytes.
func cutNote(note string) string {
	const mark = "…"
	if len(note) <= maxNote {
		return note
	}
	end := maxNote - len(mark)
	for end > 0 && !utf8.RuneStart(note[end]) {
		end--
	}
	return note[:end] + mark
}

// nextStamp returns now, or a moment later than the last stamp where that is not in the past: two Events of one object need two
// names.
func (w *EventRecorder) nextStamp(now time.Time) int64 {
	for {
		last := w.stamp.Load()
		next := max(now.UnixNano(), last+1)
		if w.stamp.CompareAndSwap(last, next) {
			return next
		}
	}
}

// Start writes Events until ctx ends, and then those that are left.
func (w *EventRecorder) Start(ctx context.Context) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var writers sync.WaitGroup
	for range eventWriters {
		writers.Go(func() {
			for event := range w.queue {
				w.write(writing, event)
			}
		})
	}
	<-ctx.Done()
	w.mu.Lock()
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	end := time.AfterFunc(eventTimeout, cancel)
	defer end.Stop()
	writers.Wait()
	return nil
}

func (w *EventRecorder) write(ctx context.Context, event *eventsv1.Event) {
	ctx, cancel := context.WithTimeout(ctx, eventTimeout)
	defer cancel()
	err := w.client.Create(ctx, event)
	if err != nil && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) { // nothing new is taken there
		w.log.Error(err, "An Event was lost", "reason", event.Reason, "kind", event.Regarding.Kind,
			"namespace", event.Regarding.Namespace, "name", event.Regarding.Name)
	}
	if lost := w.lost.Swap(0); lost > 0 {
		w.log.Info("Events were lost, as the API server took them too slowly", "events", lost)
	}
}
