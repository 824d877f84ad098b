// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AccessCode is a PIN on a lock: the operator programs it through Seam, keeps
// it as declared, reports its state and takes it off the lock when the
// AccessCode is deleted.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:annotations={"kustomize.toolkit.fluxcd.io/prune=disabled","argocd.argoproj.io/sync-options=Prune=false,Delete=false"}
// +kubebuilder:resource:shortName=acode,categories=access-codes
// +kubebuilder:subresource:status
// +kubebuilder:selectablefield:JSONPath=`.spec.deviceID`
// +kubebuilder:selectablefield:JSONPath=`.status.state`
// +kubebuilder:selectablefield:JSONPath=`.status.accessCodeID`
// +kubebuilder:printcolumn:name="Lock",type=string,JSONPath=`.status.deviceName`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Starts",type=string,JSONPath=`.status.startsAt`
// +kubebuilder:printcolumn:name="Ends",type=string,JSONPath=`.status.endsAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Device",type=string,priority=1,JSONPath=`.spec.deviceID`
// +kubebuilder:printcolumn:name="ID",type=string,priority=1,JSONPath=`.status.accessCodeID`
// +kubebuilder:printcolumn:name="Opens",type=string,priority=1,JSONPath=`.status.window.startsAt`
// +kubebuilder:printcolumn:name="Next",type=string,priority=1,JSONPath=`.status.nextWindow.startsAt`
// +kubebuilder:printcolumn:name="Suspended",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Suspended")].status`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type AccessCode struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what is wanted: a PIN on a lock, for a time or until further notice.
	// The operator never writes it, and nothing is defaulted into it: what a field
	// means when it is left out is said with the field.
	// +required
	Spec AccessCodeSpec `json:"spec,omitzero"`

	// status is what Seam reported last. It never holds a PIN, nor anything
	// computed from one.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status AccessCodeStatus `json:"status,omitzero"`

	// Undecodable are the paths, such as spec.schedule.endsAt, of what is stored but could not be read. Those fields are
	// empty here, and an Update would empty them for good: use a patch. It is set by decoding and is no part of the
	// resource.
	Undecodable []string `json:"-"`
}

// AccessCodeList is a list of AccessCodes.
//
// +kubebuilder:object:root=true
type AccessCodeList struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []AccessCode `json:"items"`
}

// AccessCodeStatus is what Seam reported last. It never holds a PIN, nor
// anything computed from one.
type AccessCodeStatus struct {
	// conditions are Ready, always, and Reconciling and Stalled while they are
	// true, as kstatus reads them.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:XValidation:rule="self.all(c, c.lastTransitionTime.getFullYear() <= 9999)",message="status.conditions: lastTransitionTime must be a date and time"
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that Seam has been given,
	// or that was found impossible; -1 until then. What a condition speaks of is
	// told by its own observedGeneration.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// accessCodeID is Seam's id of the code.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	AccessCodeID string `json:"accessCodeID,omitempty"`

	// deviceName is Seam's name of the lock, as it was when the lock was last
	// looked at.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	DeviceName string `json:"deviceName,omitempty"`

	// workspaceID is Seam's id of the workspace that holds the code.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	WorkspaceID string `json:"workspaceID,omitempty"`

	// state is Seam's own word for where the code stands, such as unset, setting,
	// set, removing or unknown.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	State string `json:"state,omitempty"`

	// type is Seam's own word for the kind of code: ongoing or time_bound.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Type string `json:"type,omitempty"`

	// startsAt is when the code starts to work, as Seam reports it.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="status.startsAt must be a date and time"
	StartsAt *metav1.Time `json:"startsAt,omitempty"`

	// endsAt is when the code stops working, as Seam reports it.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="status.endsAt must be a date and time"
	EndsAt *metav1.Time `json:"endsAt,omitempty"`

	// window is when the code works now or, between windows, next: as spec.schedule
	// says, buffers included. Left out without a schedule, after the last window,
	// and where windows leave no time out.
	// +optional
	Window *WindowStatus `json:"window,omitempty"`

	// nextWindow is when the code works after window. Left out where there is none.
	// +optional
	NextWindow *WindowStatus `json:"nextWindow,omitempty"`

	// pinChangedAt is when the operator last replaced a chosen PIN; left out as long
	// as the first one stands.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="status.pinChangedAt must be a date and time"
	PINChangedAt *metav1.Time `json:"pinChangedAt,omitempty"`

	// codeSecretRef names the Secret and the key that hold the PIN, where it is in
	// a Secret.
	// +optional
	CodeSecretRef *SecretKeyReference `json:"codeSecretRef,omitempty"`

	// errors are the errors that Seam reports for the code, at most 16, PINs taken
	// out of the messages.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Errors []AccessCodeError `json:"errors,omitempty"`

	// warnings are the warnings that Seam reports for the code, at most 16, PINs
	// taken out of the messages.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Warnings []AccessCodeWarning `json:"warnings,omitempty"`

	// backupCode is what is known of the backup code, where spec.backup asks for
	// one.
	// +optional
	BackupCode *BackupCodeStatus `json:"backupCode,omitempty"`

	// lastHandledReconcileAt is the value of the annotation
	// access-codes.io/reconcile-requested-at that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// lastHandledRotation is the value of the annotation
	// access-codes.io/rotate-requested-at that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledRotation string `json:"lastHandledRotation,omitempty"`
}

// AccessCodeError is an error that Seam reports for a code.
type AccessCodeError struct {
	// code is Seam's error code, passed through as it is.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Code string `json:"code,omitempty"`

	// scope says what the error is about: AccessCode, Device, ConnectedAccount or
	// Bridge.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Scope string `json:"scope,omitempty"`

	// message is Seam's explanation, PINs taken out, cut at 300 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=300
	Message string `json:"message,omitempty"`

	// createdAt is when Seam saw it first.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="createdAt must be a date and time"
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`
}

// AccessCodeWarning is a warning that Seam reports for a code.
type AccessCodeWarning struct {
	// code is Seam's warning code, passed through as it is.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Code string `json:"code,omitempty"`

	// message is Seam's explanation, PINs taken out, cut at 300 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=300
	Message string `json:"message,omitempty"`

	// createdAt is when Seam saw it first.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="createdAt must be a date and time"
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`
}

// BackupCodeStatus is what is known of the backup code.
type BackupCodeStatus struct {
	// available says whether the device's pool has a backup code for this one.
	// +optional
	Available *bool `json:"available,omitempty"`

	// accessCodeID is Seam's id of the backup code that was pulled.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	AccessCodeID string `json:"accessCodeID,omitempty"`

	// state is Seam's own word for where the backup code stands.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	State string `json:"state,omitempty"`

	// secretRef names the Secret and the key that hold the backup PIN.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// lastHandledPull is the value of the annotation access-codes.io/pull-backup
	// that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledPull string `json:"lastHandledPull,omitempty"`
}

// GetConditions returns the conditions of the AccessCode.
func (a *AccessCode) GetConditions() []metav1.Condition { return a.Status.Conditions }

// WorkspaceName is the name of the SeamWorkspace that serves the AccessCode, in its namespace.
func (a *AccessCode) WorkspaceName() string {
	if a.Spec.WorkspaceRef == nil {
		return DefaultWorkspaceName
	}
	return a.Spec.WorkspaceRef.Name
}

// RemoteName is the code's name at Seam.
func (a *AccessCode) RemoteName() string { return cmp.Or(PlainName(a.Spec.DisplayName), a.Name) }

// PlainName is a name as it comes back from Seam and from locks: without white space at its ends, such as the newline of a
// block scalar, and with single spaces within.
func PlainName(name string) string {
	// JavaScript, and so Seam, also trims the byte order mark.
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }), " ")
}

// CodeSecretName is the name of the Secret to which a PIN that the user did not give is written.
func (a *AccessCode) CodeSecretName() string {
	if a.Spec.CodeSecretName == "" {
		return a.Name
	}
	return a.Spec.CodeSecretName
}

// Orphans says whether the code stays on the lock when the AccessCode is deleted.
func (a *AccessCode) Orphans() bool { return a.Spec.DeletionPolicy == DeletionOrphan }

// HasFinalizer says that the operator holds the AccessCode until its code is off the lock.
func (a *AccessCode) HasFinalizer() bool { return slices.Contains(a.Finalizers, Finalizer) }

// RecordedIDs are the ids at Seam of the code and of its backup, where there are such.
func (a *AccessCode) RecordedIDs() []string {
	var ids []string
	if a.Status.AccessCodeID != "" {
		ids = append(ids, a.Status.AccessCodeID)
	}
	if a.Status.BackupCode != nil && a.Status.BackupCode.AccessCodeID != "" {
		ids = append(ids, a.Status.BackupCode.AccessCodeID)
	}
	return ids
}
