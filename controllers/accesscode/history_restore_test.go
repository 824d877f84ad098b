// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// restore brings an AccessCode back as a backup of the cluster does: without its status, and under another UID or, as
// an older one that is patched, under the same.
func (h *history) restore(rt *rapid.T) { h.restoreOne(rt, h.pick(rt)) }

func (h *history) restoreOne(rt *rapid.T, name string) {
	h.finish()
	code := h.object(name)
	if code == nil || !code.DeletionTimestamp.IsZero() || h.bare(code) || !h.tellable(code) {
		return
	}
	h.lost[code.UID] = true
	if rapid.Bool().Draw(rt, "same UID") {
		h.accounts.restored(code.UID, code.UID, h.atSeam())
		code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
		if err := h.Client.Status().Update(h.T.Context(), code); err != nil {
			h.T.Fatal(err)
		}
		if h.workers != nil {
			h.Edit(name, func(c *v1alpha1.AccessCode) { c.Generation++ }) // an older spec, and the newer one again
		}
		h.wake(name)
		return
	}
	finalizers := code.Finalizers
	secret := h.backUpSecret(rt, code)
	h.Edit(name, func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	h.Delete(&v1alpha1.AccessCode{}, name)
	if rapid.Bool().Draw(rt, "seen gone") {
		h.lookAt(name)
	}
	h.Code(name, func(c *v1alpha1.AccessCode) {
		c.Annotations, c.Finalizers, c.Spec = code.Annotations, finalizers, code.Spec
	})
	h.edited[h.object(name).UID] = h.edited[code.UID]
	h.restoreSecret(name, secret)
	h.accounts.restored(code.UID, h.object(name).UID, h.atSeam())
	h.delays.renamed(code.UID, h.object(name).UID)
	h.lost[h.object(name).UID] = true
	h.wake(name)
}

// tellable says whether the codes of an AccessCode can be found without its status: by name, and a backup code through
// its primary. One that was renamed at the lock, or twice in spec while the operator was away, and a backup code whose
// primary is gone, can't, nor can one that Seam has lost when its PIN changes as well: known limitations.
func (h *history) tellable(code *v1alpha1.AccessCode) bool {
	names := []string{code.RemoteName()}
	if intent := accesscode.IntentOf(code); intent != nil {
		names = append(names, intent.Name)
	}
	codes := h.atSeam()
	return !slices.ContainsFunc(codes, func(c sim.AccessCode) bool {
		switch {
		case h.accounts.of(c.AccessCodeID) != code.UID:
			return false
		case c.IsBackup:
			return !slices.ContainsFunc(codes, func(primary sim.AccessCode) bool {
				return primary.PulledBackupAccessCodeID != nil && *primary.PulledBackupAccessCodeID == c.AccessCodeID
			})
		}
		return !c.IsManaged || c.Name == nil || !slices.Contains(names, *c.Name)
	})
}

// backUpSecret returns what a backup has of the Secret of a chosen PIN that people may have been told, nil when it has none.
func (h *history) backUpSecret(rt *rapid.T, code *v1alpha1.AccessCode) map[string][]byte {
	var secret corev1.Secret
	chosen := code.Spec.Code == "" && code.Spec.CodeFrom == nil && code.Spec.DeviceID == sim.SeedNativeLockID
	if !chosen || accesscode.IntentOf(code) == nil || !h.Exists(&secret, code.Name) || !metav1.IsControlledBy(&secret, code) {
		return nil
	}
	if len(secret.Data[v1alpha1.CodeSecretKey]) == 0 || !rapid.Bool().Draw(rt, "with its Secret") {
		return nil
	}
	return secret.Data
}

// restoreSecret brings a Secret back as a backup of the cluster does: without an owner, and under another UID.
func (h *history) restoreSecret(name string, data map[string][]byte) {
	if data == nil {
		return
	}
	if h.Exists(&corev1.Secret{}, name) {
		h.Delete(&corev1.Secret{}, name)
	}
	secret := &corev1.Secret{Data: data}
	secret.Name = name
	h.Create(secret)
	code, pin := h.object(name), string(data[v1alpha1.CodeSecretKey])
	if length := code.Spec.CodeLength; length == nil || int(*length) == len(pin) {
		h.told[code.UID] = pin // one of another length is replaced, whoever wrote it
	}
}
