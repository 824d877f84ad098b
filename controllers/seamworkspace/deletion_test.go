// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// saysAfter reconciles the default SeamWorkspace and returns its message.
func (w *world) saysAfter() string {
	w.T.Helper()
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.T.Fatal(err)
	}
	var ws v1alpha1.SeamWorkspace
	if !w.Exists(&ws, v1alpha1.DefaultWorkspaceName) {
		return ""
	}
	message := kube.ReadyMessage(ws.Status.Conditions)
	if n := utf8.RuneCountInString(message); n > kube.MaxMessage {
		w.T.Errorf("%d characters: %s", n, message)
	}
	return message
}

// says reconciles the default SeamWorkspace and checks for words in its message.
func (w *world) says(words string) {
	w.T.Helper()
	if message := w.saysAfter(); !strings.Contains(message, words) {
		w.T.Errorf("message %q, want %q", message, words)
	}
}

// TestDeletionWaitsForAccessCodes: the message counts those it waits for as they go, whether or not Seam accepts the
// credentials.
func TestDeletionWaitsForAccessCodes(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		deletionWaits(t, revoked)
	}
}

func deletionWaits(t *testing.T, revoked bool) {
	w := newWorld(t)
	w.Workspaces.Recorder = w.Recorder
	w.Connected()
	const guests = 7
	w.Guests(guests)
	if revoked {
		if err := w.Sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
			t.Fatal(err)
		}
		w.Step(2 * v1alpha1.DefaultSyncInterval)
	}
	w.Recorded()
	w.Delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.saysAfter()
	want := "Its deletion waits for 7 AccessCodes (guest-0, guest-1, guest-2, guest-3, guest-4, …): delete them, or name another SeamWorkspace"
	if message := w.saysAfter(); !strings.Contains(message, want) || strings.HasPrefix(message, "Seam refuses") != revoked {
		t.Errorf("revoked %t: message %q", revoked, message)
	}
	if events := w.Recorded(); !slices.Equal(events, []string{seamworkspace.EventInUse}) {
		t.Errorf("Events %q, want one", events)
	}
	for i := range guests - 1 {
		name := fmt.Sprint("guest-", i)
		w.Edit(name, func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
		w.Delete(&v1alpha1.AccessCode{}, name)
		w.Settle(name)
	}
	w.says("waits for 1 AccessCode (guest-6): ")
	clear(w.Writes)
	w.saysAfter()
	if n := w.Writes["SeamWorkspace status"]; n != 0 {
		t.Errorf("%d writes although nothing has changed", n)
	}
	w.Edit("guest-6", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.Delete(&v1alpha1.AccessCode{}, "guest-6")
	w.says("waits for 1 AccessCode (guest-6), already being deleted")
	w.Settle("guest-6")
	w.saysAfter()
	if w.Exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) || w.Exists(&corev1.Secret{}, "seam") && w.Workspaces.Told() != 0 {
		t.Error("it stays, or is remembered")
	}
}

// TestOutageMessageKeepsTheDeletionNotice: the message has both, the outage and what is being deleted.
func TestOutageMessageKeepsTheDeletionNotice(t *testing.T) {
	w := settled(t)
	w.Delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.Order(sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: 503, Times: -1})
	w.Step(2 * v1alpha1.DefaultSyncInterval)
	for range 5 {
		w.saysAfter()
		w.Step(2 * seamworkspace.MaxCheckRetry)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	clear(w.Writes)
	for range 5 {
		if message := w.saysAfter(); !strings.Contains(message, "waits for 1 AccessCode (guest): ") {
			t.Errorf("message %q", message)
		}
		w.Step(2 * seamworkspace.MaxCheckRetry)
	}
	if n := w.Writes["SeamWorkspace status"]; n != 0 {
		t.Errorf("%d writes for the same outage", n)
	}
}
