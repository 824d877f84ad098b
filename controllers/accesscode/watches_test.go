// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// TestUpdateIsLearntOnce: whether an update is enqueued is asked without an effect on what is remembered.
func TestUpdateIsLearntOnce(t *testing.T) {
	t.Parallel()
	before := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{
		Namespace: "hotel", Name: "guest", UID: "a",
		Annotations: map[string]string{v1alpha1.CreateIntentAnnotation: `{"object":"hotel/guest","tried":"2026-11-29T12:00:00Z"}`},
	}}
	after := before.DeepCopy()
	after.Annotations = nil
	w := NewReconciler(Options{}).watcher()
	update := event.UpdateEvent{ObjectOld: before, ObjectNew: after}
	if w.accessCodeChanged(update) || w.intents.of("a") != "" {
		t.Error("what was not learnt is known")
	}
	w.learnIntent(update)
	if !w.accessCodeChanged(update) {
		t.Error("an intention that was taken off is not missed")
	}
}
