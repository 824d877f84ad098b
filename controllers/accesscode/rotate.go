// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// rotateTries is how many PINs are tried in one reconcile when Seam takes none of those before.
const rotateTries = 3

// rotate chooses another PIN for a code that is at Seam: in the Secret first, then in the code, which stays the same one.
// why says what was wrong with the PIN of before, after "as".
func (r *Reconciler) rotate(ctx context.Context, current *run, remote *seam.AccessCode, message string) outcome {
	err := current.learnDevice(ctx)
	if err == nil {
		if fault := plan.UnsupportedLength(current.want(), current.device); fault != "" {
			o := outcome{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook, remote: remote, pin: current.pin}
			return o.warning(eventUpdateFailed)
		}
		err = r.rotateInPlace(ctx, current, remote)
	}
	if err != nil {
		o := current.failed(eventUpdateFailed, err)
		o.remote = remote
		return o
	}
	logf.FromContext(ctx).Info("Chose another PIN", "accessCodeID", remote.AccessCodeID)
	r.wakeWaiting(ctx, current.code) // the PIN of before is free
	current.rotated()
	current.past.acted(current.live.Now())
	o := outcome{
		reason: v1alpha1.ReasonUpdating, message: message, after: kube.Soon,
		remote: remote, pin: current.pin, backupRef: current.backupRef,
	}
	// What else of the spec is new goes with the next look.
	rest := plan.Diff(current.want(), current.known(), remote, current.live.Now())
	rest.Code = nil
	o.passing = !rest.Empty()
	o.event = &note{reason: eventPINRotated, action: kube.ActionUpdate, message: message + ". It is in the Secret " + current.code.CodeSecretName()}
	return o
}

// rotateInPlace tries PINs until Seam takes one. Each is in the Secret before it is sent.
func (r *Reconciler) rotateInPlace(ctx context.Context, current *run, remote *seam.AccessCode) error {
	for try := 1; ; try++ {
		chosen, err := r.choose(ctx, current, remote)
		current.pin = chosen
		if err != nil {
			return err
		}
		value := current.pin.value
		err = current.live.Update(ctx, remote.DeviceID, current.updateRequest(remote.AccessCodeID, plan.Changes{Code: &value}))
		if err == nil || try == rotateTries || !seam.IsDuplicate(err) && !aboutPIN(err) {
			return err
		}
	}
}

// rotated remembers that the PIN was chosen anew.
func (c *run) rotated() {
	now := c.live.Now()
	c.past.rotations = append(c.recentRotations(), now)
	if c.past.since.IsZero() {
		c.past.since = now
	}
}

// recentRotations are when the PIN was chosen anew within the last hour.
func (c *run) recentRotations() []time.Time {
	now := c.live.Now()
	return slices.DeleteFunc(slices.Clone(c.past.rotations), func(t time.Time) bool { return now.Sub(t).Abs() > time.Hour })
}

// refit chooses another PIN before a create, where the lock does not take the one that was chosen. An outcome says that
// there is none.
func (r *Reconciler) refit(ctx context.Context, current *run) *outcome {
	want := current.want()
	if want.Misfit == "" || plan.UnsupportedLength(want, current.device) != "" {
		return nil
	}
	return r.chooseAnew(ctx, current, want.Misfit)
}

// chooseAnew puts another PIN in the place of the chosen one, for a code that is not at Seam.
func (r *Reconciler) chooseAnew(ctx context.Context, current *run, why string) *outcome {
	chosen, err := r.choose(ctx, current, nil)
	current.pin = chosen
	if err != nil {
		return new(current.failed(eventCreateFailed, err))
	}
	current.rotated()
	r.record(current.code, &note{
		reason: eventPINRotated, action: kube.ActionCreate,
		message: "Another PIN was chosen, as " + why + ". It is in the Secret " + current.code.CodeSecretName(),
	})
	return nil
}

// createRefused chooses another PIN after a create was refused because of the one that was chosen.
func (r *Reconciler) createRefused(ctx context.Context, current *run) outcome {
	if err := current.learnDevice(ctx); err != nil {
		return current.failed(eventCreateFailed, err)
	}
	if fault := plan.UnsupportedLength(current.want(), current.device); fault != "" {
		o := outcome{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook, pin: current.pin}
		return o.warning(eventCreateFailed)
	}
	if o := r.chooseAnew(ctx, current, "Seam does not take it for this lock"); o != nil {
		return *o
	}
	return outcome{
		reason: v1alpha1.ReasonCreating, message: "Seam does not take the chosen PIN for this lock: another was chosen", after: kube.Soon, pin: current.pin,
	}
}

// pinRefused says that Seam has refused a call because of a PIN that was chosen, so that another may do.
func (c *run) pinRefused(err error) bool {
	want := c.want()
	return want.Chosen && !want.Offline && !want.Provider && aboutPIN(err) && len(c.recentRotations()) < plan.RotationsPerHour
}

// aboutPIN goes by the field that Seam names, and where it names none by its words.
func aboutPIN(err error) bool {
	refusal, ok := errors.AsType[*seam.Error](err)
	if !ok || refusal.Kind != seam.InvalidInput && refusal.Kind != seam.Refused {
		return false
	}
	for _, field := range refusal.Validation {
		if field.Field != "" {
			return field.Field == "code"
		}
	}
	words := strings.ToLower(refusal.Type + " " + refusal.Message)
	return slices.ContainsFunc([]string{"pin code", "code length", "pin length", "code_constraints"}, func(word string) bool { return strings.Contains(words, word) })
}
