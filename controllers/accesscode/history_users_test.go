// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// actions are all that can happen. Each is as likely as any other, so that what is to happen often is there twice.
func (h *history) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"apply": h.apply, "apply again": h.apply, "edit": h.editOne, "edit anything": h.editAnything, "delete": h.remove, "copy": h.copy, "restore": h.restore,
		"in line": h.applyInLine, "exchange": h.exchange, "ask": h.ask, "suspend": h.suspend, "Secret": h.editSecret, "credentials": h.credentials,
		"take off": h.takeOff, "change at lock": h.changeAtLock, "fail": h.fail, "foreign": h.putForeign, "device": h.device,
		"fault": h.fault, "fault again": h.fault, "late create": h.delayCreate, "Kubernetes fault": h.kubernetesFault, "cache": h.fallBehind,
		"restart": h.startAnew, "status": h.omitStatus, "strip": h.strip, "lose": h.lose,
		"time": h.time, "wait": h.wait, "look": func(*rapid.T) {},
	}
}

// pick draws one of the AccessCodes that there are.
func (h *history) pick(rt *rapid.T) string {
	names := h.existing()
	if len(names) == 0 {
		rt.Skip("no AccessCode") // this action only: rapid draws another
	}
	return rapid.SampledFrom(names).Draw(rt, "name")
}

func drawPINOf(rt *rapid.T) string {
	return historyPIN(rapid.IntRange(0, historyPINs-1).Draw(rt, "PIN"))
}

// apply creates an AccessCode of one of many kinds.
func (h *history) apply(rt *rapid.T) {
	name := rapid.SampledFrom(historyNames()).Draw(rt, "name")
	if h.object(name) != nil {
		return
	}
	h.Code(name, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID = rapid.SampledFrom([]string{
			sim.SeedNativeLockID, sim.SeedNativeLockID, sim.SeedNativeLockID, sim.SeedProviderPINLockID, sim.SeedOfflineCodeLockID,
		}).Draw(rt, "device")
		h.drawSchedule(rt, c)
		h.drawSource(rt, c)
		h.drawName(rt, c)
		if c.Spec.Schedule != nil && c.Spec.DeviceID == sim.SeedNativeLockID && rapid.Bool().Draw(rt, "backup") {
			c.Spec.Backup = &v1alpha1.Backup{Pull: rapid.SampledFrom([]v1alpha1.BackupPullPolicy{
				v1alpha1.BackupPullNever, v1alpha1.BackupPullOnFailure, v1alpha1.BackupPullAlways,
			}).Draw(rt, "pull")}
		}
		if rapid.IntRange(0, 3).Draw(rt, "matching") == 0 {
			matching(c)
		}
	})
	h.wake(name)
}

// applyInLine creates an AccessCode with the PIN of another, for the time after it.
func (h *history) applyInLine(rt *rapid.T) {
	first := h.object(h.pick(rt))
	name := rapid.SampledFrom(historyNames()).Draw(rt, "name")
	given := first.Spec.Code != "" || first.Spec.CodeFrom != nil
	if h.object(name) != nil || !given || first.Spec.Schedule == nil {
		return
	}
	h.Code(name, func(c *v1alpha1.AccessCode) {
		c.Spec = *first.Spec.DeepCopy()
		c.Spec.Backup, c.Spec.AdoptionPolicy, c.Spec.DeletionPolicy, c.Spec.Suspend = nil, "", "", false
		ends := first.Spec.Schedule.EndsAt.Time
		testworld.Scheduled(ends, ends.Add(time.Hour))(c)
		h.drawName(rt, c)
	})
	h.edited[h.object(name).UID] = h.edited[first.UID]
	h.wake(name)
}

// exchange has two AccessCodes take each other's PIN.
func (h *history) exchange(rt *rapid.T) {
	one, two := h.object(h.pick(rt)), h.object(h.pick(rt))
	if one.Spec.Code == "" || two.Spec.Code == "" || one.UID == two.UID {
		return
	}
	for code, pin := range map[*v1alpha1.AccessCode]string{one: two.Spec.Code, two: one.Spec.Code} {
		h.Edit(code.Name, func(c *v1alpha1.AccessCode) { c.Spec.Code = pin })
		h.wake(code.Name)
	}
}

// drawSource says where the PIN comes from, as far as the lock takes one.
func (h *history) drawSource(rt *rapid.T, c *v1alpha1.AccessCode) {
	testworld.Chosen(c)
	switch c.Spec.DeviceID {
	case sim.SeedOfflineCodeLockID:
		c.Spec.Offline = &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
		if c.Spec.Schedule == nil {
			testworld.Scheduled(h.Clock.Now(), h.Clock.Now().Add(2*time.Hour))(c)
		}
		return
	case sim.SeedProviderPINLockID:
		return
	}
	switch rapid.SampledFrom([]string{"given", "Secret", "chosen", "length", "import"}).Draw(rt, "source") {
	case "given":
		c.Spec.Code = drawPINOf(rt)
	case "Secret":
		fromPINSecret(rt, c)
	case "length":
		c.Spec.CodeLength = ptr.To(int32(10))
	case "import":
		h.drawImport(rt, c)
	}
}

func fromPINSecret(rt *rapid.T, c *v1alpha1.AccessCode) {
	name := rapid.SampledFrom([]string{"pin-0", "pin-1"}).Draw(rt, "Secret")
	c.Spec.Code = ""
	c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: name, Key: "pin"}}
}

// drawImport names some code of the lock for import, with its PIN or another.
func (h *history) drawImport(rt *rapid.T, c *v1alpha1.AccessCode) {
	ids := []string{"5eed0000-0000-4000-8000-00000000dead"}
	for _, code := range h.Sim.Codes(c.Spec.DeviceID) {
		if h.accounts.foreign[code.AccessCodeID] {
			ids = append(ids, code.AccessCodeID)
		}
	}
	importing(ids[rapid.IntRange(0, len(ids)-1).Draw(rt, "import")])(c)
	if rapid.Bool().Draw(rt, "with a PIN") {
		c.Spec.Code = drawPINOf(rt)
	}
}

// drawName gives an AccessCode a display name that no other has had, or where its PIN is given perhaps none: codes of one
// name whose PIN is not known, once their ids are lost, can't be told apart. A known limitation.
func (h *history) drawName(rt *rapid.T, c *v1alpha1.AccessCode) {
	h.names++
	c.Spec.DisplayName = fmt.Sprintf("Guest %d", h.names)
	given := c.Spec.Code != "" || c.Spec.CodeFrom != nil
	if given && rapid.Bool().Draw(rt, "no display name") {
		c.Spec.DisplayName = ""
	}
}

// drawSchedule gives an AccessCode a window, or none.
func (h *history) drawSchedule(rt *rapid.T, c *v1alpha1.AccessCode) {
	c.Spec.Schedule = nil
	kind := rapid.SampledFrom([]string{"none", "none", "now", "from creation on", "future", "short"}).Draw(rt, "schedule")
	start := h.Clock.Now()
	length := time.Duration(rapid.IntRange(1, 48).Draw(rt, "hours")) * time.Hour
	switch kind {
	case "none":
		return
	case "future":
		start = start.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
	case "short":
		length = time.Duration(rapid.IntRange(2, 20).Draw(rt, "minutes")) * time.Minute
	}
	testworld.Scheduled(start, start.Add(length))(c)
	if kind == "from creation on" {
		c.Spec.Schedule.StartsAt = nil
	}
}

// editOne changes one thing of a spec.
func (h *history) editOne(rt *rapid.T) {
	name := h.pick(rt)
	what := rapid.SampledFrom([]string{"PIN", "PIN", "name", "schedule", "matching", "deletion policy", "deletion policy", "pull"}).Draw(rt, "what")
	h.Edit(name, func(c *v1alpha1.AccessCode) {
		switch what {
		case "PIN":
			h.editPIN(rt, c)
		case "name":
			if !h.lost[c.UID] {
				h.drawName(rt, c)
			}
		case "schedule":
			if c.Spec.Backup == nil && c.Spec.Offline == nil {
				h.drawSchedule(rt, c)
			}
		case "matching":
			c.Spec.AdoptionPolicy = rapid.SampledFrom([]v1alpha1.AdoptionPolicy{"", v1alpha1.AdoptionMatching}).Draw(rt, "policy")
		case "deletion policy":
			c.Spec.DeletionPolicy = rapid.SampledFrom([]v1alpha1.DeletionPolicy{"", v1alpha1.DeletionOrphan}).Draw(rt, "policy")
		case "pull":
			if c.Spec.Backup != nil {
				c.Spec.Backup.Pull = v1alpha1.BackupPullAlways
			}
		}
	})
	h.wake(name)
}

// editPIN changes the PIN or where it comes from, where the user may have a say in it.
func (h *history) editPIN(rt *rapid.T, c *v1alpha1.AccessCode) {
	if c.Spec.DeviceID != sim.SeedNativeLockID {
		return
	}
	delete(h.told, c.UID)
	c.Spec.Code, c.Spec.CodeFrom, c.Spec.CodeLength = "", nil, nil
	switch rapid.SampledFrom([]string{"given", "given", "Secret", "chosen"}).Draw(rt, "source") {
	case "given":
		c.Spec.Code = drawPINOf(rt)
	case "Secret":
		fromPINSecret(rt, c)
	case "chosen":
		if !h.lost[c.UID] {
			h.drawName(rt, c)
		}
	}
}

func (h *history) remove(rt *rapid.T) {
	name := h.pick(rt)
	before := h.object(name)
	if !before.DeletionTimestamp.IsZero() {
		return
	}
	h.Delete(&v1alpha1.AccessCode{}, name)
	switch {
	case h.object(name) == nil:
		h.wentPast(before)
	case h.workers != nil:
		h.Edit(name, func(c *v1alpha1.AccessCode) { c.Generation++ }) // as the API server does
	}
	h.wake(name)
}

// copy applies a manifest as it was read from the cluster, annotations included, under another name.
func (h *history) copy(rt *rapid.T) {
	source := h.object(h.pick(rt))
	name := rapid.SampledFrom(historyNames()).Draw(rt, "copy")
	if h.object(name) != nil {
		return
	}
	h.Code(name, func(c *v1alpha1.AccessCode) {
		c.Annotations, c.Spec = maps.Clone(source.Annotations), *source.Spec.DeepCopy()
		if c.Spec.Code == "" && c.Spec.CodeFrom == nil {
			h.drawName(rt, c)
		}
	})
	h.edited[h.object(name).UID] = h.edited[source.UID]
	h.wake(name)
}

// ask sets the annotations with which users ask for something.
func (h *history) ask(rt *rapid.T) {
	name := h.pick(rt)
	h.pulls++
	annotation := rapid.SampledFrom([]string{v1alpha1.PullBackupAnnotation, v1alpha1.ReconcileRequestedAtAnnotation}).Draw(rt, "annotation")
	if annotation == v1alpha1.PullBackupAnnotation && h.object(name).Spec.Backup == nil {
		return
	}
	h.Edit(name, annotatedAs(annotation, fmt.Sprint(h.pulls)))
	h.wake(name)
}

func (h *history) suspend(rt *rapid.T) {
	on := rapid.Bool().Draw(rt, "suspended")
	if rapid.IntRange(0, 3).Draw(rt, "workspace") == 0 {
		h.suspendWorkspace(on)
		return
	}
	name := h.pick(rt)
	h.Edit(name, func(c *v1alpha1.AccessCode) { c.Spec.Suspend = on })
	h.wake(name)
}

func (h *history) suspendWorkspace(on bool) {
	h.T.Helper()
	h.editWorkspace(func(ws *v1alpha1.SeamWorkspace) { ws.Spec.Suspend = on })
	h.wakeAll()
}

func (h *history) editWorkspace(change func(*v1alpha1.SeamWorkspace)) {
	h.T.Helper()
	ws := h.workspace()
	ws.Generation++
	change(ws)
	if err := h.Client.Update(h.T.Context(), ws); err != nil {
		h.T.Fatal(err)
	}
	h.workspaceDue, h.feedDue = h.Clock.Now(), h.Clock.Now()
}

// editSecret changes a PIN's Secret, spoils it, or deletes it, that of a chosen PIN too.
func (h *history) editSecret(rt *rapid.T) {
	name := rapid.SampledFrom(append(historyNames(), "pin-0", "pin-1")).Draw(rt, "Secret")
	how := rapid.SampledFrom([]string{"edit", "edit", "spoil", "delete"}).Draw(rt, "how")
	given := name == "pin-0" || name == "pin-1"
	if code := h.object(name); code != nil {
		delete(h.told, code.UID)
	}
	switch {
	case given && how == "edit":
		h.SetSecret(name, "pin", drawPINOf(rt))
	case given && how == "spoil":
		h.SetSecret(name, "pin", "none")
	case h.Exists(&corev1.Secret{}, name) && how == "delete":
		h.Delete(&corev1.Secret{}, name)
	case how == "edit":
		h.editChosen(name, drawPINOf(rt))
	}
	h.wakeAll()
}

// editChosen puts another PIN in the place of the chosen one, where there is such.
func (h *history) editChosen(name, pin string) {
	h.T.Helper()
	var secret corev1.Secret
	if !h.Exists(&secret, name) || len(secret.Data[v1alpha1.CodeSecretKey]) == 0 {
		return
	}
	secret.Data[v1alpha1.CodeSecretKey] = []byte(pin)
	if err := h.Client.Update(h.T.Context(), &secret); err != nil {
		h.T.Fatal(err)
	}
}

// credentials revokes the API key, or writes a new one into the Secret.
func (h *history) credentials(rt *rapid.T) {
	if rapid.Bool().Draw(rt, "new key") {
		h.renewKey()
		return
	}
	if !h.revoked {
		h.revoked = true
		if err := h.Sim.RevokeAPIKey(h.key); err != nil {
			h.T.Fatal(err)
		}
	}
}

// renewKey puts a key that is good into the Secret.
func (h *history) renewKey() {
	h.T.Helper()
	if !h.revoked {
		return
	}
	h.keys++
	h.key, h.revoked = fmt.Sprintf("seam_test_history_%d", h.keys), false
	if err := h.Sim.AddAPIKey(sim.SeedWorkspaceID, h.key); err != nil {
		h.T.Fatal(err)
	}
	var secret corev1.Secret
	h.Exists(&secret, "seam")
	secret.Data = map[string][]byte{"apiKey": []byte(h.key)}
	if err := h.Client.Update(h.T.Context(), &secret); err != nil {
		h.T.Fatal(err)
	}
	h.workspaceDue = h.Clock.Now()
}

// time lets some time go by, in which the operator does nothing.
func (h *history) time(rt *rapid.T) {
	h.Step(time.Duration(rapid.SampledFrom([]int{1, 3, 5, 20, 61, 130, 400, 1800, 7200}).Draw(rt, "seconds")) * time.Second)
}

// wait lets some time go by, in which the operator looks when it has asked to.
func (h *history) wait(rt *rapid.T) {
	end := h.Clock.Now().Add(time.Duration(rapid.SampledFrom([]int{5, 20, 70, 300, 1800}).Draw(rt, "seconds")) * time.Second)
	most := 40
	if h.workers != nil {
		most *= stepsOfReconcile
	}
	for range most {
		if !h.nextUntil(end) {
			break
		}
		h.cluster.catchUp()
	}
	if end.After(h.Clock.Now()) {
		h.Clock.SetTime(end)
	}
}
