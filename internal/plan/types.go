// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package plan decides the one next step for a code, from what is wanted, what is remembered and what was observed.
// It is pure: no I/O and no clock of its own, so that every decision is a row of a table test.
package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Desired is the complete wanted state of one code.
type Desired struct {
	// DeviceID is the lock.
	DeviceID string
	// Name is the code's name at Seam.
	Name string
	// Code is the PIN; empty where the provider chooses it.
	Code redact.Secret
	// Chosen says that the PIN was chosen for the code, so that another will do where it is taken.
	Chosen bool
	// Window is when the code works; nil for an ongoing code.
	Window *Window
	// Adopt says that a code with the same PIN that is not ours is taken over.
	Adopt bool
	// Deleted says that the code is to be taken off the lock.
	Deleted bool
}

// Equal says whether both want the same.
func (d Desired) Equal(other Desired) bool {
	a, b := d.Window, other.Window
	d.Window, other.Window = nil, nil
	if d != other || (a == nil) != (b == nil) {
		return false
	}
	return a == nil || a.StartsAt.Equal(b.StartsAt) && a.EndsAt.Equal(b.EndsAt)
}

// Window is the time in which a code works, from StartsAt until EndsAt.
type Window struct {
	StartsAt, EndsAt time.Time
}

// Over says that the window is past. Without a window, it never is.
func (w *Window) Over(now time.Time) bool { return w != nil && !now.Before(w.EndsAt) }

func (w *Window) ahead(now time.Time) bool { return w != nil && now.Before(w.StartsAt) }

// Known is what is remembered of earlier steps. What can't be lost stands on the object (ID, Intent); the rest may
// be forgotten at any time and costs at most a look too many.
type Known struct {
	// ID is Seam's id of the code; empty until a creation was recorded.
	ID string
	// Intent is the stored intention to create; nil when there is none.
	Intent *Intent
	// Expired says that the code was seen off the lock after its window, so that a missing code is no surprise.
	Expired bool
	// Missing is since when the code has been missing at Seam; zero when it was not.
	Missing time.Time
	// Updates are the times of the updates sent for this same desired state without success.
	Updates []time.Time
	// Looks counts the looks since the last step, and spaces the next one.
	Looks int
}

// Observed is what a look at Seam found.
type Observed struct {
	// Remote is the code found: by ID when there is one, else the one that Find picked. Nil when there is none.
	Remote *seam.AccessCode
	// Blocking is a code with the PIN that is not ours.
	Blocking *seam.AccessCode
	// Refused says that a create was just refused because the PIN is taken.
	Refused bool
}

// Kind is what a step does.
type Kind string

// The kinds of step. Every one but Update, Create, Adopt and Delete leaves Seam alone.
const (
	// None: all is as wanted.
	None Kind = "None"
	// Wait: something is under way; look again after Step.After.
	Wait Kind = "Wait"
	// Create the code, after the intention is stored.
	Create Kind = "Create"
	// Adopt Observed.Blocking: from now on it is ours.
	Adopt Kind = "Adopt"
	// Update the remote code with Step.Changes.
	Update Kind = "Update"
	// Delete the remote code.
	Delete Kind = "Delete"
	// Rechoose another PIN: the chosen one is taken.
	Rechoose Kind = "Rechoose"
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
}

// Changes is what differs between the wanted and the remote code, as an update sends it.
type Changes struct {
	Name   *string
	Code   *redact.Secret
	Window *Window
	// Ongoing asks for an ongoing code where the remote one is time-bound.
	Ongoing bool
}

// Empty says that nothing differs.
func (c Changes) Empty() bool { return c == Changes{} }

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
	return fields
}
