// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

const (
	suspendedMessage = "spec.suspend is true: nothing is done about the code until it is false; what is on the lock stays there"
	// pendingMessage is added where more of the spec was changed than that.
	pendingMessage = ". Changes of the spec wait, too"
)

// suspender says of AccessCodes that they are suspended.
type suspender struct {
	client    client.StatusClient
	connector connector
	pins      pinStore
	waiting   *waiters
	clock     clock.PassiveClock
}

// suspend sets the condition Suspended, without a call to Seam. Ready keeps what was true of the code.
// observedGeneration moves only where the spec is known to have changed in nothing but suspend: whoever waits for another
// change waits until the AccessCode is resumed.
func (s suspender) suspend(ctx context.Context, f facts) error {
	code := f.code
	s.waiting.forget(client.ObjectKeyFromObject(code)) // nobody is to step aside for it
	carried, err := s.changesNothing(ctx, f)
	if err != nil {
		return err
	}
	before := code.DeepCopy()
	conditions := &code.Status.Conditions
	set := func(conditionType string, status metav1.ConditionStatus, message string) {
		apimeta.SetStatusCondition(conditions, metav1.Condition{
			Type: conditionType, Status: status, Reason: v1alpha1.ReasonSuspended, Message: message,
			ObservedGeneration: code.Generation, LastTransitionTime: metav1.NewTime(s.clock.Now()),
		})
	}
	message := suspendedMessage
	switch ready := apimeta.FindStatusCondition(*conditions, v1alpha1.ConditionReady); {
	case ready == nil || ready.Reason == v1alpha1.ReasonSuspended: // nothing was ever said of a code
		set(v1alpha1.ConditionReady, metav1.ConditionFalse, message)
	case carried:
		ready.ObservedGeneration, code.Status.ObservedGeneration = code.Generation, code.Generation
	default:
		message += pendingMessage
	}
	set(v1alpha1.ConditionSuspended, metav1.ConditionTrue, message)
	return s.writeConditions(ctx, before, code)
}

// writeConditions writes a status, where it differs. Only its conditions and generation may have changed.
func (s suspender) writeConditions(ctx context.Context, before, code *v1alpha1.AccessCode) error {
	if equality.Semantic.DeepEqual(before.Status, code.Status) {
		return nil
	}
	err := kube.PatchStatus(ctx, s.client, code, before)
	if err == nil || apierrors.IsConflict(err) || apierrors.IsInvalid(err) && kube.UnreadableSpec(before.Undecodable) != "" {
		return nil // a newer version is on its way, or the API server takes nothing but a better spec
	}
	return fmt.Errorf("writing conditions of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
}

// changesNothing says that the spec asks for what was true of the code when it was last looked at.
func (s suspender) changesNothing(ctx context.Context, f facts) (bool, error) {
	code := f.code
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || ready.Status != metav1.ConditionTrue || ready.ObservedGeneration != code.Status.ObservedGeneration:
		return false, nil
	case code.Status.ObservedGeneration == code.Generation:
		return true, nil
	case ready.Reason == v1alpha1.ReasonExpired:
		return windowOf(code).Over(s.connector.now(code)), nil
	case f.history.converged == nil:
		return false, nil // forgotten by a restart
	}
	p, err := s.pins.resolve(ctx, code)
	if _, missing := blockedBy(err); missing {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	f.pin = p
	return alike(newSnapshot(f).desired, *f.history.converged), nil
}

// alike compares two wanted states without what depends on the lock.
func alike(want, converged plan.Desired) bool {
	if converged.Provider && want.Chosen {
		want.Code = ""
	}
	for _, d := range []*plan.Desired{&want, &converged} {
		d.Provider, d.EnablePool, d.Pull = false, false, false
	}
	return want.Equal(converged)
}

// resume removes the condition Suspended where nothing else is to be reported yet.
func (s suspender) resume(ctx context.Context, code *v1alpha1.AccessCode) error {
	before := code.DeepCopy()
	apimeta.RemoveStatusCondition(&code.Status.Conditions, v1alpha1.ConditionSuspended)
	return s.writeConditions(ctx, before, code)
}
