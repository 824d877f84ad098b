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
	Misplaced    = misplaced
	DeviceName   = deviceName
	IntentOf     = intentOf
	StatusAfter  = statusAfter
	Succeeds     = succeeds
	KnownReasons = knownReasons
)

type (
	Result       = result
	StoredIntent = storedIntent
)

// NewResult is where a reconcile has ended.
func NewResult(reason, message string, after time.Duration) Result {
	return result{reason: reason, message: message, after: after}
}

func (res result) Warning(event string) Result { return res.warning(event) }

func (r *Reconciler) WithdrawIntent(ctx context.Context, code *v1alpha1.AccessCode, earlier *StoredIntent) error {
	return r.parts().intents.withdraw(ctx, code, earlier)
}

func (r *Reconciler) DeleteLeftBehind(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return r.parts().leftBehind.Reconcile(ctx, request)
}

func (r *Reconciler) RememberLeftBehind(e event.DeleteEvent) { r.parts().leftBehind.remember(e) }

// AccessCodeChanged is what happens to an update before it is enqueued.
func (r *Reconciler) AccessCodeChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		r.watcher().learnIntent(e)
		return r.watcher().accessCodeChanged(e)
	}}
}

func (r *Reconciler) OfSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return r.watcher().ofSecret(ctx, secret)
}

func (r *Reconciler) WroteIt(ctx context.Context, secret client.Object) bool {
	return r.watcher().wroteIt(ctx, secret)
}

func (r *Reconciler) RecordChange(before, code *v1alpha1.AccessCode, res Result) {
	r.parts().reporter.events.recordChange(before, code, res)
}

// LeftBehind is an AccessCode that is left behind; nil when there is none.
func (r *Reconciler) LeftBehind() *v1alpha1.AccessCode {
	return r.leftBehind.find(func(*v1alpha1.AccessCode) bool { return true })
}

// AllLeftBehind are all that are left behind, in no order.
func (r *Reconciler) AllLeftBehind() []*v1alpha1.AccessCode {
	var all []*v1alpha1.AccessCode
	r.leftBehind.find(func(c *v1alpha1.AccessCode) bool {
		all = append(all, c)
		return false
	})
	return all
}

// LacksIntent says that an AccessCode does not have the intention that it should have.
func (r *Reconciler) LacksIntent(code *v1alpha1.AccessCode) bool {
	r.tracker.intents.learn(code)
	return lacks(code, r.tracker.intents.of(code.UID))
}

// TakeLeftBehind empties the queue of those that are left behind.
func (r *Reconciler) TakeLeftBehind() { r.leftBehind.trigger.Take() }

// Told is of how many AccessCodes Events are counted.
func (r *Reconciler) Told() int { return len(r.tracker.eventLimits) }
