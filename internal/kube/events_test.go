// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// writeEvents makes a recorder write the queued Events, and end.
func writeEvents(t *testing.T, writer *kube.EventRecorder) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := writer.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestTwoEventsOfOneReasonStayTwo: two Events of one reason are two, each with its own text, in one moment, too.
func TestTwoEventsOfOneReasonStayTwo(t *testing.T) {
	w := testworld.New(t)
	w.Code("guest", nil)
	code := w.Get("guest")
	writer, err := kube.NewEventRecorder(w.Client, w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{"code", "endsAt"}
	for _, field := range fields {
		writer.Eventf(code, nil, corev1.EventTypeNormal, "Updated", kube.ActionUpdate, "Sent to the lock: %s", field)
	}
	writeEvents(t, writer)
	var list eventsv1.EventList
	if err := w.Client.List(w.Ctx, &list, client.InNamespace(code.Namespace)); err != nil {
		t.Fatal(err)
	}
	var got []eventsv1.Event
	for _, e := range list.Items {
		if e.EventTime.IsZero() || !strings.HasPrefix(e.ReportingInstance, kube.FieldOwner+"-") {
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
			Regarding: about, Type: corev1.EventTypeNormal, Reason: "Updated", Action: kube.ActionUpdate, Note: "Sent to the lock: " + field, ReportingController: kube.FieldOwner,
		})
	}
	slices.SortFunc(got, func(a, b eventsv1.Event) int { return strings.Compare(a.Note, b.Note) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Events (-want +got):\n%s", diff)
	}
}

// TestEventThatCannotBeWritten: it is lost without harm.
func TestEventThatCannotBeWritten(t *testing.T) {
	w := testworld.New(t)
	w.Code("guest", nil)
	code := w.Get("guest")
	tried := 0
	refusing := interceptor.NewClient(w.Client, interceptor.Funcs{
		Create: func(ctx context.Context, _ client.WithWatch, _ client.Object, _ ...client.CreateOption) error {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("no deadline")
			}
			tried++
			return errors.New("refused")
		},
	})
	writer, err := kube.NewEventRecorder(refusing, w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	writer.Eventf(code, nil, corev1.EventTypeWarning, "UpdateFailed", kube.ActionUpdate, "No")
	writeEvents(t, writer)
	if tried != 1 {
		t.Errorf("tried %d times, want 1", tried)
	}
}

// within fails the test with a message unless ctx ends in a minute.
func within(t *testing.T, ctx context.Context, message string) { //nolint:revive // it is about the test first
	t.Helper()
	patience, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	select {
	case <-ctx.Done():
	case <-patience.Done():
		t.Fatal(message)
	}
}

// TestEventsHoldUpNobody: while the API server accepts none, callers of Eventf go on, and no more Events are kept than the
// queue has room for. When the operator stops, it tries to write those that are left.
func TestEventsHoldUpNobody(t *testing.T) {
	w := testworld.New(t)
	w.Code("guest", nil)
	code := w.Get("guest")
	answered := make(chan struct{})
	var waiting, written atomic.Int64
	hanging := interceptor.NewClient(w.Client, interceptor.Funcs{
		Create: func(ctx context.Context, _ client.WithWatch, _ client.Object, _ ...client.CreateOption) error {
			waiting.Add(1)
			select {
			case <-answered:
				written.Add(1)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
	writer, err := kube.NewEventRecorder(hanging, w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := writer.Start(ctx); err != nil {
			t.Error(err)
		}
	})
	record := func() { writer.Eventf(code, nil, corev1.EventTypeNormal, "Updated", kube.ActionUpdate, "No. %d", 1) }
	for range kube.EventWriters {
		record()
	}
	err = wait.PollUntilContextTimeout(t.Context(), time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return waiting.Load() == kube.EventWriters, nil
	})
	if err != nil {
		t.Fatal("the API server is not asked")
	}
	recorded, done := context.WithCancel(t.Context())
	go func() {
		defer done()
		for range 2 * kube.MaxWaitingEvents {
			record()
		}
	}()
	within(t, recorded, "whoever records waits for the API server")
	if kept, lost := writer.Waiting(), writer.Lost(); kept != kube.MaxWaitingEvents || lost != kube.MaxWaitingEvents {
		t.Errorf("%d are kept and %d lost, want %d of each", kept, lost, kube.MaxWaitingEvents)
	}
	cancel()
	close(answered)
	running.Wait()
	record() // by a step that ends late
	if n := written.Load(); n != kube.EventWriters+kube.MaxWaitingEvents+1 {
		t.Errorf("%d are written, want %d", n, kube.EventWriters+kube.MaxWaitingEvents+1)
	}
}

// TestNoteIsCutByItsBytes: 300 characters of four bytes are more than the API server takes.
func TestNoteIsCutByItsBytes(t *testing.T) {
	t.Parallel()
	for _, note := range []string{"", "short", strings.Repeat("a", kube.MaxNote), strings.Repeat("a", kube.MaxNote+1), strings.Repeat("𝄞", 300), "a" + strings.Repeat("ü", 600)} {
		got := kube.CutNote(note)
		if len(got) > kube.MaxNote || !utf8.ValidString(got) || !strings.HasPrefix(note, strings.TrimSuffix(got, "…")) {
			t.Errorf("%d bytes of %d: %q", len(got), len(note), got)
		}
		if len(note) <= kube.MaxNote && got != note || len(got) < min(len(note), kube.MaxNote-6) {
			t.Errorf("%d bytes of %d are left", len(got), len(note))
		}
	}
}
