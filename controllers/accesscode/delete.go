// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// deleter is the way out: it takes codes off their locks, and lets their AccessCodes go.
type deleter struct {
	connector connector
	holders   holders
	pins      pinStore
	intents   intentStore
	observer  observer
	executor  executor
	clock     clock.PassiveClock
}

// delete takes the code off the lock, unless deletionPolicy is Orphan, and then removes the finalizer. It does so for a suspended
// AccessCode, too.
func (d deleter) delete(ctx context.Context, f facts) result {
	s, res := d.next(ctx, f)
	if res.off {
		message := res.message
		res = d.release(ctx, f.code)
		res.event = &eventRecord{reason: eventRemoved, action: kube.ActionDelete, message: message}
	}
	return concluded(s, s, res, d.clock.Now())
}

// next takes the next step of the way out.
func (d deleter) next(ctx context.Context, f facts) (snapshot, result) {
	code, s := f.code, newSnapshot(f)
	if !code.HasFinalizer() {
		return s, result{released: true}
	}
	if err := d.intents.restoreLeaving(ctx, code); err != nil {
		return s, retry(err)
	}
	if nothingToDelete(code) {
		return s, d.release(ctx, code)
	}
	if err := untraceable(code); err != nil {
		return s, s.failed("", err)
	}
	owner, err := d.holders.ownerBefore(ctx, code)
	switch {
	case err != nil:
		return s, retry(err)
	case owner != nil:
		return s, d.release(ctx, code) // the code stays with its owner
	}
	return d.deleteCode(ctx, f)
}

// deleteCode takes the one next step to get the code off the lock. The snapshot is that after the step.
func (d deleter) deleteCode(ctx context.Context, f facts) (snapshot, result) {
	s, event, err := d.gather(ctx, f)
	if err != nil {
		res := s.failed(event, err)
		return s.after(res.happened), res
	}
	made, s, res := d.executor.run(ctx, s)
	res.backup, res.noBackup = made.by.observed.Backup, made.by.noBackup
	res.showLost(made.by.observed)
	return s, res
}

// gather returns the snapshot of an AccessCode that is being deleted, with what a look at Seam found. event is that of an error.
func (d deleter) gather(ctx context.Context, f facts) (s snapshot, event string, err error) {
	if f.session, err = d.connector.connect(ctx, f.code); err != nil {
		return newSnapshot(f), "", err
	}
	s = newSnapshot(f)
	if s.code.Status.AccessCodeID == "" {
		if s, err = d.identify(ctx, s); err != nil {
			return s, eventDeleteFailed, err
		}
	}
	s, err = d.observer.observe(ctx, s)
	return s, eventDeleteFailed, err
}

// identify resolves what a code that was not recorded is found by: its PIN, unless the provider chooses it. Without a PIN, the
// code is found by its name.
func (d deleter) identify(ctx context.Context, s snapshot) (snapshot, error) {
	p, err := d.pins.resolve(ctx, s.code)
	if _, missing := blockedBy(err); missing {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s = s.withPIN(p)
	if !p.chosen || p.value == "" {
		return s, nil
	}
	known, err := withDevice(ctx, s)
	if err != nil && !seam.IsDeviceNotFound(err) {
		return s, err
	}
	return known, nil
}

// nothingToDelete says that nothing is on the lock, or that it is to stay there.
func nothingToDelete(code *v1alpha1.AccessCode) bool { return code.Orphans() || nothingCreated(code) }

// nothingCreated says that nothing of the AccessCode can be at Seam.
func nothingCreated(code *v1alpha1.AccessCode) bool {
	return code.Status.AccessCodeID == "" && intentOf(code) == nil && untraceable(code) == nil
}

// release removes the finalizer.
func (d deleter) release(ctx context.Context, code *v1alpha1.AccessCode) result {
	unreadable := kube.UnreadableSpec(code.Undecodable)
	undo := d.intents.memory.letGo(code.UID, d.clock.Now())
	err := d.intents.patch(ctx, code, func() { controllerutil.RemoveFinalizer(code, v1alpha1.Finalizer) })
	if apierrors.IsInvalid(err) && unreadable != "" {
		if err = kube.ReleaseUnreadable(ctx, d.intents.client, code); apierrors.IsInvalid(err) {
			undo()
			return result{reason: v1alpha1.ReasonInvalidSpec, message: unreadable + "; until then the API server does not let this AccessCode go"}
		}
	}
	if err != nil {
		undo()
		return retry(fmt.Errorf("releasing the AccessCode: %w", err))
	}
	logf.FromContext(ctx).Info("Released the AccessCode", "accessCodeID", code.Status.AccessCodeID, "orphaned", code.Orphans())
	return result{released: true}
}
