// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package plan decides the one next step for a code from what is wanted, what is known and what was observed. It is pure: it
// has no I/O and no clock, so that every decision can be a row of a table test.
package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Desired is the wanted state of one code, with what is known about the lock that has a bearing on it.
type Desired struct {
	// DeviceID is the lock.
	DeviceID string
	// Name is the code's name at Seam.
	Name string
	// Unnamed says that Name is the name of the object, because spec.displayName is empty.
	Unnamed bool
	// Code is the wanted PIN; empty until one was chosen, and where the provider chooses it.
	Code redact.Secret
	// Chosen says that the operator or the provider chose the PIN, not a person. Where it is taken, the operator can choose
	// another.
	Chosen bool
	// CodeLength is how many digits a chosen PIN is to have; 0 for a length that suits the lock.
	CodeLength int
	// Misfit says why the lock would not take the chosen PIN; empty when no reason is known.
	Misfit string
	// PINPlace says, for a message, where the PIN comes from; empty for spec.code.
	PINPlace string
	// Window is when the code works; nil for an ongoing code.
	Window *Window
	// Offline asks for an offline code. Rounding is how far its provider may move either end of its window.
	Offline  bool
	Rounding time.Duration
	// OneTimeUse asks for an offline code that is good for one use.
	OneTimeUse bool
	// Provider says that the provider chooses the PIN. What it chose is kept in the Secret and never compared, so that Code
	// stays empty; a PIN that a person gave all the same is reported as unsupported.
	Provider bool
	// AllowExternal lets changes made elsewhere stand.
	AllowExternal bool
	// Adopt says that a code on the lock with the same PIN is taken over.
	Adopt bool
	// Inherited says that the Secret with the chosen PIN is older than the object, as after a restore. An unclaimed code with
	// this PIN and name is then ours.
	Inherited bool
	// Backup says when a backup code is pulled; empty where spec.backup is not given.
	Backup v1alpha1.BackupPullPolicy
	// EnablePool says that the device's backup pool is off and is to be turned on.
	EnablePool bool
	// MaxCodes is how many codes the lock takes; 0 where that is not known.
	MaxCodes int
	// Pull says that a person asks for the backup code now.
	Pull bool
	// Deleted says that the code is to be taken off the lock.
	Deleted bool
}

// Equal says whether both want the same. What is known of the lock (MaxCodes, Misfit) does not count.
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

// Known is what is known from earlier steps. ID, Intent, CreatePending and Import are read from the stored object, because
// losing them could make a second code. The rest may be lost with the process: that costs reads and tries that would not have
// been needed.
type Known struct {
	// ID is Seam's id of the code; empty until a creation was recorded.
	ID string
	// Intent is the stored intention to create; nil when there is none.
	Intent *Intent
	// CreatePending says that a create was sent whose outcome is not known: its code may exist and is not recorded.
	CreatePending bool
	// Failed is when Seam itself answered the last create with an error; zero where it did not, or where that is not known.
	// Failures counts such answers in a row.
	Failed   time.Time
	Failures int
	// PINDisclosed says that people may know the PIN, because a code may have worked with it.
	PINDisclosed bool
	// Import is the id of the code that is to be adopted; empty when none is named.
	Import string
	// Applied says that Seam once showed this spec. CodeApplied says that it showed this PIN. A difference after that was made
	// elsewhere.
	Applied, CodeApplied bool
	// Had is the state that Seam last showed, without the fields that were sent since; nil where that is not known.
	Had *Desired
	// CodeChanged says that the wanted PIN is known to differ from the one that Seam last showed.
	CodeChanged bool
	// Expired says that the code was seen to be off the lock after its window. That it is missing is then expected.
	Expired bool
	// Missing is when the code was first missing at Seam; zero when it is not missing.
	Missing time.Time
	// Updates are the times of the updates sent for this same desired state without success.
	Updates []time.Time
	// Rotations are the times at which another PIN was chosen, because the lock would not take the one before.
	Rotations []time.Time
	// Conversions are the times at which Seam was asked to manage the code that is to be adopted.
	Conversions []time.Time
	// OffFor is how long the code has been known not to work on the lock, counted from the last change that was sent; zero when
	// it works, or when nothing is known yet.
	OffFor time.Duration
	// FutureStart says that the lock is known to take no start in the past. StartRefusals counts how often Seam has refused the
	// start that was sent for this same desired state.
	FutureStart   bool
	StartRefusals int
	// Zone is the lock's time zone, nil where it is not known or does not matter.
	Zone *time.Location
	// Looks counts the reads since the last step. The more there were, the longer until the next.
	Looks int
}

// Observed is what a look at Seam found. Each code is nil when there is none of its kind.
type Observed struct {
	// Remote is our code: the one with the recorded id, or the one that Find returned as ours.
	Remote *seam.AccessCode
	// Blocking is a code with our PIN that is not ours, or the code to import where another object has recorded it.
	Blocking *seam.AccessCode
	// Claimed says that another object has recorded the id of Blocking.
	Claimed bool
	// Holder names, for a message, the AccessCode that Blocking belongs to; empty where it belongs to none.
	Holder string
	// Unmanaged is the code to adopt that Seam knows but does not manage.
	Unmanaged *seam.AccessCode
	// Lost is our code where it is still on the lock although Seam no longer manages it.
	Lost *seam.AccessCode
	// Shown is an unmanaged code with the PIN of our code, which is gone, under another name. It is not known to be ours.
	Shown *seam.AccessCode
	// Backup is the backup code that was pulled for the code.
	Backup *seam.AccessCode
	// LostBackup is that backup code where it is still on the lock, but Seam no longer manages it.
	LostBackup *seam.AccessCode
	// PINTaken says that a create was just refused because the PIN is taken. UpdateRefused says the same of an update.
	PINTaken, UpdateRefused bool
}
