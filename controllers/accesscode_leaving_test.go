// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// TestAppliedWhileBeingDeleted: the API server takes what is applied to an object on its way out, and only its message says
// what becomes of that.
func TestAppliedWhileBeingDeleted(t *testing.T) {
	const note = "What is applied now goes with it: apply it again afterwards"
	says := func(w *world, words ...string) {
		t.Helper()
		message := readyMessage(w.get("guest").Status.Conditions)
		for _, word := range append(words, note) {
			if !strings.Contains(message, word) {
				t.Errorf("message %q lacks %q", message, word)
			}
		}
		if utf8.RuneCountInString(message) > maxMessage {
			t.Errorf("a message of %d characters", len(message))
		}
	}
	w := settled(t)
	if strings.Contains(readyMessage(w.get("guest").Status.Conditions), note) {
		t.Error("said of one that stays")
	}
	w.online(false)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.look("guest", time.Second)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	says(w)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Booked again" })
	w.look("guest", time.Second)
	says(w)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "elsewhere"} })
	w.look("guest", time.Second)
	says(w, "set spec.deletionPolicy to Orphan", "stays on the lock")
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = nil })
	w.online(true)
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("it does not go")
	}
}
