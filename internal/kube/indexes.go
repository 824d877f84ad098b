// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Indexes of the cache.
const (
	IndexWorkspace    = "workspace" // by WorkspaceValue, as the next two
	IndexHolding      = "holding"
	IndexDeleting     = "deleting"
	IndexSecrets      = "secrets"
	IndexAccessCodeID = "status.accessCodeID"
	IndexBackupID     = "status.backupCode.accessCodeID"
	IndexDevice       = "spec.deviceID"
	IndexAuthSecret   = "spec.auth.secretKeyRef.name" //nolint:gosec // the path of a field, no credentials
	IndexHeld         = "held"
	IndexWebhook      = "spec.events.webhook.secretKeyRef.name"
)

// HeldSecrets is the one value of IndexHeld, which selects the Secrets with the in-use finalizer.
const HeldSecrets = "true"

// AddIndexes adds the indexes of the cache. Call it once, before the cache starts.
func AddIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	indexes := []struct {
		object client.Object
		field  string
		keys   client.IndexerFunc
	}{
		{&v1alpha1.AccessCode{}, IndexWorkspace, ofCode(workspaceOf)},
		{&v1alpha1.AccessCode{}, IndexHolding, ofCode(workspaceOfHolding)},
		{&v1alpha1.AccessCode{}, IndexDeleting, ofCode(workspaceOfDeleting)},
		{&v1alpha1.AccessCode{}, IndexSecrets, ofCode(secretsOf)},
		{&v1alpha1.AccessCode{}, IndexAccessCodeID, ofCode(func(c *v1alpha1.AccessCode) []string { return nonEmpty(c.Status.AccessCodeID) })},
		{&v1alpha1.AccessCode{}, IndexBackupID, ofCode(backupOf)},
		{&v1alpha1.AccessCode{}, IndexDevice, ofCode(func(c *v1alpha1.AccessCode) []string { return nonEmpty(c.Spec.DeviceID) })},
		{&v1alpha1.SeamWorkspace{}, IndexAuthSecret, authSecretOf},
		{&v1alpha1.SeamWorkspace{}, IndexWebhook, webhookSecretOf},
		{SecretMetadata(), IndexHeld, held},
	}
	for _, index := range indexes {
		if err := indexer.IndexField(ctx, index.object, index.field, index.keys); err != nil {
			return fmt.Errorf("indexing %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

// WorkspaceValue is the value of a workspace in IndexWorkspace, IndexHolding and IndexDeleting. It has no namespace: limit a
// list by it to the namespace of the key, which is empty, for all namespaces, where the kind belongs to none.
func WorkspaceValue(key v1alpha1.WorkspaceKey) string { return key.Kind + "/" + key.Name }

func workspaceOf(code *v1alpha1.AccessCode) []string {
	if code.Unreadable("spec.workspaceRef") {
		return []string{UnknownName}
	}
	return []string{WorkspaceValue(code.WorkspaceKey())}
}

// workspaceOfHolding returns the workspace of an AccessCode that may have a code at Seam.
// workspaceOfHolding is the workspace of an AccessCode that has something at Seam, also where somebody has just taken off the
// finalizer that says so.
func workspaceOfHolding(code *v1alpha1.AccessCode) []string {
	if !code.HasFinalizer() && len(code.RecordedIDs()) == 0 {
		return nil
	}
	return workspaceOf(code)
}

func workspaceOfDeleting(code *v1alpha1.AccessCode) []string {
	if code.DeletionTimestamp.IsZero() {
		return nil
	}
	return workspaceOf(code)
}

func backupOf(code *v1alpha1.AccessCode) []string {
	if code.Status.BackupCode == nil {
		return nil
	}
	return nonEmpty(code.Status.BackupCode.AccessCodeID)
}

func authSecretOf(object client.Object) []string {
	ws, ok := object.(*v1alpha1.SeamWorkspace)
	if ok && ws.Unreadable("spec.auth") {
		return []string{UnknownName}
	}
	if !ok || ws.Spec.Auth.SecretKeyRef() == nil {
		return nil
	}
	return nonEmpty(ws.Spec.Auth.SecretKeyRef().Name)
}

func webhookSecretOf(object client.Object) []string {
	ws, ok := object.(*v1alpha1.SeamWorkspace)
	if !ok || ws.Spec.Events == nil || ws.Spec.Events.Webhook == nil {
		return nil
	}
	return nonEmpty(ws.Spec.Events.Webhook.SecretKeyRef.Name)
}

// held indexes the Secrets with the in-use finalizer, which SeamWorkspaces need.
func held(object client.Object) []string {
	if controllerutil.ContainsFinalizer(object, v1alpha1.InUseFinalizer) {
		return []string{HeldSecrets}
	}
	return nil
}

// secretsOf returns the Secrets whose change concerns an AccessCode: the one of spec.codeFrom, and the one to which PINs are
// written.
func secretsOf(code *v1alpha1.AccessCode) []string {
	var names []string
	if code.Spec.CodeFrom != nil {
		names = nonEmpty(code.Spec.CodeFrom.SecretKeyRef.Name)
	}
	if given := code.Spec.Code != "" || code.Spec.CodeFrom != nil; !given || code.Spec.Backup != nil {
		names = append(names, code.CodeSecretName())
	}
	return names
}

func ofCode(keys func(*v1alpha1.AccessCode) []string) client.IndexerFunc {
	return func(object client.Object) []string {
		code, ok := object.(*v1alpha1.AccessCode)
		if !ok {
			return nil
		}
		return keys(code)
	}
}

func nonEmpty(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}
