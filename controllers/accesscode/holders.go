// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// holders looks up which AccessCode a code at Seam belongs to.
//
// Several AccessCodes may record the same code: each checks before that no other has recorded it, but from a cache that may lag.
// So each also checks what it has recorded, and an order that is the same for all decides whose the code is.
type holders struct {
	cache client.Reader
	// api reads from the API server itself, not from the cache.
	api        client.Reader
	leftBehind *leftBehind
}

// others returns the AccessCodes, except one, that a reader finds by an index. They must not be changed.
func (h holders) others(ctx context.Context, reader client.Reader, code *v1alpha1.AccessCode, index, value string, within ...client.ListOption) ([]*v1alpha1.AccessCode, error) {
	var list v1alpha1.AccessCodeList
	options := append(within, client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy)
	if err := reader.List(ctx, &list, options...); err != nil {
		return nil, fmt.Errorf("looking for the AccessCodes of a remote code: %w", err)
	}
	others := make([]*v1alpha1.AccessCode, 0, len(list.Items))
	for i := range list.Items {
		if list.Items[i].UID != code.UID {
			others = append(others, &list.Items[i])
		}
	}
	return others, nil
}

// recorded says whether a code at Seam is recorded with another AccessCode that the reader returns, or with one that is left
// behind.
func (h holders) recorded(ctx context.Context, reader client.Reader, code *v1alpha1.AccessCode, id string, within ...client.ListOption) (bool, error) {
	if h.leftBehind.own(id, code) {
		return true, nil
	}
	others, err := h.others(ctx, reader, code, kube.IndexAccessCodeID, id, within...)
	return len(others) > 0, err
}

// recordedNow is recorded, and also asks the API server about the AccessCode's own namespace, which the operator may surely read.
func (h holders) recordedNow(ctx context.Context, code *v1alpha1.AccessCode, id string) (bool, error) {
	if known, err := h.recorded(ctx, h.cache, code, id); err != nil || known {
		return known, err
	}
	return h.recorded(ctx, h.api, code, id, client.InNamespace(code.Namespace))
}

// recordedIDs returns which codes, by id, are recorded with another AccessCode.
func (h holders) recordedIDs(ctx context.Context, code *v1alpha1.AccessCode, codes []seam.AccessCode) (map[string]bool, error) {
	ids := map[string]bool{}
	for i := range codes {
		recorded, err := h.recorded(ctx, h.cache, code, codes[i].AccessCodeID)
		if err != nil {
			return nil, err
		}
		ids[codes[i].AccessCodeID] = recorded
	}
	return ids, nil
}

// confirm asks the API server whether a code that is about to be recorded is recorded with another AccessCode, because the cache
// may lag. If it is, confirm returns a conflict, as for an object that was changed since it was read.
func (h holders) confirm(ctx context.Context, s snapshot, ours, blocking *seam.AccessCode) error {
	about := ours
	if about == nil && s.adopts() {
		about = blocking
	}
	if about == nil || about.AccessCodeID == s.code.Status.AccessCodeID {
		return nil
	}
	if known, err := h.recorded(ctx, h.cache, s.code, about.AccessCodeID); err != nil || known {
		return err // a conflict that the cache shows already
	}
	recorded, err := h.recordedNow(ctx, s.code, about.AccessCodeID)
	if err == nil && recorded {
		err = apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("accesscodes").GroupResource(), s.code.Name, errRecorded)
	}
	return err
}

var errRecorded = errors.New("its code was recorded with another AccessCode a moment ago")

// holderOf names, for a message, the AccessCode that remote belongs to: one that has recorded it, as its code or its backup, one
// that is about to, or one that is left behind. It returns "" where remote is nobody's. For the AccessCode's own namespace it
// also asks the API server, because the cache may lag.
func (h holders) holderOf(ctx context.Context, code *v1alpha1.AccessCode, remote *seam.AccessCode) (string, error) {
	if former := h.leftBehind.find(func(c *v1alpha1.AccessCode) bool { return c.UID != code.UID && has(c, remote) }); former != nil {
		return "The code of a former " + nameFor(code, former), nil
	}
	for _, from := range []struct {
		reader client.Reader
		within []client.ListOption
	}{
		{h.cache, nil},
		{h.api, []client.ListOption{client.InNamespace(code.Namespace)}},
	} {
		others, err := h.others(ctx, from.reader, code, kube.IndexDevice, code.Spec.DeviceID, from.within...)
		if err != nil {
			return "", err
		}
		for _, other := range others {
			if has(other, remote) {
				return holderName(code, other), nil
			}
		}
	}
	return "", nil
}

// sharing are the other AccessCodes that have recorded the code of this one. They must not be changed.
func (h holders) sharing(ctx context.Context, code *v1alpha1.AccessCode) ([]*v1alpha1.AccessCode, error) {
	id := code.Status.AccessCodeID
	if id == "" {
		return nil, nil
	}
	return h.others(ctx, h.cache, code, kube.IndexAccessCodeID, id)
}

// ownerBefore returns an AccessCode to which the recorded code belongs in place of this one, nil when it is this one's.
func (h holders) ownerBefore(ctx context.Context, code *v1alpha1.AccessCode) (*v1alpha1.AccessCode, error) {
	others, err := h.sharing(ctx, code)
	for _, other := range others {
		if comesBefore(other, code) {
			return other, err
		}
	}
	return nil, err
}

// importedBefore returns an AccessCode of the same namespace that is about to record a code which it names for import, and
// comes before this one; nil when there is none.
func (h holders) importedBefore(ctx context.Context, code *v1alpha1.AccessCode, id string) (*v1alpha1.AccessCode, error) {
	others, err := h.others(ctx, h.cache, code, kube.IndexDevice, code.Spec.DeviceID, client.InNamespace(code.Namespace))
	for _, other := range others {
		if comesBefore(other, code) && aboutToImport(other, id) && other.WorkspaceKey() == code.WorkspaceKey() {
			return other, err
		}
	}
	return nil, err
}

// succeeded says that the code of an AccessCode that is gone belongs to another AccessCode now.
func (h holders) succeeded(ctx context.Context, gone *v1alpha1.AccessCode) (bool, error) {
	if id := gone.Status.AccessCodeID; id != "" {
		if recorded, err := h.recorded(ctx, h.cache, gone, id); recorded || err != nil {
			return recorded, err
		}
	}
	others, err := h.others(ctx, h.cache, gone, kube.IndexDevice, gone.Spec.DeviceID, client.InNamespace(gone.Namespace))
	return slices.ContainsFunc(others, func(c *v1alpha1.AccessCode) bool { return succeeds(c, gone) }), err
}

// comesBefore says which of two AccessCodes keeps a code that both have recorded: the older one.
func comesBefore(a, b *v1alpha1.AccessCode) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}

// succeeds says that an AccessCode takes over the code of one that is gone: it was restored from that one, or names its code
// for import. Then the code stays on the lock.
func succeeds(code, gone *v1alpha1.AccessCode) bool {
	id := gone.Status.AccessCodeID
	switch {
	case !code.DeletionTimestamp.IsZero() || code.Spec.DeviceID != gone.Spec.DeviceID:
		return false
	case id != "" && (code.Status.AccessCodeID == id || code.Annotations[v1alpha1.AccessCodeIDAnnotation] == id):
		return true
	}
	return intentOf(code) != nil &&
		code.Annotations[v1alpha1.CreateIntentAnnotation] == gone.Annotations[v1alpha1.CreateIntentAnnotation]
}

// aboutToImport says that nothing but time keeps an AccessCode from recording the code that it names for import.
func aboutToImport(code *v1alpha1.AccessCode, id string) bool {
	switch {
	case !code.DeletionTimestamp.IsZero() || code.Spec.Suspend || code.Status.AccessCodeID != "" || intentOf(code) != nil:
		return false
	}
	return code.Annotations[v1alpha1.AccessCodeIDAnnotation] == id && kube.VerdictOf(kube.ReadyReason(code.Status.Conditions)) != kube.Stalled
}

// has says that a code at Seam is the code of an AccessCode, or may be while its create is pending.
func has(code *v1alpha1.AccessCode, remote *seam.AccessCode) bool {
	if slices.Contains(code.RecordedIDs(), remote.AccessCodeID) {
		return true
	}
	intent := intentOf(code)
	return intent.pending(code.Status.AccessCodeID) && plan.SameName(intent.Name, remote.Name)
}

// holderName names an AccessCode at the beginning of a sentence, for the users of another.
func holderName(code, other *v1alpha1.AccessCode) string {
	switch {
	case other == nil:
		return ""
	case other.Namespace != code.Namespace:
		return "An " + nameFor(code, other)
	}
	return nameFor(code, other)
}

// nameFor names an AccessCode for the users of another. Hazard: it must not reveal a name of another namespace.
func nameFor(code, other *v1alpha1.AccessCode) string {
	if other.Namespace != code.Namespace {
		return "AccessCode of another namespace"
	}
	return fmt.Sprintf("AccessCode %q", other.Name)
}
