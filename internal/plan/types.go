// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package plan decides the one next step for a code, from what is wanted, what is remembered and what was observed.
// It is pure: no I/O and no clock of its own, so that every decision is a row of a table test.
package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Desired is the complete wanted state of one code.
type Desired struct {
	// DeviceID is the lock.
	DeviceID string
	// Name is the code's name at Seam.
	Name string
	// Unnamed says that Name is that of the object, as no other is given.
	Unnamed bool
	// Code is the PIN; empty where the provider chooses it.
	Code redact.Secret
	// Chosen says that the PIN was chosen for the code, so that another will do where it is taken.
	Chosen bool
	// CodeLength is how many digits a chosen PIN is to have; 0 for as many as suit the lock.
	CodeLength int
	// Misfit says why the lock would not take the chosen PIN, as far as is known; empty when it would.
	Misfit string
	// PINPlace is where the PIN is, in a person's words; spec.code when empty.
	PINPlace string
	// Window is when the code works; nil for an ongoing code.
	Window *Window
	// Offline asks for an offline code, whose window the provider may move by Rounding.
	Offline  bool
	Rounding time.Duration
	// Provider says that the provider chooses the PIN, so that Code is empty until the code exists.
	Provider bool
	// AllowExternal lets changes made elsewhere stand.
	AllowExternal bool
	// Adopt says that a code with the same PIN that is not ours is taken over.
	Adopt bool
	// Inherited says that the chosen PIN was there before the object, in a Secret of its own: a code with this PIN and name
	// that is nobody's is the one that it was chosen for.
	Inherited bool
	// Backup says when a backup code is pulled; empty where the backup pool is not used.
	Backup v1alpha1.BackupPullPolicy
	// EnablePool says that the device's backup pool is not on yet.
	EnablePool bool
	// MaxCodes is how many codes the lock takes; 0 where that is not known or does not matter.
	MaxCodes int
	// Pull says that a person asks for the backup code now.
	Pull bool
	// Deleted says that the code is to be taken off the lock.
	Deleted bool
}

// Equal says whether both want the same, whatever is known of the lock.
func (d Desired) Equal(other Desired) bool {
	a, b := d.Window, other.Window
	d.Window, other.Window = nil, nil
	d.MaxCodes, other.MaxCodes = 0, 0
	d.Misfit, other.Misfit = "", ""
	return d == other && a.equal(b)
}

// Window is the time in which a code works, from StartsAt until EndsAt.
type Window struct {
	StartsAt, EndsAt time.Time
}

func (w *Window) equal(other *Window) bool {
	if w == nil || other == nil {
		return w == other
	}
	return w.StartsAt.Equal(other.StartsAt) && w.EndsAt.Equal(other.EndsAt)
}

// Over says that the window is past. Without a window, it never is.
func (w *Window) Over(now time.Time) bool { return w != nil && !now.Before(w.EndsAt) }

// Ahead says that the window has not begun. Without a window, it has.
func (w *Window) Ahead(now time.Time) bool { return w != nil && now.Before(w.StartsAt) }

// Known is what is remembered of earlier steps. What can't be lost stands on the object (ID, Intent); the rest may
// be forgotten at any time and costs at most a look too many.
type Known struct {
	// ID is Seam's id of the code; empty until a creation was recorded.
	ID string
	// Intent is the stored intention to create; nil when there is none.
	Intent *Intent
	// CreatePending says that a code may have been created that was not recorded.
	CreatePending bool
	// Failed is when Seam itself answered the last create with an error; zero where nobody did, or that is not known.
	Failed time.Time
	// Failures counts such answers in a row.
	Failures int
	// PINDisclosed says that a code may have worked with the PIN, so that people may have been told of it.
	PINDisclosed bool
	// Import is the id of the code that is to be adopted; empty when none is named.
	Import string
	// Applied says that Seam has had this spec, and CodeApplied that it has had this PIN, so that a difference was
	// made elsewhere.
	Applied, CodeApplied bool
	// Had is the state that Seam was last seen to have had, without what was sent since; nil where that is not known.
	Had *Desired
	// CodeChanged says that the PIN is known to be another than the one that Seam has had.
	CodeChanged bool
	// Expired says that the code was seen off the lock after its window, so that a missing code is no surprise.
	Expired bool
	// Missing is since when the code has been missing at Seam; zero when it was not.
	Missing time.Time
	// Updates are the times of the updates sent for this same desired state without success.
	Updates []time.Time
	// Rotations are the times at which the PIN was chosen anew because the lock would not take the one of before.
	Rotations []time.Time
	// Conversions are the times at which Seam was asked to manage the code that is to be adopted.
	Conversions []time.Time
	// OffFor is for how long the code has been known not to work on the lock since the last change that was sent; zero when
	// it works, or when nothing is known yet.
	OffFor time.Duration
	// FutureStart says that the lock is known to take no begin in the past, and StartRefused counts the times that Seam
	// has refused the begin that was sent for this same desired state.
	FutureStart   bool
	StartRefusals int
	// Zone is the lock's time zone, nil where it is not known or does not matter.
	Zone *time.Location
	// Looks counts the looks since the last step, and spaces the next one.
	Looks int
}

// Observed is what a look at Seam found.
type Observed struct {
	// Remote is the code found: by ID when there is one, else the one that Find picked. Nil when there is none.
	Remote *seam.AccessCode
	// Blocking is a code with the PIN that is not ours, or the code to import where that is another object's.
	Blocking *seam.AccessCode
	// Claimed says that Blocking is recorded with another object.
	Claimed bool
	// Holder is whose Blocking is, in words for a person; empty where it is no AccessCode's.
	Holder string
	// Unmanaged is the code to adopt that Seam knows but does not manage.
	Unmanaged *seam.AccessCode
	// Lost is our code where Seam does not manage it any more and it is on the lock still.
	Lost *seam.AccessCode
	// Shown is a code that is not known to be ours, and not managed by Seam, with the PIN of ours, which is gone.
	Shown *seam.AccessCode
	// Backup is the backup code that was pulled for the code; nil when there is none any more.
	Backup *seam.AccessCode
	// PINTaken says that a create was just refused because the PIN is taken.
	PINTaken bool
}
