// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "k8s.io/apimachinery/pkg/types"

// KindSeamWorkspace is the kind of a workspace that belongs to a namespace.
const KindSeamWorkspace = "SeamWorkspace"

// WorkspaceKey identifies a workspace of any kind. It is no part of a resource.
// +kubebuilder:object:generate=false
type WorkspaceKey struct {
	Kind string
	// Namespace is empty for a kind that belongs to none.
	Namespace string
	Name      string
}

// SeamWorkspaceKey is the key of the SeamWorkspace with a name.
func SeamWorkspaceKey(name types.NamespacedName) WorkspaceKey {
	return WorkspaceKey{Kind: KindSeamWorkspace, Namespace: name.Namespace, Name: name.Name}
}

// NamespacedName is the key without the kind, as the API server and the queue of a kind's controller use it.
func (k WorkspaceKey) NamespacedName() types.NamespacedName {
	return types.NamespacedName{Namespace: k.Namespace, Name: k.Name}
}

// String is the namespace and the name, as errors and logs show them.
func (k WorkspaceKey) String() string { return k.NamespacedName().String() }

// WorkspaceKey identifies the workspace that serves the AccessCode.
func (a *AccessCode) WorkspaceKey() WorkspaceKey {
	return WorkspaceKey{Kind: KindSeamWorkspace, Namespace: a.Namespace, Name: a.WorkspaceName()}
}

// Key identifies the SeamWorkspace among workspaces of all kinds.
func (w *SeamWorkspace) Key() WorkspaceKey {
	return WorkspaceKey{Kind: KindSeamWorkspace, Namespace: w.Namespace, Name: w.Name}
}
