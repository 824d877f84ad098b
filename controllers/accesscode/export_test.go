// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// What tests of this folder reach for that nobody else does.

const (
	MaxPullRetry      = maxPullRetry
	MaxDeviceName     = maxDeviceName
	NameRetry         = nameRetry
	EventCreateFailed = eventCreateFailed
	EventPINRotated   = eventPINRotated
	EventUpdateFailed = eventUpdateFailed
	FirstRefusalRetry = firstRefusalRetry
	SendWithin        = sendWithin
	EventInterval     = eventInterval
	MaxEvents         = maxEvents
)

var (
	Missing      = missing
	DeviceName   = deviceName
	IntentOf     = intentOf
	StatusAfter  = statusAfter
	Succeeds     = succeeds
	KnownReasons = knownReasons
)

type (
	Outcome      = outcome
	StoredIntent = storedIntent
)

// NewOutcome is where a reconcile has ended.
func NewOutcome(reason, message string, after time.Duration) Outcome {
	return outcome{reason: reason, message: message, after: after}
}

func (o outcome) Warning(event string) Outcome { return o.warning(event) }

func (r *Reconciler) WithdrawIntent(ctx context.Context, code *v1alpha1.AccessCode, earlier *StoredIntent) error {
	return r.withdrawIntent(ctx, code, earlier)
}

func (r *Reconciler) CleanUp(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return r.cleanUp(ctx, request)
}

func (r *Reconciler) RememberLeftBehind(e event.DeleteEvent) { r.rememberLeftBehind(e) }

func (r *Reconciler) AccessCodeChanged() predicate.Predicate { return r.accessCodeChanged() }

func (r *Reconciler) OfSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return r.ofSecret(ctx, secret)
}

func (r *Reconciler) WroteIt(ctx context.Context, secret client.Object) bool {
	return r.wroteIt(ctx, secret)
}

func (r *Reconciler) RecordChange(before, code *v1alpha1.AccessCode, o Outcome) {
	r.recordChange(before, code, o)
}

// LeftBehind is an AccessCode that is left behind, nil when there is none.
func (r *Reconciler) LeftBehind() *v1alpha1.AccessCode {
	return r.left.find(func(*v1alpha1.AccessCode) bool { return true })
}

// AllLeftBehind are the AccessCodes that are left behind, in no order.
func (r *Reconciler) AllLeftBehind() []*v1alpha1.AccessCode {
	var all []*v1alpha1.AccessCode
	r.left.find(func(c *v1alpha1.AccessCode) bool {
		all = append(all, c)
		return false
	})
	return all
}

// LacksIntent says that an AccessCode does not have the intention that it should have.
func (r *Reconciler) LacksIntent(code *v1alpha1.AccessCode) bool {
	return lacks(code, r.memory.intents.of(code))
}

// TakeLeftBehind takes in what waits to be worked on.
func (r *Reconciler) TakeLeftBehind() { r.left.trigger.Take() }

// Told is of how many AccessCodes Events are counted.
func (r *Reconciler) Told() int { return len(r.memory.eventLimiters) }
