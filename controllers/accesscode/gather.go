// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// gatherer gathers all that the next step is decided by.
type gatherer struct {
	cache     client.Reader
	connector connector
	holders   holders
	pins      pinStore
	intents   intentStore
	observer  observer
	triggers  *kube.Triggers
}

// gather returns the snapshot of an AccessCode that is not being deleted, with what a look at Seam found. An error ends the
// reconcile; the snapshot then holds what was gathered before it.
func (g gatherer) gather(ctx context.Context, f facts) (snapshot, error) {
	if err := unusable(f.code); err != nil {
		return newSnapshot(f), err
	}
	var err error
	if f.session, err = g.connector.connect(ctx, f.code); err != nil {
		return newSnapshot(f), err
	}
	s := newSnapshot(f)
	if err := g.yieldToOwner(ctx, s.code); err != nil {
		return s, err
	}
	if err := g.resolveCopy(ctx, s.code); err != nil {
		return s, err
	}
	for _, learn := range []func(context.Context, snapshot) (snapshot, error){
		g.withPIN, g.observer.observe, g.keepPINs, g.observer.withHolder, withZone, withDeviceForStart,
	} {
		if s, err = learn(ctx, s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// withPIN resolves the PIN and finds out who chooses it. It makes the AccessCode the owner of its Secret.
// Once the window is over, nothing is waited for: the code leaves the lock without its PIN being known.
func (g gatherer) withPIN(ctx context.Context, s snapshot) (snapshot, error) {
	p, err := g.pins.resolve(ctx, s.code)
	if err == nil {
		err = g.pins.ownKept(ctx, s.code, p)
	}
	if err != nil && !s.over() {
		return s, waitForPIN(s, err)
	}
	s = s.withPIN(p)
	// Who chooses the PIN decides what a code of ours looks like.
	if !s.known.CreatePending && (s.known.ID != "" || s.over()) {
		return s, nil
	}
	known, err := withDevice(ctx, s)
	if err == nil || s.over() && seam.IsDeviceNotFound(err) {
		return known, nil
	}
	failed := s.failed("", err)
	if kube.VerdictOf(failed.reason) == kube.Stalled {
		failed = failed.warning(eventCreateFailed)
	}
	return s, failed.asError()
}

// waitForPIN is the error of an AccessCode whose PIN can't be had. The status says nothing of one that the queue tries again.
func waitForPIN(s snapshot, err error) error {
	res, ok := blockedBy(err)
	if !ok {
		return retry(err).asError()
	}
	if res.after == 0 {
		res.after = s.nextLook(plan.Step{})
	}
	return res.asError()
}

// keepPINs is that of the pinStore. Once the window is over, a PIN that can't be stored must not keep the code on the lock.
func (g gatherer) keepPINs(ctx context.Context, s snapshot) (snapshot, error) {
	s, err := g.pins.keepPINs(ctx, s)
	if err != nil && s.over() {
		return s, nil
	}
	return s, err
}

// yieldToOwner gives up a recorded code that belongs to another AccessCode. Where it belongs to this one, it enqueues the others,
// so that they give it up.
func (g gatherer) yieldToOwner(ctx context.Context, code *v1alpha1.AccessCode) error {
	owner, err := g.holders.ownerBefore(ctx, code)
	if err != nil {
		return err
	}
	if owner == nil {
		others, err := g.holders.sharing(ctx, code)
		for _, other := range others {
			g.triggers.EnqueueAccessCode(client.ObjectKeyFromObject(other))
		}
		return err
	}
	logf.FromContext(ctx).Info("Gave up a code that belongs to another AccessCode", "accessCodeID", code.Status.AccessCodeID)
	g.intents.memory.setStripped(code.UID, false)
	return result{
		reason: v1alpha1.ReasonCodeConflict, message: plan.OwnedMessage(holderName(code, owner)), after: kube.SlowLook, yielded: true,
		happened: happened{yielded: true},
	}.warning(eventAdoptFailed).asError()
}
