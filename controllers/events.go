// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"os"
	"time"

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
)

// eventTimeout bounds the write of one Event.
const eventTimeout = 5 * time.Second

// eventWriter writes each Event at once, in the step that it tells of, and keeps none. client-go's recorder has a
// goroutine for each and all of the last six minutes in memory, which was most of what thousands of codes took when they
// came at once. How many Events there may be of an AccessCode is up to its allowance.
type eventWriter struct {
	client   client.Client
	clock    clock.PassiveClock
	instance string
}

var _ events.EventRecorder = &eventWriter{}

func newEventWriter(c client.Client, clk clock.PassiveClock) (*eventWriter, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("naming who records Events: %w", err)
	}
	const longest = 128 // of reportingInstance in events.k8s.io/v1
	instance := fieldOwner + "-" + host
	return &eventWriter{client: c, clock: clk, instance: instance[:min(len(instance), longest)]}, nil
}

// Eventf implements events.EventRecorder, for objects of a namespace that are related to no other. An Event that can't be
// written is logged and lost: what matters is in the status.
func (w *eventWriter) Eventf(regarding, _ runtime.Object, eventType, reason, action, note string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), eventTimeout)
	defer cancel()
	err := w.write(ctx, regarding, &eventsv1.Event{Type: eventType, Reason: reason, Action: action, Note: fmt.Sprintf(note, args...)})
	if err == nil || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) { // nothing new is taken there
		return
	}
	ctrl.Log.WithName("events").Error(err, "An Event was lost", "reason", reason)
}

func (w *eventWriter) write(ctx context.Context, regarding runtime.Object, event *eventsv1.Event) error {
	about, err := reference.GetReference(w.client.Scheme(), regarding)
	if err != nil {
		return fmt.Errorf("referring to what an Event is about: %w", err)
	}
	now := w.clock.Now()
	event.Regarding = *about
	event.Namespace, event.Name = about.Namespace, util.GenerateEventName(about.Name, now.UnixNano())
	event.EventTime = metav1.NewMicroTime(now)
	event.ReportingController, event.ReportingInstance = fieldOwner, w.instance
	if err := w.client.Create(ctx, event); err != nil {
		return fmt.Errorf("recording an Event about %s %q: %w", about.Kind, client.ObjectKey{Namespace: about.Namespace, Name: about.Name}, err)
	}
	return nil
}
