// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// reporter tells what a reconcile ended with: in the status, in Events and in the metrics. It keeps the history.
type reporter struct {
	client client.Client
	// metadata is the cache. Only the metadata of Secrets is read from it.
	metadata  client.Reader
	connector connector
	suspender suspender
	waiting   waitingLine
	tracker   *tracker
	events    eventWriter
	metrics   *metrics.Instruments
	clock     clock.PassiveClock
}

// report writes the status where it differs, records Events, and says when to look again.
func (r reporter) report(ctx context.Context, code *v1alpha1.AccessCode, res result) (ctrl.Result, error) {
	switch err := res.unreported(); {
	case apierrors.IsConflict(err):
		// Something was changed since it was read: a newer version is on its way.
		return ctrl.Result{RequeueAfter: kube.Soon}, nil
	case err != nil:
		return ctrl.Result{}, err
	case res.released:
		r.events.record(code, res.event)
		r.tracker.forget(client.ObjectKeyFromObject(code))
		r.waiting.freedBy(ctx, code)
		return ctrl.Result{}, nil
	}
	r.measure(code, res)
	res.history = res.history.reported(res)
	r.tracker.keep(code, res.history) // nothing else stores what a reconcile leaves
	res = r.checkSuspected(code, res)
	if r.isQuiet(ctx, code, res) {
		return ctrl.Result{RequeueAfter: res.after}, errors.Join(res.err, r.suspender.resume(ctx, code))
	}
	before := code.DeepCopy()
	res.message = messageOf(code, res.message)
	code.Status = statusAfter(code, res, r.clock.Now())
	if !equality.Semantic.DeepEqual(before.Status, code.Status) {
		// With a lock: a replica that was frozen and no longer leads must not put back what it saw. Where the spec was
		// edited meanwhile, nothing is lost but a look: the intention leads to what was created.
		err := kube.PatchStatus(ctx, r.client, code, before)
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: kube.Soon}, nil
		}
		if apierrors.IsInvalid(err) && kube.UnreadableSpec(before.Undecodable) != "" {
			// The API server takes nothing but a better spec. That is said where it can be said.
			if res.reason == v1alpha1.ReasonInvalidSpec {
				r.events.record(code, &eventRecord{warning: true, reason: res.reason, action: kube.ActionObserve, message: res.message})
			}
			return ctrl.Result{RequeueAfter: res.after}, res.err
		}
		if err != nil {
			return ctrl.Result{}, fmt.Errorf("writing status of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
		}
	}
	r.events.recordChange(before, code, res)
	r.waiting.afterReport(ctx, before, code, res)
	return ctrl.Result{RequeueAfter: res.after}, res.err
}

// deletionHint warns whoever applies a booking again while its AccessCode is being deleted: the API server accepts that silently.
const deletionHint = ". What is applied now goes with it: apply it again afterwards"

// messageOf is the message of the conditions. While the AccessCode is being deleted, it also says what becomes of what is applied
// now.
func messageOf(code *v1alpha1.AccessCode, message string) string {
	if code.DeletionTimestamp.IsZero() {
		return message
	}
	end := deletionHint
	if rest, ok := strings.CutSuffix(message, orphanRemedy); ok {
		message, end = rest, orphanRemedy+deletionHint // what to do must not be cut off
	}
	return redact.Truncate(message, kube.MaxMessage-len(end)) + end
}
