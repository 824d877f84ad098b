// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// omitStatus has Seam leave out the status of codes from now on, which it has deprecated, or show it again.
func (h *history) omitStatus(rt *rapid.T) {
	h.statusOmitted = rapid.Bool().Draw(rt, "status left out")
	h.sim.SetOmitStatus(h.statusOmitted)
}

// shownState is the state of a code as Seam shows it.
func (h *history) shownState(code sim.AccessCode) string {
	if h.statusOmitted {
		return ""
	}
	return code.Status
}

// strip replaces an AccessCode as a PUT of its manifest does: without finalizers, and without the annotations that are not
// in the manifest. Once the operator has had its look, a backup of it may be restored.
func (h *history) strip(rt *rapid.T) {
	name := h.pick(rt)
	code := h.object(name)
	if !code.DeletionTimestamp.IsZero() || code.Status.AccessCodeID == "" {
		return
	}
	if intentOf(code) != nil {
		h.intended[code.UID] = true
	}
	h.edit(name, func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil })
	h.wake(name)
	if rapid.Bool().Draw(rt, "then restored") {
		h.lookAt(name)
		h.restoreOne(rt, name)
	}
}

// stripped says that a replace took off what protects a code, and that the operator has not put it back yet. Until then, a
// deletion or a backup finds the object without it.
func stripped(code *v1alpha1.AccessCode) bool {
	return code.Status.AccessCodeID != "" && !controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer)
}

// lose has Seam lose a code that stays on the lock as one which it does not manage.
func (h *history) lose(rt *rapid.T) {
	code := h.pickCode(rt)
	if h.holders(code.AccessCodeID) == 0 {
		return // nor does anything lead to one that was never recorded
	}
	id, err := h.sim.LoseCode(code.AccessCodeID, rapid.Bool().Draw(rt, "same id"))
	if err != nil {
		return // a backup code, or not on the lock
	}
	h.accounts.renumber(code.AccessCodeID, id)
}

// untellable says that nothing leads from an AccessCode to its code that Seam has lost: it has another id now, and a PIN or
// name that is not wanted any more. A known limitation.
func (h *history) untellable(code *v1alpha1.AccessCode, lost sim.AccessCode) bool {
	renumbered := h.accounts.lost[lost.AccessCodeID] && lost.AccessCodeID != code.Status.AccessCodeID
	same := lost.Code != nil && *lost.Code == h.wantedPIN(code) && lost.Name != nil && *lost.Name == code.RemoteName()
	return renumbered && !same
}

// lostFault says what is wrong with a code that Seam has lost still being there, "" when nothing is.
func (h *history) lostFault(lost sim.AccessCode) string {
	owner := h.accounts.of(lost.AccessCodeID)
	for _, name := range h.existing() {
		if code := h.object(name); code.UID == owner && !h.untellable(code, lost) && !h.isTaken(lost, h.atSeam()) {
			return "was lost, and is not managed again"
		}
	}
	return ""
}

// reportedFault says what is wrong after what people have reported, "" when nothing is.
func (h *history) reportedFault(code *v1alpha1.AccessCode, own []sim.AccessCode) string {
	switch told := h.told[code.UID]; {
	case told != "" && told != h.wantedPIN(code):
		return "has another PIN than the one that people have been told"
	case stripped(code) && len(own) > 0:
		return "has not got its finalizer back"
	}
	return ""
}

// unmanageable says that Seam has lost the code and can't manage it again, as another code has its PIN by now.
func (h *history) unmanageable(own, codes []sim.AccessCode) bool {
	return len(own) == 1 && !own[0].IsManaged && h.isTaken(own[0], codes)
}

// isTaken says that Seam can't manage a code, for it manages another one with this PIN on this lock.
func (h *history) isTaken(code sim.AccessCode, codes []sim.AccessCode) bool {
	return slices.ContainsFunc(codes, func(other sim.AccessCode) bool {
		return other.IsManaged && other.DeviceID == code.DeviceID && other.Code != nil && code.Code != nil && *other.Code == *code.Code
	})
}

// renumber has a code be the same under another id.
func (a *accounts) renumber(before, after string) {
	a.lost[after] = true
	if before == after {
		return
	}
	for _, book := range []map[string]types.UID{a.maker, a.owner} {
		if uid, ok := book[before]; ok {
			book[after] = uid
			delete(book, before)
		}
	}
	a.foreign[after] = a.foreign[before]
}

// loseAPage has a code be taken off at the lock among so much else that the events of it take two pages, of which the
// second one fails. Whichever page tells of it, its AccessCode is woken, and not with the next look at all codes only.
func (h *history) loseAPage(rt *rapid.T) {
	var name string
	for _, candidate := range h.existing() {
		if readyReason(h.object(candidate).Status.Conditions) == v1alpha1.ReasonSet {
			name = candidate
		}
	}
	if name == "" {
		return
	}
	h.listenToSeam() // what was due before, such as a look at all codes
	first := rapid.Bool().Draw(rt, "taken off before the rest")
	take := func() {
		if err := h.sim.TakeOffLock(h.object(name).Status.AccessCodeID); err != nil {
			h.t.Fatal(err)
		}
	}
	if first {
		take()
	}
	for i := range eventsOfTwoPages {
		h.step(5 * time.Millisecond)
		if err := h.sim.UpdateDevice(sim.SeedFewSlotsLockID, func(d *sim.Device) { d.Online = i%2 == 0 }); err != nil {
			h.t.Fatal(err)
		}
	}
	if !first {
		take()
	}
	h.order(sim.Fault{Kind: sim.FaultStatus, Status: 500, Path: "/events/list", Skip: 1, Times: 1})
	h.due[name] = time.Time{}
	h.listenToSeam()
	if h.due[name].IsZero() {
		h.dump()
		h.t.Fatalf("the code of %s was taken off, and its AccessCode was not woken", name)
	}
}

// eventsOfTwoPages are more events than one call of Seam's answers.
const eventsOfTwoPages = 520
