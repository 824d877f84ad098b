// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// expirer deletes AccessCodes some time after they have expired, where spec.ttlAfterExpired asks for it.
type expirer struct{ client client.Client }

// expire deletes the AccessCode where its time is over. Of one that would be brought back, it only tells.
func (e expirer) expire(ctx context.Context, s snapshot, res result) result {
	ttl := s.code.Spec.TTLAfterExpired
	if ttl == nil || res.reason != v1alpha1.ReasonExpired || s.desired.Window == nil {
		return res
	}
	if tool := trackedBy(s.code); tool != "" {
		res.message += fmt.Sprintf(". spec.ttlAfterExpired is ignored, as %s tracks this AccessCode and would bring it back: take it out of the source", tool)
		if res.event == nil {
			res.event = &eventRecord{warning: true, reason: eventTTLIgnored, action: kube.ActionDelete, message: res.message, onChange: true}
		}
		return res
	}
	if left := s.desired.Window.EndsAt.Add(ttl.Duration).Sub(s.now); left > 0 {
		if res.after == 0 || left < res.after {
			res.after = left + kube.Soon
		}
		return res
	}
	logf.FromContext(ctx).Info("Deleted the AccessCode, as it has expired", "ttlAfterExpired", ttl.Duration.String())
	// Nothing else of this name, and nothing that was edited since, goes with it.
	err := e.client.Delete(ctx, s.code, client.Preconditions{UID: &s.code.UID, ResourceVersion: &s.code.ResourceVersion})
	if client.IgnoreNotFound(err) != nil {
		return retry(fmt.Errorf("deleting the expired AccessCode: %w", err))
	}
	return result{quiet: true, history: res.history} // it is on its way out
}

// Marks of tools that create again what they find missing.
const (
	argoCDAnnotation = "argocd.argoproj.io/tracking-id"
	instanceLabel    = "app.kubernetes.io/instance" // Argo CD's, unless it was told to use another
	argoCDLabel      = "argocd.argoproj.io/instance"
	fluxLabel        = "kustomize.toolkit.fluxcd.io/name"
	fluxHelmLabel    = "helm.toolkit.fluxcd.io/name"
)

// trackedBy names the tool that would create the AccessCode again if it was deleted, "" where none is known to.
func trackedBy(code *v1alpha1.AccessCode) string {
	labels := code.Labels
	switch {
	case code.Annotations[argoCDAnnotation] != "" || labels[argoCDLabel] != "":
		return "Argo CD"
	case labels[fluxLabel] != "" || labels[fluxHelmLabel] != "":
		return "Flux"
	case labels[instanceLabel] != "":
		return "Argo CD, or Helm,"
	}
	return ""
}
