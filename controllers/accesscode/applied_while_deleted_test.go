// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// TestAppliedWhileBeingDeleted: the API server takes what is applied to an object on its way out, and only its message says
// what becomes of that.
func TestAppliedWhileBeingDeleted(t *testing.T) {
	const note = "What is applied now goes with it: apply it again afterwards"
	says := func(w *world, words ...string) {
		t.Helper()
		message := kube.ReadyMessage(w.Get("guest").Status.Conditions)
		for _, word := range append(words, note) {
			if !strings.Contains(message, word) {
				t.Errorf("message %q lacks %q", message, word)
			}
		}
		if utf8.RuneCountInString(message) > kube.MaxMessage {
			t.Errorf("a message of %d characters", len(message))
		}
	}
	w := settled(t)
	if strings.Contains(kube.ReadyMessage(w.Get("guest").Status.Conditions), note) {
		t.Error("said of one that stays")
	}
	w.online(false)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Look("guest", time.Second)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	says(w)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Booked again" })
	w.Look("guest", time.Second)
	says(w)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "elsewhere"} })
	w.Look("guest", time.Second)
	says(w, "set spec.deletionPolicy to Orphan", "stays on the lock")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = nil })
	w.online(true)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("it does not go")
	}
}
