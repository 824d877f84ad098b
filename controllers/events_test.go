// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// TestEventWriter: two Events of one reason are two, each with its own text.
func TestEventWriter(t *testing.T) {
	w := newWorld(t)
	w.code("guest", nil)
	code := w.get("guest")
	writer, err := newEventWriter(w.client, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{"code", "endsAt"}
	for _, field := range fields {
		w.step(1) // names are made of the time
		writer.Eventf(code, nil, corev1.EventTypeNormal, eventUpdated, actionUpdate, "Sent to the lock: %s", field)
	}
	var list eventsv1.EventList
	if err := w.client.List(w.ctx, &list, client.InNamespace(code.Namespace)); err != nil {
		t.Fatal(err)
	}
	var got []eventsv1.Event
	for _, e := range list.Items {
		if e.EventTime.IsZero() || !strings.HasPrefix(e.ReportingInstance, fieldOwner+"-") {
			t.Errorf("recorded at %s by %q", e.EventTime, e.ReportingInstance)
		}
		got = append(got, eventsv1.Event{Regarding: e.Regarding, Type: e.Type, Reason: e.Reason, Action: e.Action, Note: e.Note, ReportingController: e.ReportingController})
	}
	about := corev1.ObjectReference{
		APIVersion: "access-codes.io/v1alpha1", Kind: "AccessCode", Namespace: code.Namespace, Name: code.Name, UID: code.UID, ResourceVersion: code.ResourceVersion,
	}
	var want []eventsv1.Event
	for _, field := range fields {
		want = append(want, eventsv1.Event{
			Regarding: about, Type: corev1.EventTypeNormal, Reason: eventUpdated, Action: actionUpdate, Note: "Sent to the lock: " + field, ReportingController: fieldOwner,
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Events (-want +got):\n%s", diff)
	}
}

// TestEventThatCannotBeWritten is lost without harm.
func TestEventThatCannotBeWritten(t *testing.T) {
	w := newWorld(t)
	w.code("guest", nil)
	code := w.get("guest")
	tried := 0
	refusing := interceptor.NewClient(w.client, interceptor.Funcs{
		Create: func(ctx context.Context, _ client.WithWatch, _ client.Object, _ ...client.CreateOption) error {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("no deadline")
			}
			tried++
			return errors.New("refused")
		},
	})
	writer, err := newEventWriter(refusing, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	writer.Eventf(code, nil, corev1.EventTypeWarning, eventUpdateFailed, actionUpdate, "No")
	if tried != 1 {
		t.Errorf("tried %d times, want 1", tried)
	}
}
