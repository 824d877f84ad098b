// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// omitStatus has Seam leave out the status of codes from now on, which it has deprecated, or show it again.
func (h *history) omitStatus(rt *rapid.T) {
	h.statusOmitted = rapid.Bool().Draw(rt, "status left out")
	h.Sim.SetOmitStatus(h.statusOmitted)
}

// shownState is the state of a code as Seam shows it.
func (h *history) shownState(code sim.AccessCode) string {
	if h.statusOmitted {
		return ""
	}
	return code.Status
}

// strip takes off what leads from an AccessCode to its code: all, as a PUT of its manifest does, with the annotations that are
// not in the manifest, or the finalizer alone, or the annotations alone, as a patch does. One that is being deleted goes at
// once with its finalizer. Once the operator has had its look, a backup of the others may be restored.
func (h *history) strip(rt *rapid.T) {
	name := h.pick(rt)
	what := rapid.SampledFrom([]string{"all", "all", "finalizer", "annotations"}).Draw(rt, "what")
	h.finish()
	if h.object(name) == nil {
		return
	}
	before := h.object(name)
	strip := func(c *v1alpha1.AccessCode) {
		if what != "annotations" {
			c.Finalizers = nil
		}
		if what != "finalizer" {
			c.Annotations = nil
		}
	}
	if !before.DeletionTimestamp.IsZero() {
		h.Edit(name, strip)
		if h.object(name) == nil {
			h.wentPast(before)
		}
		return
	}
	already, woken := h.stripped(before), h.wakes(name, strip)
	if woken {
		h.wake(name)
	}
	if !already {
		h.expectRestored(name, woken)
	}
	if rapid.Bool().Draw(rt, "then restored") {
		h.lookAt(name)
		h.restoreOne(rt, name)
	}
}

// expectRestored has it checked that the operator puts back what was taken off, and waits for no other reason to look.
func (h *history) expectRestored(name string, woken bool) {
	h.T.Helper()
	code := h.object(name)
	switch {
	case !h.stripped(code):
		return
	case h.workers != nil:
		h.workers.stripped[name] = code.UID
	case !woken:
		h.dump()
		h.T.Fatalf("the finalizer or the intention of %s was taken off, and its AccessCode was not woken", name)
	}
}

// stripped says that an AccessCode does not have what leads to its code, or to one that is on its way.
func (h *history) stripped(code *v1alpha1.AccessCode) bool {
	return h.bare(code) || accesscode.IntentOf(code) != nil && !code.HasFinalizer()
}

// wentPast tells the operator of an AccessCode that went before the operator let it go.
func (h *history) wentPast(last *v1alpha1.AccessCode) {
	h.T.Logf("%s %s went past its finalizer", h.Clock.Now().Format(time.TimeOnly), last.Name)
	if h.workers != nil {
		h.workers.gone = append(h.workers.gone, leaver{code: last})
		return
	}
	h.gone(last)
	h.checkLeft(last)
	h.leftBehindDue = h.Clock.Now()
}

// deleteLeftBehind takes one step for each code that is left behind.
func (h *history) deleteLeftBehind() {
	h.T.Helper()
	h.leftBehindDue = time.Time{}
	for _, gone := range h.leftBehind() {
		h.arrive()
		h.delays.act(gone.UID)
		key := types.NamespacedName{Namespace: testworld.Namespace, Name: string(gone.UID)}
		result, err := h.Codes.DeleteLeftBehind(h.Ctx, ctrl.Request{NamespacedName: key})
		h.totals.reconciles++
		h.T.Logf("%s cleaned up %s: again after %v (%v)", h.Clock.Now().Format(time.TimeOnly), gone.Name, result.RequeueAfter, err)
		due := h.next(key.Name, result, err)
		if !due.IsZero() && (h.leftBehindDue.IsZero() || due.Before(h.leftBehindDue)) {
			h.leftBehindDue = due
		}
		codes := h.atSeam()
		h.bookMade(gone.UID, codes)
		h.checkLeft(gone)
		h.checkOneLive(codes)
	}
	if testworld.Drain(h.Codes.Triggers.Workspaces) {
		h.workspaceDue = h.Clock.Now()
	}
	for _, key := range h.Codes.Triggers.AccessCodes.Take() {
		h.wake(key.Name)
	}
}

// checkLeft checks that nothing is left at Seam of an AccessCode that went and is not worked on any more. One that has its
// intention, as a restore of it has, takes over what it had.
func (h *history) checkLeft(gone *v1alpha1.AccessCode) {
	h.T.Helper()
	if slices.ContainsFunc(h.leftBehind(), func(c *v1alpha1.AccessCode) bool { return c.UID == gone.UID }) {
		return
	}
	codes := h.atSeam()
	for _, name := range h.existing() {
		if heir := h.object(name); accesscode.Succeeds(heir, gone) {
			h.accounts.restored(gone.UID, heir.UID, codes)
			h.lost[heir.UID] = true
			return
		}
	}
	h.checkGone(gone, codes)
}

// leftBehind are the AccessCodes of codes that are left behind, in the order of their names.
func (h *history) leftBehind() []*v1alpha1.AccessCode {
	all := h.Codes.AllLeftBehind()
	slices.SortFunc(all, func(a, b *v1alpha1.AccessCode) int {
		return strings.Compare(a.Name+string(a.UID), b.Name+string(b.UID))
	})
	return all
}

// startAnew restarts the operator. What is known in its memory alone would be lost: what is left behind, and
// the intention that a replace took off and that was not put back. Known limitations.
func (h *history) startAnew(*rapid.T) {
	if h.workers != nil {
		h.workers.catchUp()
	}
	if len(h.leftBehind()) > 0 || slices.ContainsFunc(h.existing(), func(name string) bool { return h.bare(h.object(name)) }) {
		return
	}
	if h.workers != nil {
		h.workers.restart()
		return
	}
	h.Restart()
	h.wakeAll()
	h.workspaceDue = h.Clock.Now()
}

// bare says that a replace took off what leads to a code, and that the operator has not put it back yet. Until then, a
// backup finds the object without it.
func (h *history) bare(code *v1alpha1.AccessCode) bool {
	return code.Status.AccessCodeID != "" && !code.HasFinalizer() ||
		h.Codes.LacksIntent(code)
}

// lose has Seam lose a code that stays on the lock as one which it does not manage.
func (h *history) lose(rt *rapid.T) {
	h.finish()
	code := h.pickCode(rt)
	if h.holders(code.AccessCodeID) == 0 || h.leadsToBackup(code) {
		return // nor does anything lead to one that was never recorded
	}
	id, err := h.Sim.LoseCode(code.AccessCodeID, rapid.Bool().Draw(rt, "same id"))
	if err != nil {
		return // a backup code, or not on the lock
	}
	h.accounts.renumber(code.AccessCodeID, id)
}

// untellable says that nothing leads from an AccessCode to its code that Seam has lost: it has another id now, and a PIN or
// name that is not wanted any more, or was not when the operator looked for it. A known limitation.
func (h *history) untellable(code *v1alpha1.AccessCode, lost sim.AccessCode) bool {
	a := h.accounts
	if !a.lost[lost.AccessCodeID] || lost.AccessCodeID == code.Status.AccessCodeID {
		return false
	}
	same := lost.Code != nil && *lost.Code == h.wantedPIN(code) && lost.Name != nil && *lost.Name == code.RemoteName()
	a.untold[lost.AccessCodeID] = a.untold[lost.AccessCodeID] || !same
	return a.untold[lost.AccessCodeID]
}

// lostFault says what is wrong with a code that Seam has lost still being there, "" when nothing is.
func (h *history) lostFault(lost sim.AccessCode) string {
	owner, one := h.accounts.of(lost.AccessCodeID), []sim.AccessCode{lost}
	for _, name := range h.existing() {
		code := h.object(name)
		if code.UID == owner && !h.looksAtNothing(code) && !h.untellable(code, lost) && !h.unmanageable(one, h.atSeam()) {
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
	case h.bare(code) && len(own) > 0:
		return "has not got its finalizer back"
	}
	return ""
}

// unmanageable says that Seam has lost the code and can't manage it again, as another code has its PIN by now, or had it
// when that was tried last.
func (h *history) unmanageable(own, codes []sim.AccessCode) bool {
	if len(own) != 1 || own[0].IsManaged {
		return false
	}
	return h.isTaken(own[0], codes) || slices.ContainsFunc(own[0].Errors, func(e sim.Issue) bool {
		tried, err := time.Parse(time.RFC3339, e.CreatedAt)
		return err == nil && e.ErrorCode == plan.ErrorDuplicate && h.Clock.Now().Sub(tried) < time.Hour
	})
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
		if kube.ReadyReason(h.object(candidate).Status.Conditions) == v1alpha1.ReasonSet {
			name = candidate
		}
	}
	if name == "" {
		return
	}
	h.listenToSeam() // what was due before, such as a look at all codes
	first := rapid.Bool().Draw(rt, "taken off before the rest")
	take := func() {
		if err := h.Sim.TakeOffLock(h.object(name).Status.AccessCodeID); err != nil {
			h.T.Fatal(err)
		}
	}
	if first {
		take()
	}
	for i := range eventsOfTwoPages {
		h.Step(5 * time.Millisecond)
		if err := h.Sim.UpdateDevice(sim.SeedFewSlotsLockID, func(d *sim.Device) { d.Online = i%2 == 0 }); err != nil {
			h.T.Fatal(err)
		}
	}
	if !first {
		take()
	}
	h.Order(sim.Fault{Kind: sim.FaultStatus, Status: 500, Path: "/events/list", Skip: 1, Times: 1})
	woken := h.workers != nil && h.workers.listenFor(name)
	if h.workers == nil {
		h.due[name] = time.Time{}
		h.listenToSeam()
		woken = !h.due[name].IsZero()
	}
	if !woken {
		h.dump()
		h.T.Fatalf("the code of %s was taken off, and its AccessCode was not woken", name)
	}
}

// eventsOfTwoPages are more events than one call of Seam's answers.
const eventsOfTwoPages = 520
