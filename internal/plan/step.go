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

// The kinds of step. Create, Convert, Update, Rotate, PullBackup, Delete and DeleteUnmanaged write to Seam, and so does Rechoose
// for a code that is there.
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
	// Renew the chosen PIN in its Secret. The code gets it with the next step, once status tells of it: a process that ends in
	// between has not given the lock a PIN that is then chosen a second time.
	Renew Kind = "Renew"
	// Release the object: nothing of it is left at Seam.
	Release Kind = "Release"
	// GiveUp until a person acts.
	GiveUp Kind = "GiveUp"
)

// Step is the one next step.
type Step struct {
	Kind Kind
	// Reason is the reason of the Ready condition once the step is taken.
	Reason string
	// Message explains it to a person; it never holds a PIN.
	Message string
	// After is when to look again; zero when only a change or the drift sweep brings the code back.
	After time.Duration
	// Changes is what an Update sends.
	Changes Changes
	// Target is what a Delete deletes: the code, or its backup.
	Target *seam.AccessCode
}

// Changes is what differs between the wanted and the remote code, as an update sends it.
type Changes struct {
	Name *string
	Code *redact.Secret
	// Window is the new one; with no StartsAt where the begin stays as it is.
	Window *Window
	// Ongoing asks for an ongoing code where the remote one is time-bound.
	Ongoing bool
	// AllowExternal turns on, or off, that changes made elsewhere stand.
	AllowExternal *bool
	// EnablePool turns the device's backup pool on.
	EnablePool bool
}

// Empty says that nothing differs.
func (c Changes) Empty() bool { return c == Changes{} }

// Resent says whether the step sends something that a look shows. It counts as done once a look has shown it.
func (s Step) Resent() bool {
	return s.Kind == Rechoose || s.Kind == Rotate || s.Kind == Update && s.Changes.shown()
}

// shown says that a field differs that a look at the code shows, and that may be changed elsewhere.
func (c Changes) shown() bool {
	return c.Name != nil || c.Code != nil || c.Window != nil || c.Ongoing
}

// Without returns a state without the fields that these changes are about, because those are no longer known.
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

// Fields are the names of what differs, in the words of the spec.
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
	return fields
}
