// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// RequestFor is the request of the queue for an object.
func RequestFor(name string) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Namespace: Namespace, Name: name}}
}

// WorkspaceKey is the key of a SeamWorkspace.
func WorkspaceKey(name string) v1alpha1.WorkspaceKey {
	return v1alpha1.SeamWorkspaceKey(types.NamespacedName{Namespace: Namespace, Name: name})
}

// ReconcileWorkspace reconciles a SeamWorkspace once and checks its conditions.
func (w *World) ReconcileWorkspace(name string) (ctrl.Result, error) {
	w.T.Helper()
	key := types.NamespacedName{Namespace: Namespace, Name: name}
	result, err := w.Workspaces.Reconcile(w.Ctx, ctrl.Request{NamespacedName: key})
	var ws v1alpha1.SeamWorkspace
	if w.Exists(&ws, name) && len(ws.Status.Conditions) > 0 {
		CheckConditions(w.T, ws.Generation, ws.Status.ObservedGeneration, ws.Status.Conditions)
	}
	if Drain(w.Codes.Triggers.Feeds) {
		w.Listen(name)
	}
	Drain(w.Codes.Triggers.AccessCodesOf)
	return result, err
}

// Listen reconciles the feed of a SeamWorkspace once and returns the AccessCodes that it enqueues.
func (w *World) Listen(name string) (woken []string, result ctrl.Result) {
	w.T.Helper()
	key := types.NamespacedName{Namespace: Namespace, Name: name}
	result, err := w.Feeds.Reconcile(w.Ctx, ctrl.Request{NamespacedName: key})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, code := range w.Codes.Triggers.AccessCodes.Take() {
		woken = append(woken, code.Name)
	}
	return woken, result
}

// Hears lets the feed poll once and compares which AccessCodes it enqueues.
func (w *World) Hears(want ...string) {
	w.T.Helper()
	woken, _ := w.Listen(v1alpha1.DefaultWorkspaceName)
	slices.Sort(woken)
	if diff := cmp.Diff(want, slices.Compact(woken)); diff != "" {
		w.T.Errorf("woken (-want +got):\n%s", diff)
	}
}

// Reconcile reconciles an AccessCode once, its workspace before it, and after it when the AccessCode asks for that,
// and checks conditions.
func (w *World) Reconcile(name string) (ctrl.Result, error) {
	w.T.Helper()
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.T.Log(err)
	}
	key := types.NamespacedName{Namespace: Namespace, Name: name}
	result, err := w.Codes.Reconcile(w.Ctx, ctrl.Request{NamespacedName: key})
	if Drain(w.Codes.Triggers.Workspaces) {
		if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
			w.T.Log(err)
		}
	}
	var code v1alpha1.AccessCode
	if w.Exists(&code, name) && len(code.Status.Conditions) > 0 {
		CheckConditions(w.T, code.Generation, code.Status.ObservedGeneration, code.Status.Conditions)
	}
	if apierrors.IsConflict(err) {
		w.T.Errorf("a conflict is to be a silent requeue, got %v", err)
	}
	return result, err
}

// Drain removes the requests of a trigger and says whether there were any.
func Drain[K comparable](trigger *kube.Trigger[K]) bool { return len(trigger.Take()) > 0 }

// Settle reconciles an AccessCode, moving the clock as the operator asks, until it asks for no look within two
// minutes.
func (w *World) Settle(name string) {
	w.T.Helper()
	const patience = 2 * time.Minute
	for range 40 {
		result, err := w.Reconcile(name)
		switch {
		case err != nil:
			w.Step(time.Minute)
		case result.RequeueAfter == 0 || result.RequeueAfter > patience:
			return
		default:
			w.Step(result.RequeueAfter)
		}
	}
	w.T.Fatalf("AccessCode %q does not come to rest: %+v", name, w.Get(name).Status)
}

// Look reconciles an AccessCode once, after some time.
func (w *World) Look(name string, after time.Duration) *v1alpha1.AccessCode {
	w.T.Helper()
	w.Step(after)
	if _, err := w.Reconcile(name); err != nil {
		w.T.Fatal(err)
	}
	return w.Get(name)
}
