// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// accounts tell what at Seam is whose. A code belongs to the AccessCode whose reconcile created it, whatever name it
// has, and once it is recorded to the one that has recorded it.
type accounts struct {
	maker    map[string]types.UID // of each code that a reconcile has created, or pulled as a backup
	owner    map[string]types.UID // of each code that was recorded, the last who did
	orphaned map[types.UID]bool   // AccessCodes that went and left what they had

	foreign, elsewhere map[string]bool // what others have put on the locks, and what of that another workspace manages
	lost               map[string]bool // codes that Seam has lost, and that are on the lock still
	untold             map[string]bool // those of them that nothing led to for a while
}

func newAccounts() *accounts {
	return &accounts{
		maker: map[string]types.UID{}, owner: map[string]types.UID{}, orphaned: map[types.UID]bool{},
		foreign: map[string]bool{}, elsewhere: map[string]bool{}, lost: map[string]bool{}, untold: map[string]bool{},
	}
}

func (a *accounts) of(id string) types.UID {
	if owner, ok := a.owner[id]; ok {
		return owner
	}
	return a.maker[id]
}

// restored hands over what an AccessCode has made when it comes back from a backup, perhaps under another UID. What it had
// adopted is as foreign as before until it is adopted again: only the status told of that.
func (a *accounts) restored(before, after types.UID, codes []sim.AccessCode) {
	for id, maker := range a.maker {
		if maker == before {
			a.maker[id] = after
		}
	}
	for id, owner := range a.owner {
		if owner != before {
			continue
		}
		delete(a.owner, id)
		if a.maker[id] != after {
			a.forget(id)
		}
	}
	for _, c := range codes {
		if c.PulledBackupAccessCodeID != nil && a.foreign[c.AccessCodeID] && a.owner[c.AccessCodeID] == "" {
			a.forget(*c.PulledBackupAccessCodeID)
		}
	}
}

func (a *accounts) forget(id string) {
	delete(a.maker, id)
	delete(a.owner, id)
	a.foreign[id] = true
}

// atSeam are all codes on the locks of the histories.
func (h *history) atSeam() []sim.AccessCode {
	var codes []sim.AccessCode
	for _, device := range historyDevices() {
		codes = append(codes, h.Sim.Codes(device)...)
	}
	return codes
}

// takeStock books what a reconcile has made and recorded, and checks what holds at any time. actsFor is the AccessCode
// as the operator saw it.
func (h *history) takeStock(name string, before, after, actsFor *v1alpha1.AccessCode) {
	h.T.Helper()
	codes := h.atSeam()
	if actsFor != nil {
		h.bookMade(actsFor.UID, codes)
		for _, code := range codes {
			if h.accounts.of(code.AccessCodeID) == actsFor.UID {
				h.untellable(actsFor, code)
			}
		}
	}
	if after != nil {
		h.bookRecorded(after, codes)
		if len(after.Status.Conditions) > 0 {
			testworld.CheckConditions(h.T, after.Generation, after.Status.ObservedGeneration, after.Status.Conditions)
		}
	}
	if before != nil && after == nil {
		h.checkGone(before, codes)
	}
	h.checkSecrecy(name, after, codes)
	h.checkOneLive(codes)
}

// bookMade books codes that are new, and backup codes that are pulled, since the last time. Nobody else makes any:
// others go through h.foreign.
func (h *history) bookMade(uid types.UID, codes []sim.AccessCode) {
	for _, code := range codes {
		pooled := code.IsBackup && code.Type == "ongoing"
		if _, ok := h.accounts.maker[code.AccessCodeID]; !ok && code.IsManaged && !pooled && !h.accounts.foreign[code.AccessCodeID] {
			h.accounts.maker[code.AccessCodeID] = uid
		}
	}
}

// bookRecorded books what an AccessCode has recorded. Of two codes of one name, which two AccessCodes have made without
// knowing, each may record the other's: then they have changed places.
func (h *history) bookRecorded(code *v1alpha1.AccessCode, codes []sim.AccessCode) {
	if code.Status.AccessCodeID != "" {
		delete(h.lost, code.UID)
	}
	a := h.accounts
	for _, id := range recordedIDs(code) {
		a.changePlaces(id, code.UID, codes)
		a.owner[id] = code.UID
	}
	for _, c := range codes {
		if c.PulledBackupAccessCodeID != nil && a.owner[c.AccessCodeID] == code.UID {
			a.maker[*c.PulledBackupAccessCodeID] = code.UID // a backup goes with its primary, also to whoever adopts that
		}
	}
}

// changePlaces books the code that an AccessCode has made as that of whoever has made the one it has recorded.
func (a *accounts) changePlaces(id string, uid types.UID, codes []sim.AccessCode) {
	maker := a.maker[id]
	if _, recorded := a.owner[id]; recorded || maker == "" || maker == uid {
		return
	}
	for _, other := range codes {
		if _, known := a.owner[other.AccessCodeID]; !known && a.maker[other.AccessCodeID] == uid && sameName(codes, other, id) {
			a.maker[other.AccessCodeID] = maker
		}
	}
}

func sameName(codes []sim.AccessCode, one sim.AccessCode, id string) bool {
	return slices.ContainsFunc(codes, func(c sim.AccessCode) bool {
		return c.AccessCodeID == id && c.Name != nil && one.Name != nil && *c.Name == *one.Name
	})
}

// recordedIDs are the ids of the code and of its backup.
func recordedIDs(code *v1alpha1.AccessCode) []string {
	ids := []string{code.Status.AccessCodeID}
	if backup := code.Status.BackupCode; backup != nil {
		ids = append(ids, backup.AccessCodeID)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// checkOneLive holds the operator to its first promise: at most one live code for each AccessCode, ever.
func (h *history) checkOneLive(codes []sim.AccessCode) {
	h.T.Helper()
	seen := map[types.UID]bool{}
	for _, code := range codes {
		if !code.IsManaged || code.IsBackup || code.Status == "removing" || h.accounts.untold[code.AccessCodeID] {
			continue
		}
		uid := h.accounts.of(code.AccessCodeID)
		if seen[uid] && uid != "" && !h.accounts.orphaned[uid] {
			h.dump()
			h.T.Fatalf("an AccessCode has two live codes")
		}
		seen[uid] = true
	}
}

// twinOf is another AccessCode whose create is pending, too, and whose code would look just like this one, such as a copy: nobody can
// tell which of the two has made it. "" where there is none.
func (h *history) twinOf(code *v1alpha1.AccessCode, left sim.AccessCode) types.UID {
	for _, name := range h.existing() {
		other := h.object(name)
		pending := other.Status.AccessCodeID == "" && accesscode.IntentOf(other) != nil
		alike := other.Spec.DeviceID == code.Spec.DeviceID && other.RemoteName() == code.RemoteName()
		if other.UID != code.UID && pending && alike && left.Code != nil && *left.Code == h.wantedPIN(other) {
			return other.UID
		}
	}
	return ""
}

// checkGone checks that an AccessCode which is gone has left nothing, unless it was to.
func (h *history) checkGone(code *v1alpha1.AccessCode, codes []sim.AccessCode) {
	h.T.Helper()
	if code.Orphans() || code.WorkspaceName() != v1alpha1.DefaultWorkspaceName { // or nothing leads to its code
		h.accounts.orphaned[code.UID] = true
		return
	}
	for _, left := range codes {
		if left.IsBackup && left.Status == "removing" && h.accounts.owner[left.AccessCodeID] == "" {
			continue // over, and on its way out by itself: nothing led to it any more
		}
		if h.accounts.of(left.AccessCodeID) == code.UID && h.untellable(code, left) {
			h.accounts.forget(left.AccessCodeID)
		}
		if twin := h.twinOf(code, left); h.accounts.owner[left.AccessCodeID] == "" && twin != "" {
			h.accounts.maker[left.AccessCodeID] = twin
		}
		if h.accounts.of(left.AccessCodeID) == code.UID {
			h.dump()
			h.T.Fatalf("%s is gone and has left a code at Seam", code.Name)
		}
	}
}

// checkSecrecy looks for PINs where everybody may read.
func (h *history) checkSecrecy(name string, code *v1alpha1.AccessCode, codes []sim.AccessCode) {
	h.T.Helper()
	var public strings.Builder
	for len(h.Recorder.Events) > 0 {
		public.WriteString(<-h.Recorder.Events)
	}
	if code != nil {
		shown, err := json.Marshal(map[string]any{"status": code.Status, "annotations": code.Annotations})
		if err != nil {
			h.T.Fatal(err)
		}
		public.Write(shown)
	}
	if pin := slices.IndexFunc(h.pins(codes), func(pin string) bool { return strings.Contains(public.String(), pin) }); pin >= 0 {
		h.T.Logf("shown: %s", public.String())
		h.T.Fatalf("status, annotations or Events of %s show a PIN", name)
	}
}

// pins are all PINs that there are.
func (h *history) pins(codes []sim.AccessCode) []string {
	var pins []string
	for i := range historyPINs {
		pins = append(pins, historyPIN(i))
	}
	for _, code := range codes {
		if code.Code != nil {
			pins = append(pins, *code.Code)
		}
	}
	return pins
}

// dump logs all that there is, for whoever has to find out what went wrong.
func (h *history) dump() {
	h.T.Helper()
	h.T.Logf("now %s", h.Clock.Now())
	for _, code := range h.atSeam() {
		h.T.Logf("at Seam: %s managed %t backup %t, made by %.4s, recorded by %.4s\n%s",
			code.AccessCodeID, code.IsManaged, code.IsBackup, h.accounts.maker[code.AccessCodeID], h.accounts.owner[code.AccessCodeID], asJSON(code))
	}
	for _, name := range h.existing() {
		h.T.Logf("AccessCode %s", asJSON(h.object(name)))
		var secret corev1.Secret
		if h.Exists(&secret, name) {
			h.T.Logf("Secret %s: %s", name, secret.Data["code"])
		}
	}
}

func asJSON(value any) []byte {
	data, _ := json.Marshal(value)
	return data
}
