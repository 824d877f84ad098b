// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// Reasons of Events about a SeamWorkspace or a Secret that is being deleted while AccessCodes need it.
const (
	eventInUse       = "InUse"
	eventSecretInUse = "SecretInUse"
)

const (
	// maxCounted is how many AccessCodes are counted. Above it, the status has neither a number nor names: it would have to be
	// written for each AccessCode that is deleted.
	maxCounted = 100
	// maxNamed is how many AccessCodes are named.
	maxNamed = 5
	// maxNames is how many characters their names may take.
	maxNames = 120
)

// deletionNotice returns the part of the message about what is being deleted and waits for AccessCodes; "" when nothing is. The
// first time, it also records an Event.
func (r *Reconciler) deletionNotice(ctx context.Context, ws *v1alpha1.SeamWorkspace, needs need) (string, error) {
	if !needs.held || !r.Shard.Has(ws) {
		return "", nil
	}
	if !ws.DeletionTimestamp.IsZero() {
		users, err := r.users(ctx, ws, kube.IndexHolding)
		if err != nil || users.count == 0 {
			return "", err
		}
		r.recordOnce(ws, ws, ws.UID, eventInUse, "The deletion "+users.waits(true))
		return ". Its deletion " + users.waits(users.count <= maxCounted), nil
	}
	secret, err := r.secretBeingDeleted(ctx, ws)
	if err != nil || secret == nil {
		return "", err
	}
	users, err := r.users(ctx, ws, kube.IndexWorkspace)
	if err != nil || users.count == 0 {
		return "", err
	}
	message := func(named bool) string {
		return fmt.Sprintf("Secret %q is marked for deletion and goes with the last of %s; then new ones have no key: name another Secret in spec.auth",
			secret.Name, users.text(named))
	}
	r.recordOnce(ws, ws, secret.UID, eventSecretInUse, message(true))
	r.recordOnce(ws, secret, "Secret "+secret.UID, eventSecretInUse, message(true))
	return ". " + message(users.count <= maxCounted), nil
}

// secretBeingDeleted returns the Secret with the credentials where it is marked for deletion, else nil.
func (r *Reconciler) secretBeingDeleted(ctx context.Context, ws *v1alpha1.SeamWorkspace) (*metav1.PartialObjectMetadata, error) {
	ref := ws.Spec.Auth.SecretKeyRef()
	if ref == nil || ws.Unreadable("spec.auth") {
		return nil, nil
	}
	secret := kube.SecretMetadata()
	if err := r.Metadata.Get(ctx, types.NamespacedName{Namespace: ws.Namespace, Name: ref.Name}, secret); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, nil
		}
		return nil, fmt.Errorf("reading metadata of Secret %q: %w", ref.Name, err)
	}
	if secret.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	return secret, nil
}

// users are AccessCodes that need a SeamWorkspace.
type users struct {
	count int // at most one more than maxCounted
	names []string
	// stay says that at least one of them is not being deleted.
	stay bool
}

func (r *Reconciler) users(ctx context.Context, ws *v1alpha1.SeamWorkspace, index string) (users, error) {
	var found users
	for _, value := range []string{kube.WorkspaceValue(ws.Key()), kube.UnknownName} {
		var codes v1alpha1.AccessCodeList
		err := r.List(ctx, &codes, client.InNamespace(ws.Namespace), client.MatchingFields{index: value},
			client.Limit(maxCounted+1), client.UnsafeDisableDeepCopy)
		if err != nil {
			return users{}, fmt.Errorf("looking for AccessCodes by %s: %w", index, err)
		}
		for i := range codes.Items {
			found.names = append(found.names, codes.Items[i].Name)
			found.stay = found.stay || codes.Items[i].DeletionTimestamp.IsZero()
		}
	}
	found.count = min(len(found.names), maxCounted+1)
	slices.Sort(found.names)
	return found, nil
}

// waits is the end of a sentence about an object that waits for these AccessCodes.
func (u users) waits(named bool) string {
	if !u.stay {
		return "waits for " + u.text(named) + ", already being deleted"
	}
	return "waits for " + u.text(named) + ": delete them, or name another SeamWorkspace of the same Seam workspace in their spec.workspaceRef"
}

// text is the number of AccessCodes and, with named, some of their names.
func (u users) text(named bool) string {
	var text string
	switch {
	case u.count > maxCounted:
		text = fmt.Sprintf("more than %d AccessCodes", maxCounted)
	case u.count == 1:
		text = "1 AccessCode"
	default:
		text = fmt.Sprintf("%d AccessCodes", u.count)
	}
	if !named {
		return text
	}
	length := 0
	var names []string
	for _, name := range u.names[:min(len(u.names), maxNamed)] {
		if length += utf8.RuneCountInString(name) + len(", "); length > maxNames && len(names) > 0 {
			break
		}
		names = append(names, redact.Truncate(name, maxNames))
	}
	list := strings.Join(names, ", ")
	if len(names) < u.count {
		list += ", …"
	}
	return text + " (" + list + ")"
}

// recordOnce records a Warning Event about object, once for each value of about.
func (r *Reconciler) recordOnce(ws *v1alpha1.SeamWorkspace, object runtime.Object, about types.UID, reason, message string) {
	key := ws.Key()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Recorder == nil || r.recorded[key][about] {
		return
	}
	if r.recorded == nil {
		r.recorded = map[v1alpha1.WorkspaceKey]map[types.UID]bool{}
	}
	if r.recorded[key] == nil {
		r.recorded[key] = map[types.UID]bool{}
	}
	r.recorded[key][about] = true
	r.Recorder.Eventf(object, nil, corev1.EventTypeWarning, reason, kube.ActionDelete, "%s", redact.Truncate(message, kube.MaxMessage))
}

// reportAgain writes the result of the last check again, with the present deletion notice. after is when the next check is due.
func (r *Reconciler) reportAgain(ctx context.Context, ws *v1alpha1.SeamWorkspace, leaving string, after time.Duration) (ctrl.Result, error) {
	r.mu.Lock()
	result, ok := r.last[ws.Key()]
	r.mu.Unlock()
	if !ok || kube.ReadyReason(ws.Status.Conditions) != result.reason {
		return ctrl.Result{RequeueAfter: after}, nil
	}
	result.info, result.deletionNotice = nil, leaving
	err := r.report(ctx, ws, result)
	switch {
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: kube.Soon}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: after}, nil
}

// message returns the message of the conditions for a check, and remembers the result for reportAgain.
func (r *Reconciler) message(ws *v1alpha1.SeamWorkspace, result checkResult) string {
	key := ws.Key()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[key]; ok && result.err != nil && last.reason == result.reason {
		result.message = last.message // each try has a request id of its own
	} else if result.deletionNotice == "" {
		result.message = kube.KeptMessage(ws.Status.Conditions, ws.Generation, result.reason, result.message, result.err)
	}
	if r.last == nil {
		r.last = map[v1alpha1.WorkspaceKey]checkResult{}
	}
	r.last[key] = result
	return result.message + result.deletionNotice
}
