// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// saysAfter reconciles the default SeamWorkspace and returns its message.
func (w *world) saysAfter() string {
	w.t.Helper()
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.t.Fatal(err)
	}
	var ws v1alpha1.SeamWorkspace
	if !w.exists(&ws, v1alpha1.DefaultWorkspaceName) {
		return ""
	}
	message := readyMessage(ws.Status.Conditions)
	if n := utf8.RuneCountInString(message); n > maxMessage {
		w.t.Errorf("%d characters: %s", n, message)
	}
	return message
}

// says reconciles the default SeamWorkspace and checks for words in its message.
func (w *world) says(words string) {
	w.t.Helper()
	if message := w.saysAfter(); !strings.Contains(message, words) {
		w.t.Errorf("message %q, want %q", message, words)
	}
}

// TestDeletionWaitsForAccessCodes: how many it waits for is said as they go, whether or not Seam takes the credentials.
func TestDeletionWaitsForAccessCodes(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		deletionWaits(t, revoked)
	}
}

func deletionWaits(t *testing.T, revoked bool) {
	w := newWorld(t)
	w.workspaces.Recorder = w.recorder
	w.connected()
	const guests = 7
	w.guests(guests)
	if revoked {
		if err := w.sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
			t.Fatal(err)
		}
		w.step(2 * v1alpha1.DefaultSyncInterval)
	}
	w.recorded()
	w.delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.saysAfter()
	want := "Its deletion waits for 7 AccessCodes (guest-0, guest-1, guest-2, guest-3, guest-4, …): delete them, or name another SeamWorkspace"
	if message := w.saysAfter(); !strings.Contains(message, want) || strings.HasPrefix(message, "Seam refuses") != revoked {
		t.Errorf("revoked %t: message %q", revoked, message)
	}
	if events := w.recorded(); !slices.Equal(events, []string{eventInUse}) {
		t.Errorf("Events %q, want one", events)
	}
	for i := range guests - 1 {
		name := fmt.Sprint("guest-", i)
		w.edit(name, func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
		w.delete(&v1alpha1.AccessCode{}, name)
		w.settle(name)
	}
	w.says("waits for 1 AccessCode (guest-6): ")
	clear(w.writes)
	w.saysAfter()
	if n := w.writes["SeamWorkspace status"]; n != 0 {
		t.Errorf("%d writes although nothing has changed", n)
	}
	w.edit("guest-6", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.delete(&v1alpha1.AccessCode{}, "guest-6")
	w.says("waits for 1 AccessCode (guest-6), already being deleted")
	w.settle("guest-6")
	w.saysAfter()
	if w.exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) || w.exists(&corev1.Secret{}, "seam") && len(w.workspaces.told) != 0 {
		t.Error("it stays, or is remembered")
	}
}

// TestUsersOfManyNames: neither their number nor their names make a message that has to be written all the time, or is cut.
func TestUsersOfManyNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 253)
	tests := map[string]struct {
		users users
		want  string
	}{
		"one":       {users{1, []string{"a"}, true}, "1 AccessCode (a)"},
		"five":      {users{5, []string{"a", "b", "c", "d", "e"}, true}, "5 AccessCodes (a, b, c, d, e)"},
		"six":       {users{6, []string{"a", "b", "c", "d", "e", "f"}, true}, "6 AccessCodes (a, b, c, d, e, …)"},
		"very many": {users{maxCounted + 1, []string{"a", "b", "c", "d", "e", "f"}, true}, "more than 100 AccessCodes (a, b, c, d, e, …)"},
		"long":      {users{2, []string{"a", long}, true}, "2 AccessCodes (a, …)"},
	}
	for name, test := range tests {
		if got := test.users.text(true); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := (users{1, []string{long}, true}).waits(true); utf8.RuneCountInString(got) > maxMessage-len("Seam takes the credentials. Its deletion ") || !strings.HasSuffix(got, "spec.workspaceRef") {
		t.Errorf("%d characters: %q", utf8.RuneCountInString(got), got)
	}
	if got := (users{maxCounted + 1, []string{"a"}, true}).text(false); got != "more than 100 AccessCodes" {
		t.Error(got)
	}
}

// TestOutageWhileItIsLeaving: the message of an outage stands, and what leaves is told beside it.
func TestOutageWhileItIsLeaving(t *testing.T) {
	w := settled(t)
	w.delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.order(sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: 503, Times: -1})
	w.step(2 * v1alpha1.DefaultSyncInterval)
	for range 5 {
		w.saysAfter()
		w.step(2 * maxUnanswered)
	}
	w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	clear(w.writes)
	for range 5 {
		if message := w.saysAfter(); !strings.Contains(message, "waits for 1 AccessCode (guest): ") {
			t.Errorf("message %q", message)
		}
		w.step(2 * maxUnanswered)
	}
	if n := w.writes["SeamWorkspace status"]; n != 0 {
		t.Errorf("%d writes for the same outage", n)
	}
}
