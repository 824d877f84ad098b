// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Kind is what a step does.
type Kind string

// The kinds of step. Create, Convert, Update, Rotate, PullBackup, Delete and DeleteUnmanaged write to Seam. So does Rechoose
// where the code exists.
const (
	// None: all is as wanted.
	None Kind = "None"
	// Wait: something is under way; look again after Step.After.
	Wait Kind = "Wait"
	// Create the code, after the intention is stored.
	Create Kind = "Create"
	// Adopt Observed.Blocking: from now on it is ours.
	Adopt Kind = "Adopt"
	// Convert Observed.Unmanaged to a managed code, to be adopted next.
	Convert Kind = "Convert"
	// Record the id of Observed.Lost: it is ours under another id than the recorded one.
	Record Kind = "Record"
	// PullBackup pulls the backup code.
	PullBackup Kind = "PullBackup"
	// Update the remote code with Step.Changes.
	Update Kind = "Update"
	// Delete Step.Target.
	Delete Kind = "Delete"
	// DeleteUnmanaged deletes Step.Target, which Seam does not manage.
	DeleteUnmanaged Kind = "DeleteUnmanaged"
	// Rechoose another PIN: the chosen one is taken.
	Rechoose Kind = "Rechoose"
	// Rotate the chosen PIN of the code that is at Seam: its Secret first, then the code in place.
	Rotate Kind = "Rotate"
	// Release the object by removing its finalizer: nothing of it is left at Seam.
	Release Kind = "Release"
	// GiveUp: nothing more is tried until a person acts, or until Step.After.
	GiveUp Kind = "GiveUp"
)

// Step is the one next step.
type Step struct {
	Kind Kind
	// Reason is the reason of the Ready condition once the step is taken.
	Reason string
	// Message explains it to a person; it never holds a PIN.
	Message string
	// After is how long to wait before the next read; zero where a change or the sweep over all codes leads to it.
	After time.Duration
	// Changes is what an Update sends.
	Changes Changes
	// Target is the code that Delete and DeleteUnmanaged delete, which may be the backup.
	Target *seam.AccessCode
}

// Changes are the differences between the wanted and the remote code, as an update sends them.
type Changes struct {
	Name *string
	Code *redact.Secret
	// Window is the new window. Its StartsAt is zero where the start stays as it is.
	Window *Window
	// Ongoing asks for an ongoing code where the remote one is time-bound.
	Ongoing bool
	// AllowExternal allows, or forbids, that changes made elsewhere stand.
	AllowExternal *bool
	// EnablePool turns the device's backup pool on.
	EnablePool bool
	// OneTimeUse says that an offline code is to be good for one use, or for any number, and is not. No update changes that.
	OneTimeUse bool
}

// Empty says that nothing differs.
func (c Changes) Empty() bool { return c == Changes{} }

// SendsShownField says whether the step sends a field that a read of the code shows. The change counts as done once a read has
// shown it.
func (s Step) SendsShownField() bool {
	return s.Kind == Rechoose || s.Kind == Rotate || s.Kind == Update && s.Changes.shown()
}

// shown says whether a field differs that a read of the code shows and that may be changed elsewhere.
func (c Changes) shown() bool {
	return c.Name != nil || c.Code != nil || c.Window != nil || c.Ongoing
}

// Without returns d without the fields that these changes send, because what Seam has in them is no longer known.
func (c Changes) Without(d Desired) *Desired {
	if c.Name != nil {
		d.Name = ""
	}
	if c.Code != nil {
		d.Code = ""
	}
	if c.Window != nil || c.Ongoing {
		d.Window = &Window{}
	}
	return &d
}

// Fields returns the names of the differing fields, as the spec calls them.
func (c Changes) Fields() []string {
	var fields []string
	if c.Name != nil {
		fields = append(fields, "displayName")
	}
	if c.Code != nil {
		fields = append(fields, "code")
	}
	if c.Window != nil || c.Ongoing {
		fields = append(fields, "schedule")
	}
	if c.AllowExternal != nil {
		fields = append(fields, "allowExternalModification")
	}
	if c.EnablePool {
		fields = append(fields, "backup")
	}
	if c.OneTimeUse {
		fields = append(fields, "offline.oneTimeUse")
	}
	return fields
}
