// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const (
	// quietTime is longer than anything takes that mends itself: an hour for updates and conversions that were given
	// up, and the looks after it.
	quietTime = 150 * time.Minute
	// quietReconciles is more than the operator needs in that time.
	quietReconciles = 900
	// edgeDistance keeps the end of a quiet time clear of what Seam does by itself, by as much as it takes the operator
	// to look.
	edgeDistance = historySync * 12 / 10
)

// quiet takes back all that goes wrong and lets the operator work, at the times for which it asks and at no others,
// until a time at which no window begins or ends and no code goes to a lock ahead of its window.
func (h *history) quiet() {
	h.T.Helper()
	h.mend()
	h.collectGarbage()
	h.wakeAll()
	h.workspaceDue = h.Clock.Now()
	left := quietReconciles
	if h.workers != nil {
		left *= stepsOfReconcile
		h.workers.orderly = h.Clock.Now().Add(quietTime / 5)
	}
	end := h.Clock.Now().Add(quietTime)
	for {
		for h.nextUntil(end) {
			if left--; left < 0 {
				h.dump()
				h.T.Fatalf("the operator does not come to rest")
			}
		}
		h.Clock.SetTime(end)
		h.arrive()
		if !h.nearEdge(end) {
			if h.workers != nil {
				h.workers.orderly = time.Time{}
			}
			return
		}
		end = end.Add(10 * time.Minute)
	}
}

// mend makes the world a place where all can be as wanted.
func (h *history) mend() {
	h.T.Helper()
	h.Sim.ClearFaults()
	h.cluster.clear()
	h.delays.set(0)
	for _, device := range historyDevices() {
		h.setOnline(device, true)
		for _, code := range h.Sim.Codes(device) {
			_ = h.Sim.RecoverCode(code.AccessCodeID) // of one that has not failed, too
		}
	}
	h.renewKey()
	h.SetSecret("pin-0", "pin", historyPIN(0))
	h.SetSecret("pin-1", "pin", historyPIN(1))
	h.suspendWorkspace(false)
	for _, name := range h.existing() {
		if h.object(name).Spec.Suspend {
			h.Edit(name, func(c *v1alpha1.AccessCode) { c.Spec.Suspend = false })
		}
		if h.object(name).WorkspaceName() != v1alpha1.DefaultWorkspaceName {
			h.Edit(name, func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = nil })
		}
	}
}

// nextUntil makes the next reconcile that is due before end, false when there is none.
func (h *history) nextUntil(end time.Time) bool {
	h.T.Helper()
	if h.workers != nil {
		return h.workers.nextUntil(end)
	}
	due, name := h.nextDue()
	if due.IsZero() || due.After(end) {
		return false
	}
	if due.After(h.Clock.Now()) {
		h.Clock.SetTime(due)
	}
	switch name {
	case "":
		h.lookAtWorkspace()
	case "feed":
		h.listenToSeam()
	case "left":
		h.deleteLeftBehind()
	default:
		h.lookAt(name)
	}
	return true
}

// nextDue is what asks to be reconciled first, and when; zero when nothing does.
func (h *history) nextDue() (due time.Time, name string) {
	due = h.workspaceDue
	if at := h.feedDue; !at.IsZero() && (due.IsZero() || at.Before(due)) {
		due, name = at, "feed"
	}
	if at := h.leftBehindDue; !at.IsZero() && (due.IsZero() || at.Before(due)) {
		due, name = at, "left"
	}
	for _, candidate := range historyNames() {
		if at := h.due[candidate]; !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due, name = at, candidate
		}
	}
	return due, name
}

func (h *history) nearEdge(now time.Time) bool {
	h.T.Helper()
	return slices.ContainsFunc(h.existing(), func(name string) bool {
		schedule := h.object(name).Spec.Schedule
		if schedule == nil {
			return false
		}
		start := startOf(h.object(name))
		edges := []time.Time{start.Add(-72 * time.Hour), start.Add(-time.Hour), start, schedule.EndsAt.Time}
		if ends := h.object(name).Status.EndsAt; ends != nil {
			edges = append(edges, ends.Time) // as the provider has rounded it
		}
		return slices.ContainsFunc(edges, func(edge time.Time) bool { return now.Sub(edge).Abs() < edgeDistance })
	})
}

// startOf is when the window of an AccessCode with a schedule begins.
func startOf(code *v1alpha1.AccessCode) time.Time {
	if code.Spec.Schedule.StartsAt == nil {
		return code.CreationTimestamp.Time
	}
	return code.Spec.Schedule.StartsAt.Time
}

// checkRest holds everything to what it must be after a quiet time.
func (h *history) checkRest() {
	h.T.Helper()
	codes := h.atSeam()
	for _, name := range h.existing() {
		if fault := h.restOf(h.object(name), codes); fault != "" {
			h.dump()
			h.T.Fatalf("after a quiet time, %s %s", name, fault)
		}
	}
	for _, code := range codes {
		if fault := h.strayOf(code); fault != "" {
			h.dump()
			h.T.Fatalf("after a quiet time, %s at Seam %s", code.AccessCodeID, fault)
		}
	}
}

// strayOf says what is wrong with there being a code, "" when nothing is.
func (h *history) strayOf(code sim.AccessCode) string {
	pooled := code.IsBackup && code.Type == "ongoing"
	owner := h.accounts.of(code.AccessCodeID)
	if !code.IsManaged && h.accounts.lost[code.AccessCodeID] && !h.accounts.orphaned[owner] {
		return h.lostFault(code)
	}
	if !code.IsManaged || pooled || h.accounts.orphaned[owner] {
		return ""
	}
	switch recorded := h.holders(code.AccessCodeID); {
	case recorded > 1:
		return "is recorded by two AccessCodes"
	case recorded == 0 && !h.isNobodys(code.AccessCodeID) && !h.isExpected(code, owner):
		return "is recorded by nobody"
	}
	return ""
}

// isExpected says that there is still somebody who will take a code off that is recorded by nobody.
func (h *history) isExpected(code sim.AccessCode, owner types.UID) bool {
	return h.waitsForItsEnd(code, owner) || h.waitsToLook(owner)
}

// isNobodys says that a code is not of the operator's making, or was lost by Seam and nothing led to it for a while. Such a
// code may have been converted for an AccessCode that was to adopt it, and whose PIN changed before it did.
func (h *history) isNobodys(id string) bool { return h.accounts.foreign[id] || h.accounts.untold[id] }

// waitsForItsEnd says that a code which can't be taken off the lock is left behind, and worked on until its window is over: by its
// owner, or by the one of before that recorded it, where its owner was restored and went as well.
func (h *history) waitsForItsEnd(code sim.AccessCode, owner types.UID) bool {
	return code.IsOfflineAccessCode && slices.ContainsFunc(h.leftBehind(), func(c *v1alpha1.AccessCode) bool {
		return c.UID == owner || slices.Contains(c.RecordedIDs(), code.AccessCodeID)
	})
}

// holders counts the AccessCodes that have recorded a code, or a backup code.
func (h *history) holders(id string) int {
	n := 0
	for _, name := range h.existing() {
		if slices.Contains(recordedIDs(h.object(name)), id) {
			n++
		}
	}
	return n
}

// restOf says what is wrong with an AccessCode, "" when nothing is.
func (h *history) restOf(code *v1alpha1.AccessCode, codes []sim.AccessCode) string {
	own := slices.DeleteFunc(slices.Clone(codes), func(c sim.AccessCode) bool { return c.AccessCodeID != code.Status.AccessCodeID })
	if fault := h.statusFault(code, own); fault != "" {
		return fault
	}
	reason := kube.ReadyReason(code.Status.Conditions)
	if h.edited[code.UID] {
		return h.restOfEdited(code, own, codes, reason)
	}
	if reason == v1alpha1.ReasonSet || reason == v1alpha1.ReasonScheduled {
		return h.readyFault(code, own, reason)
	}
	if justified, ok := h.reasons(code, own, codes)[reason]; !ok || !justified {
		return "is " + reason + " without need"
	}
	return ""
}

// statusFault says in what a status is not true.
func (h *history) statusFault(code *v1alpha1.AccessCode, own []sim.AccessCode) string {
	ready := apimeta.IsStatusConditionTrue(code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready && !code.DeletionTimestamp.IsZero():
		return "is still being deleted"
	case ready && code.Status.ObservedGeneration != code.Generation:
		return "is Ready for an earlier generation"
	case h.looksAtNothing(code): // its state is that of the last look
	case code.Status.State != "" && len(own) == 0:
		return "has a state, but no code at Seam"
	case len(own) > 0 && own[0].IsManaged && h.shownState(own[0]) != code.Status.State:
		return "has another state than its code at Seam"
	}
	return h.reportedFault(code, own)
}

// reasons tells, of every reason that an AccessCode may rest with beside that its code is as wanted, whether there is
// cause for it.
func (h *history) reasons(code *v1alpha1.AccessCode, own, codes []sim.AccessCode) map[string]bool {
	now, offline := h.Clock.Now(), code.Spec.Offline != nil
	over, rounded := false, false
	if schedule := code.Spec.Schedule; schedule != nil {
		over = !now.Before(schedule.EndsAt.Time)
		rounded = over && offline && now.Before(schedule.EndsAt.Add(rounding(code)))
	}
	conflict := h.conflicts(code, own, codes) || h.unmanageable(own, codes)
	return map[string]bool{
		v1alpha1.ReasonExpired:       over && len(own) == 0,
		v1alpha1.ReasonCodeConflict:  conflict,
		v1alpha1.ReasonWaitingForPIN: conflict,
		// Three times an hour Seam is asked once more to manage a code which it can't manage.
		v1alpha1.ReasonCreating: conflict && (len(own) == 0 || !own[0].IsManaged),
		// Seam tells of a change at the lock until it sets the code again. Where the PIN was learned from the lock after
		// the change, there is nothing that the operator would put back.
		v1alpha1.ReasonDeviceError:         len(own) == 1 && len(own[0].Errors) == 1 && own[0].Errors[0].ErrorCode == "conflicting_external_modification",
		v1alpha1.ReasonRemoving:            rounded,
		v1alpha1.ReasonInvalidSpec:         h.invalid(code, codes),
		v1alpha1.ReasonUpdateNotSupported:  offline && len(own) == 1,
		v1alpha1.ReasonRemovalNotSupported: offline && len(own) == 1,
		v1alpha1.ReasonSecretConflict:      h.hasNoPlace(code),
	}
}

// hasNoPlace says that the Secret for the backup code is another's. One of a chosen PIN that came back from a backup is, once the
// PIN is to come from elsewhere.
func (h *history) hasNoPlace(code *v1alpha1.AccessCode) bool {
	var secret corev1.Secret
	given := code.Spec.Code != "" || code.Spec.CodeFrom != nil
	return code.Spec.Backup != nil && given && h.Exists(&secret, code.Name) && !metav1.IsControlledBy(&secret, code)
}

// rounding is by how much the provider of an offline code may move its end, days of 25 hours among it.
func rounding(code *v1alpha1.AccessCode) time.Duration {
	if code.Spec.Offline.MaxTimeRounding == v1alpha1.TimeRoundingDay {
		return 25 * time.Hour
	}
	return time.Hour
}

func unless(fine bool, fault string) string {
	if fine {
		return ""
	}
	return fault
}

// readyFault says in what the one code of an AccessCode is not as wanted.
func (h *history) readyFault(code *v1alpha1.AccessCode, own []sim.AccessCode, reason string) string {
	if len(own) != 1 || !own[0].IsManaged {
		return "is Ready without a managed code at Seam"
	}
	remote := own[0]
	later := code.Spec.DeviceID == sim.SeedProviderPINLockID && reason == v1alpha1.ReasonScheduled // the provider chooses later
	switch {
	case remote.Name == nil || *remote.Name != code.RemoteName():
		return "has a code of another name"
	case remote.Code == nil && !later, remote.Code != nil && *remote.Code != h.wantedPIN(code):
		return "has a code with another PIN"
	case code.Spec.Schedule == nil:
		return unless(reason == v1alpha1.ReasonSet && remote.EndsAt == nil, "has no ongoing code that is set")
	}
	return h.windowFault(code, remote, reason)
}

// windowFault says in what the window of a code is not as wanted.
func (h *history) windowFault(code *v1alpha1.AccessCode, remote sim.AccessCode, reason string) string {
	if remote.StartsAt == nil || remote.EndsAt == nil {
		return "has no time-bound code"
	}
	now, start := h.Clock.Now(), startOf(code)
	starts, _ := time.Parse(time.RFC3339, *remote.StartsAt)
	ends, _ := time.Parse(time.RFC3339, *remote.EndsAt)
	tolerance := time.Minute
	if code.Spec.Offline != nil {
		tolerance = time.Hour
	}
	// A lock that keeps no windows by itself gets its code an hour ahead, and an offline code is complete at once.
	works := reason == v1alpha1.ReasonSet && remote.Status == "set"
	switch {
	case ends.Sub(code.Spec.Schedule.EndsAt.Time).Abs() > tolerance:
		return "has a code that ends at another time"
	case starts.Sub(start).Abs() > tolerance && (now.Before(start) || now.Before(starts)):
		return "has a code that starts at another time"
	case !works && !now.Before(start):
		return "is Scheduled although its window has begun"
	}
	return ""
}

// wantedPIN is the PIN that an AccessCode wants, or has been given.
func (h *history) wantedPIN(code *v1alpha1.AccessCode) string {
	h.T.Helper()
	name, key := code.CodeSecretName(), v1alpha1.CodeSecretKey
	switch {
	case code.Spec.Code != "":
		return code.Spec.Code
	case code.Spec.CodeFrom != nil:
		name, key = code.Spec.CodeFrom.SecretKeyRef.Name, code.Spec.CodeFrom.SecretKeyRef.Key
	}
	var secret corev1.Secret
	h.Exists(&secret, name)
	return string(secret.Data[key])
}

// conflicts says whether something else has the PIN that an AccessCode wants, or the code that it is to import.
func (h *history) conflicts(code *v1alpha1.AccessCode, own, codes []sim.AccessCode) bool {
	wanted := h.wantedPIN(code)
	imported := code.Annotations[v1alpha1.AccessCodeIDAnnotation]
	return slices.ContainsFunc(codes, func(c sim.AccessCode) bool {
		others := c.DeviceID == code.Spec.DeviceID && c.AccessCodeID != code.Status.AccessCodeID
		switch {
		case others && c.AccessCodeID == imported && len(own) == 0 && !h.adoptable(c, codes):
			return true
		case !others || c.Code == nil || *c.Code != wanted:
			return false
		}
		return code.Spec.AdoptionPolicy != v1alpha1.AdoptionMatching || len(own) > 0 || !h.adoptable(c, codes)
	})
}

// adoptable says whether a code can be taken over: it belongs to no AccessCode, and Seam can manage it.
func (h *history) adoptable(c sim.AccessCode, codes []sim.AccessCode) bool {
	owner := h.accounts.of(c.AccessCodeID)
	if owner != "" && !h.accounts.orphaned[owner] || c.IsBackup || h.accounts.elsewhere[c.AccessCodeID] {
		return false
	}
	return c.IsManaged || !h.isTaken(c, codes)
}

// invalid says whether an AccessCode names for import what there isn't.
func (h *history) invalid(code *v1alpha1.AccessCode, codes []sim.AccessCode) bool {
	imported := code.Annotations[v1alpha1.AccessCodeIDAnnotation]
	return imported != "" && !slices.ContainsFunc(codes, func(c sim.AccessCode) bool {
		return c.AccessCodeID == imported && c.DeviceID == code.Spec.DeviceID
	})
}
