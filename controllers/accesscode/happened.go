// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// happened is what a step has done, as far as the history keeps it. Its zero value is a step that did nothing.
type happened struct {
	// at is when, by Seam's clock. want is the wanted state that it was for.
	at   time.Time
	want plan.Desired
	// look is the step that a look led to, and what it showed; nil where something else ended the reconcile.
	look *look
	// wrote says that Seam has accepted a write.
	wrote bool
	// create is what came of a create.
	create createOutcome
	// startRefused says that Seam has refused the start of the window.
	startRefused bool
	// updated is what an update sent that Seam has accepted; nil for none.
	updated *plan.Changes
	// sent are changes of which it is not known any more what Seam has, as an update was to send them; nil for none.
	sent *plan.Changes
	// dueSince is since when the wanted state has been due on the lock, unless that is known already.
	dueSince time.Time
	// deleted is the id of the code that Seam was asked to delete. It is asked again after deleteAgain at the earliest.
	deleted     string
	deleteAgain time.Duration
	// converted says that Seam was asked to manage a code.
	converted bool
	// rotated says that another PIN was chosen in the place of the one before.
	rotated bool
	// renewed says that another PIN was chosen as the time of the one before was over. renewal is the value of the annotation that
	// asked for it, "" where none did.
	renewed bool
	renewal string
	// refused says that Seam has refused a call for a reason that passes.
	refused bool
	// pullRefused says that Seam has refused to give a backup code, pulled that it has not. pullRequest is the value of the
	// pull-backup annotation that was handled.
	pullRefused, pulled bool
	pullRequest         string
	// askedName is when the device was fetched for its name alone.
	askedName time.Time
	// drifted says that the code was found changed elsewhere.
	drifted bool
	// yielded says that the recorded code was given up.
	yielded bool
}

// look is what a look showed, nil when it showed no code, and the step that it led to.
type look struct {
	step   plan.Step
	remote *seam.AccessCode
}

// createOutcome is what came of a create.
type createOutcome struct {
	// accepted says that Seam has answered it with a code. id is that code's, empty where the answer can't be right.
	accepted bool
	id       string
	// failedTry is the create, by the time in its intention, that Seam itself answered with an error at failedAt.
	failedTry, failedAt time.Time
}

// after is the history after a step.
func (h history) after(did happened) history {
	if did.yielded {
		return history{uid: h.uid} // what is remembered is of a code that is another's
	}
	h.drifted = h.drifted || did.drifted
	if !did.askedName.IsZero() {
		h.askedName = did.askedName
	}
	h = h.afterCreate(did.create).afterUpdate(did)
	if did.startRefused {
		h.refusedStarts, h.refusedTo = h.startRefusals(did.want)+1, did.want
	}
	h = h.afterChoice(did)
	if h.dueSince.IsZero() {
		h.dueSince = did.dueSince
	}
	if did.converted {
		h.conversions = append(slices.Clip(h.conversions), did.at)
	}
	if did.wrote {
		h = h.afterWrite(did.at)
	}
	if did.deleted != "" {
		h, _ = h.askedToDelete(did.deleted, did.deleteAgain)
	}
	if did.look != nil {
		h = h.afterLook(did)
	}
	if did.refused {
		h, _ = h.wasRefused()
	}
	return h.afterPull(did)
}

// afterChoice is the history after a PIN was chosen in the place of the one before.
func (h history) afterChoice(did happened) history {
	if did.rotated {
		h.rotations = append(h.recentRotations(did.at), did.at)
	}
	if did.rotated || did.renewed {
		h.chosenAt, h.renewal = did.at, cmp.Or(did.renewal, h.renewal)
	}
	return h
}

func (h history) afterCreate(create createOutcome) history {
	if create.accepted {
		h.failures = 0
	}
	if create.id != "" {
		h.createdID = create.id
	}
	if !create.failedAt.IsZero() {
		h.failedTry, h.failedAt, h.failures = create.failedTry, create.failedAt, h.failures+1
	}
	return h
}

func (h history) afterUpdate(did happened) history {
	if did.updated != nil {
		if !h.sentFor(did.want) {
			h.updates = nil
		}
		h.updates, h.updatedTo = append(slices.Clip(h.updates), did.at), did.want
		if did.want.EnablePool {
			h.askedPool = did.at
		}
	}
	for _, sent := range []*plan.Changes{did.updated, did.sent} {
		if sent != nil && h.had != nil {
			h.had = sent.Without(*h.had)
		}
	}
	return h
}

// afterWrite resets the counts of looks and refusals after a write to Seam: it takes time until the write reaches the lock.
func (h history) afterWrite(now time.Time) history {
	h.looks, h.reason, h.missing, h.offSince, h.offBefore, h.refusals = 0, "", time.Time{}, now, 0, wait.Backoff{}
	return h
}

// afterLook counts a look, and keeps up to date since when the code has been missing, or not working on the lock.
func (h history) afterLook(did happened) history {
	step, remote, now := did.look.step, did.look.remote, did.at
	switch {
	case step.Kind != plan.Wait:
		h.looks = 0
	case step.Reason != h.reason:
		h.looks = 1
	default:
		h.looks++
	}
	h.reason, h.refusals = step.Reason, wait.Backoff{}
	switch {
	case remote != nil:
		h.missing = time.Time{}
	case h.missing.IsZero():
		h.missing = now
	}
	if step.Kind == plan.None && remote != nil {
		h.updates, h.converged, h.had = nil, &did.want, &did.want
	}
	switch {
	case kube.VerdictOf(step.Reason) == kube.Ready:
		h.offSince, h.offBefore = time.Time{}, 0
	case h.offSince.IsZero() || now.Before(h.offSince): // or the clock was set back
		h.offSince, h.offBefore = now.Add(-h.offBefore), 0
	}
	return h
}

func (h history) afterPull(did happened) history {
	if did.pullRefused {
		h, _ = h.pullWasRefused()
	}
	if did.pulled {
		h.emptyPulls = wait.Backoff{}
	}
	if did.pullRequest != "" {
		h.pulled = did.pullRequest
	}
	return h
}
