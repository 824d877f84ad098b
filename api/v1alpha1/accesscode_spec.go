// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The rule of spec.code stands at AccessCodeSpec, not at the field: the API server quotes the value of a field in its
// refusal, but never that of an object.

// AccessCodeSpec is what is wanted: a PIN on a lock, for a time or until
// further notice. The operator never writes it, and it has no defaults: what a
// field means when it is left out is said with the field.
//
// +kubebuilder:validation:AtMostOneOf=code;codeFrom
// +kubebuilder:validation:XValidation:rule="!has(self.code) || !has(self.codeFrom)",message="a PIN has one source: remove spec.code or spec.codeFrom. A spec.code that kubectl apply leaves in place goes with: kubectl patch accesscode NAME --type=merge -p '{\"spec\":{\"code\":null}}'"
// +kubebuilder:validation:XValidation:rule="!has(self.code) || (type(self.code) == string && string(self.code).matches('^[0-9]{4,12}$'))",fieldPath=".code",message="spec.code must be 4 to 12 digits, in quotes, such as \"123456\""
// +kubebuilder:validation:XValidation:rule="!has(self.codeLength) || (!has(self.code) && !has(self.codeFrom))",message="spec.codeLength is only for a PIN that is chosen: remove spec.codeLength, or remove spec.code and spec.codeFrom"
// +kubebuilder:validation:XValidation:rule="!has(self.offline) || (!has(self.code) && !has(self.codeFrom))",message="spec.offline takes no PIN of yours, the provider chooses it: remove spec.code and spec.codeFrom, or remove spec.offline"
// +kubebuilder:validation:XValidation:rule="!has(self.offline) || !has(self.backup)",message="spec.offline has no backup pool: remove spec.backup or spec.offline"
// +kubebuilder:validation:XValidation:rule="!has(self.backup) || has(self.schedule)",message="spec.backup is only for time-bound codes: add spec.schedule with endsAt, or remove spec.backup"
// +kubebuilder:validation:XValidation:rule="!has(self.offline) || !has(self.schedule) || !has(self.schedule.weekly)",message="spec.offline takes no spec.schedule.weekly: use startsAt and endsAt, or local, or remove spec.offline"
// +kubebuilder:validation:XValidation:rule="!has(self.backup) || !has(self.schedule) || !has(self.schedule.weekly)",message="spec.backup takes no spec.schedule.weekly: use startsAt and endsAt, or local, or remove spec.backup"
// +kubebuilder:validation:XValidation:rule="!has(self.rotation) || (!has(self.code) && !has(self.codeFrom) && !has(self.offline))",message="spec.rotation is only for a PIN that is chosen: remove spec.rotation, or remove spec.code, spec.codeFrom and spec.offline"
// +kubebuilder:validation:XValidation:rule="!has(self.rotation) || self.rotation.every != 'Window' || (has(self.schedule) && has(self.schedule.weekly))",message="spec.rotation.every: Window goes with spec.schedule.weekly only: add that, or give a duration such as \"720h\""
// +kubebuilder:validation:XValidation:rule="has(self.offline) == has(oldSelf.offline)",message="spec.offline can't be added or removed after creation: delete this AccessCode and create another"
type AccessCodeSpec struct {
	// workspaceRef names the SeamWorkspace, in this namespace, through which the
	// lock is reached. The one called "default" when left out.
	// +optional
	WorkspaceRef *WorkspaceReference `json:"workspaceRef,omitempty"`

	// deviceID is Seam's id of the lock, as the Seam Console shows it; not the
	// lock's name. It can't be changed: another lock is another AccessCode.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.deviceID is immutable: delete this AccessCode and create another for the other lock"
	DeviceID string `json:"deviceID,omitempty"`

	// displayName is the code's name at Seam and, where the lock keeps names, on
	// the lock. The object's own name when left out.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName,omitempty"`

	// An integer, a PIN without quotes, gets as far as the rule of AccessCodeSpec, which refuses it and says why. With
	// type string, server-side apply would refuse it first and quote the PIN.

	// code is the PIN: a string of 4 to 12 digits, in quotes. Whoever may read
	// this object reads it; codeFrom is the better place. At most one of code
	// and codeFrom may be given; where both are left out a PIN is chosen and
	// written to a Secret.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:Type=""
	Code string `json:"code,omitempty"`

	// codeFrom says where the PIN is read from. When another PIN is put there, the
	// lock gets it.
	// +optional
	CodeFrom *CodeSource `json:"codeFrom,omitempty"`

	// codeLength is the number of digits, 4 to 12, of a PIN that is chosen. Seam
	// chooses a length that suits the lock when left out. Where the PIN that was
	// chosen has another length, another is chosen. Not together with code or
	// codeFrom.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 4 && self <= 12",message="spec.codeLength must be 4 to 12 digits"
	CodeLength *int32 `json:"codeLength,omitempty"`

	// codeSecretName is the Secret to which a PIN that you did not give is
	// written, under the key "code", and that of a backup code that was pulled,
	// under the key "backupCode". It is created for this AccessCode and goes with
	// it; a Secret of that name that is not its own is never written. The object's
	// own name when left out.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="spec.codeSecretName must be a Secret's name: lower-case letters, digits, '-' and '.'"
	CodeSecretName string `json:"codeSecretName,omitempty"`

	// schedule says when the code works. When left out, the code works until it is
	// deleted: Seam calls that an ongoing code.
	// +optional
	Schedule *Schedule `json:"schedule,omitempty"`

	// offline asks, when present, for an offline access code: one that the lock's
	// provider computes and that works without a connection to the lock. It can't
	// be added or removed later.
	// +optional
	Offline *Offline `json:"offline,omitempty"`

	// backup asks, when present, for a place in the lock's backup pool: spare
	// PINs, on the lock already, one of which can be pulled when this code fails.
	// For codes with a schedule only.
	// +optional
	Backup *Backup `json:"backup,omitempty"`

	// preferNativeScheduling says whether a lock that keeps windows by itself gets
	// a code with a schedule ahead of time. Seam's own default, true, when left
	// out.
	// +optional
	PreferNativeScheduling *bool `json:"preferNativeScheduling,omitempty"`

	// attemptForOfflineDevice says whether Seam tries to program a device that is
	// offline. Seam's own default, true, when left out.
	// +optional
	AttemptForOfflineDevice *bool `json:"attemptForOfflineDevice,omitempty"`

	// allowExternalModification lets a change that was made elsewhere, such as in
	// the lock maker's app, stand. False when left out: such a change is put back.
	// A removal does not stand: a code that is taken off elsewhere is made again.
	// To take it off, delete this AccessCode.
	// +optional
	AllowExternalModification *bool `json:"allowExternalModification,omitempty"`

	// adoptionPolicy says what happens when the lock has another code with this
	// PIN already: Never leaves it alone and reports CodeConflict, Matching takes
	// it over. Never when left out.
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// deletionPolicy says what happens to the code on the lock when this
	// AccessCode is deleted: Delete takes it off, Orphan leaves it there. Delete
	// when left out.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// rotation replaces, when present, a chosen PIN from time to time. The new PIN
	// is in its Secret before the lock has it. Not together with code, codeFrom or
	// offline. To replace it once, set the annotation
	// access-codes.io/rotate-requested-at.
	// +optional
	Rotation *Rotation `json:"rotation,omitempty"`

	// ttlAfterExpired is how long after the end of its last window the operator
	// deletes the AccessCode, and with it the Secret of a chosen PIN: a duration
	// in h, m and s such as "24h". The object stays when left out. It also stays,
	// with an Event TTLIgnored, where Argo CD, Flux or Helm would bring it back.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) >= duration('0s')",message="spec.ttlAfterExpired must be a duration in h, m and s, such as \"24h\", of at least 0s"
	TTLAfterExpired *metav1.Duration `json:"ttlAfterExpired,omitempty"`

	// suspend stops all work on the code, except its deletion, until it is false
	// or left out.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// WorkspaceReference names a SeamWorkspace in the same namespace.
type WorkspaceReference struct {
	// name of the SeamWorkspace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="name must be that of a SeamWorkspace: lower-case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`
}

// CodeSource says where a PIN is read from.
type CodeSource struct {
	// secretKeyRef names the key of a Secret in this namespace that holds the PIN,
	// 4 to 12 digits.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitzero"`
}

// SecretKeyReference names a key of a Secret in the same namespace.
type SecretKeyReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="name must be that of a Secret: lower-case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`

	// key within the Secret's data.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// Offline describes an offline access code.
type Offline struct {
	// oneTimeUse asks for a code that works once. False when left out.
	// +optional
	OneTimeUse *bool `json:"oneTimeUse,omitempty"`

	// maxTimeRounding is how far the provider may move the window, "1h" or "1d".
	// "1h" when left out.
	// +optional
	MaxTimeRounding TimeRounding `json:"maxTimeRounding,omitempty"`
}

// TimeRounding is how far a provider may move the window of an offline code.
//
// +kubebuilder:validation:Enum="1h";"1d"
type TimeRounding string

// The roundings that Seam knows.
const (
	TimeRoundingHour TimeRounding = "1h"
	TimeRoundingDay  TimeRounding = "1d"
)

// Backup says when a code of the device's backup pool is pulled.
type Backup struct {
	// pull says when a backup code is pulled: Never only keeps one ready, for the
	// annotation access-codes.io/pull-backup; OnFailure pulls it when the code was
	// not on the lock for 5 minutes, counted from the later of its window's start
	// and its last change; Always pulls it at the start of the window. Never when
	// left out.
	// +optional
	Pull BackupPullPolicy `json:"pull,omitempty"`
}

// BackupPullPolicy says when a backup code is pulled.
//
// +kubebuilder:validation:Enum=Never;OnFailure;Always
type BackupPullPolicy string

// The moments at which a backup code is pulled.
const (
	BackupPullNever     BackupPullPolicy = "Never"
	BackupPullOnFailure BackupPullPolicy = "OnFailure"
	BackupPullAlways    BackupPullPolicy = "Always"
)

// AdoptionPolicy says whether a code that is already on the lock is taken
// over.
//
// +kubebuilder:validation:Enum=Never;Matching
type AdoptionPolicy string

// The adoption policies.
const (
	AdoptionNever    AdoptionPolicy = "Never"
	AdoptionMatching AdoptionPolicy = "Matching"
)

// DeletionPolicy says what a deleted AccessCode leaves on the lock.
//
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

// The deletion policies.
const (
	DeletionDelete DeletionPolicy = "Delete"
	DeletionOrphan DeletionPolicy = "Orphan"
)
