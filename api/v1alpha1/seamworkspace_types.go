// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SeamWorkspace is the credentials for one Seam workspace, checked against
// Seam, and what they reach.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:annotations={"kustomize.toolkit.fluxcd.io/prune=disabled","argocd.argoproj.io/sync-options=Prune=false,Delete=false"}
// +kubebuilder:resource:shortName=seamws,categories=access-codes
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Workspace",type=string,JSONPath=`.status.workspaceName`
// +kubebuilder:printcolumn:name="Sandbox",type=boolean,JSONPath=`.status.sandbox`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="ID",type=string,priority=1,JSONPath=`.status.workspaceID`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type SeamWorkspace struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is how the workspace is reached. The operator never writes it, and
	// nothing is defaulted into it: what a field means when it is left out is said
	// with the field.
	// +required
	Spec SeamWorkspaceSpec `json:"spec,omitzero"`

	// status is what was learned of the workspace.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status SeamWorkspaceStatus `json:"status,omitzero"`

	// Undecodable are the paths, such as spec.schedule.endsAt, of what is stored but could not be read. Those fields are
	// empty here, and an Update would empty them for good: use a patch. It is set by decoding and is no part of the
	// resource.
	Undecodable []string `json:"-"`
}

// SeamWorkspaceList is a list of SeamWorkspaces.
//
// +kubebuilder:object:root=true
type SeamWorkspaceList struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []SeamWorkspace `json:"items"`
}

// The rule of spec.endpoint stands at SeamWorkspaceSpec, not at the field: the API server quotes the value of a field in
// its refusal, here with the password that somebody put into it, but never that of an object.

// SeamWorkspaceSpec is how a Seam workspace is reached.
//
// +kubebuilder:validation:XValidation:rule="!has(self.endpoint) || (isURL(self.endpoint) && url(self.endpoint).getScheme() in ['http', 'https'] && url(self.endpoint).getHostname().size() > 0 && !self.endpoint.matches('[@?#]'))",fieldPath=".endpoint",message="spec.endpoint must be an absolute http or https address, without user, query and fragment, such as https://connect.getseam.com"
type SeamWorkspaceSpec struct {
	// endpoint is the address of the Seam API, http or https, without user, query
	// and fragment. https://connect.getseam.com when left out.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Endpoint string `json:"endpoint,omitempty"`

	// auth is how requests are authenticated: exactly one of its fields is given.
	// Secrets are read in this namespace.
	// +required
	Auth Auth `json:"auth,omitzero"`

	// The rule matches the form first: one that stumbles over its value, as duration() does, has the API server refuse
	// every change of an object that has it, also of its status; one that says no lets stand what was there before.

	// syncInterval is how often each code is compared with what is on the lock, as
	// a Go duration such as "10m". At least 1m; 10m when left out.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) >= duration('1m')",message="spec.syncInterval must be a duration in h, m and s, such as \"10m\" or \"1h30m\", of at least 1m"
	SyncInterval *metav1.Duration `json:"syncInterval,omitempty"`

	// events says how the operator hears of what happens at Seam. It asks every 5s
	// when left out.
	// +optional
	Events *Events `json:"events,omitempty"`

	// suspend stops all work on this workspace and its codes, except deletion,
	// until it is false or left out.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// Events is how the operator hears of what happens at Seam: by asking for it,
// and, where webhook is given, also by being told.
//
// +kubebuilder:validation:MinProperties=1
type Events struct {
	// The rule is as that of spec.syncInterval, and says no by itself, too.

	// pollInterval is how often Seam is asked for events, as a Go duration such as
	// "5s". At least 1s; 5s when left out.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) >= duration('1s')",message="spec.events.pollInterval must be a duration in h, m and s, such as \"5s\" or \"1m\", of at least 1s"
	PollInterval *metav1.Duration `json:"pollInterval,omitempty"`

	// webhook has the operator accept Seam's webhooks for this workspace, at the
	// path /webhooks/<namespace>/<name> of its webhook address (the operator's
	// flag --webhook-bind-address). Seam is still asked for events, for a webhook
	// may get lost.
	// +optional
	Webhook *Webhook `json:"webhook,omitempty"`
}

// Webhook is what Seam's webhooks are told from others by.
type Webhook struct {
	// secretKeyRef names the key of a Secret in this namespace that holds the
	// webhook's signing secret, "whsec_…" as Seam shows it; during a rotation two,
	// one a line.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitzero"`
}

// Auth is one way to authenticate. The Secrets are read in the SeamWorkspace's
// own namespace.
//
// +kubebuilder:validation:ExactlyOneOf=apiKey;personalAccessToken;clientSessionToken;consoleSessionToken;publishableKey
type Auth struct {
	// apiKey is a key of the workspace, which starts with "seam_".
	// +optional
	APIKey *SecretAuth `json:"apiKey,omitempty"`

	// personalAccessToken is a person's token, which starts with "seam_at", for
	// one of their workspaces.
	// +optional
	PersonalAccessToken *WorkspaceTokenAuth `json:"personalAccessToken,omitempty"`

	// clientSessionToken is a token of a client session, which starts with
	// "seam_cst".
	// +optional
	ClientSessionToken *SecretAuth `json:"clientSessionToken,omitempty"`

	// consoleSessionToken is a token (JWT) of a Seam Console session, for one
	// workspace.
	// +optional
	ConsoleSessionToken *WorkspaceTokenAuth `json:"consoleSessionToken,omitempty"`

	// publishableKey is a publishable key, which starts with "seam_pk"; it is
	// exchanged for a client session of one user.
	// +optional
	PublishableKey *PublishableKeyAuth `json:"publishableKey,omitempty"`
}

// SecretAuth is a token in a Secret.
type SecretAuth struct {
	// secretKeyRef names the key of a Secret in this namespace that holds the
	// token.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitzero"`
}

// WorkspaceTokenAuth is a token in a Secret that is good for many workspaces,
// and one of them.
type WorkspaceTokenAuth struct {
	// secretKeyRef names the key of a Secret in this namespace that holds the
	// token.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitzero"`

	// workspaceID is Seam's id of the workspace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	WorkspaceID string `json:"workspaceID,omitempty"`
}

// PublishableKeyAuth is a publishable key in a Secret, and the user on whose
// behalf it is used.
type PublishableKeyAuth struct {
	// secretKeyRef names the key of a Secret in this namespace that holds the
	// publishable key.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitzero"`

	// userIdentifierKey is your own key for the user.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	UserIdentifierKey string `json:"userIdentifierKey,omitempty"`
}

// SeamWorkspaceStatus is what was learned of the workspace.
type SeamWorkspaceStatus struct {
	// conditions are Ready, always, and Reconciling and Stalled while they are
	// true, as kstatus reads them.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:XValidation:rule="self.all(c, c.lastTransitionTime.getFullYear() <= 9999)",message="status.conditions: lastTransitionTime must be a date and time"
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of;
	// -1 until the operator has seen the object.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// workspaceID is Seam's id of the workspace.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	WorkspaceID string `json:"workspaceID,omitempty"`

	// workspaceName is the workspace's name at Seam.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	WorkspaceName string `json:"workspaceName,omitempty"`

	// sandbox says whether the workspace is a sandbox, whose devices are not real.
	// +optional
	Sandbox *bool `json:"sandbox,omitempty"`
}

// GetConditions returns the conditions of the SeamWorkspace.
func (w *SeamWorkspace) GetConditions() []metav1.Condition { return w.Status.Conditions }

// InUse says that the SeamWorkspace, and before it its Secret, is held for its AccessCodes.
func (w *SeamWorkspace) InUse() bool { return slices.Contains(w.Finalizers, InUseFinalizer) }

// DefaultSyncInterval is how often drift is looked for where a SeamWorkspace doesn't say.
const DefaultSyncInterval = 10 * time.Minute

// SyncInterval is how often drift is looked for.
func (w *SeamWorkspace) SyncInterval() time.Duration {
	if w.Spec.SyncInterval == nil {
		return DefaultSyncInterval
	}
	return w.Spec.SyncInterval.Duration
}

// SecretKeyRef names the Secret and the key that hold the credentials; nil where none is given.
func (a *Auth) SecretKeyRef() *SecretKeyReference {
	switch {
	case a.APIKey != nil:
		return &a.APIKey.SecretKeyRef
	case a.PersonalAccessToken != nil:
		return &a.PersonalAccessToken.SecretKeyRef
	case a.ClientSessionToken != nil:
		return &a.ClientSessionToken.SecretKeyRef
	case a.ConsoleSessionToken != nil:
		return &a.ConsoleSessionToken.SecretKeyRef
	case a.PublishableKey != nil:
		return &a.PublishableKey.SecretKeyRef
	}
	return nil
}
