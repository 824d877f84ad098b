// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// FuzzDecide checks that no decision breaks one of the laws. Run it for longer with "make fuzz".
func FuzzDecide(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c"))
	for b := range byte(64) {
		f.Add(slices.Repeat([]byte{b * 37, b, 255 - b}, 20))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := source(data)
		want, known, seen := in.desired(), in.known(), in.observed()
		step := plan.Decide(want, known, seen, now)
		for law, broken := range laws {
			if broken(decided{want, known, seen, step}) {
				t.Errorf("%s\nwant %+v\nknown %+v\nseen %+v\nstep %+v", law, want, known, seen, step)
			}
		}
		if diff := gocmp.Diff(step, plan.Decide(want, known, seen, now)); diff != "" {
			t.Errorf("the same input, another step (-first +second):\n%s", diff)
		}
	})
}

// decided is what went into a decision and what came out.
type decided struct {
	want  plan.Desired
	known plan.Known
	seen  plan.Observed
	step  plan.Step
}

func (d decided) is(kinds ...plan.Kind) bool { return slices.Contains(kinds, d.step.Kind) }

// writes says that Seam, or the PIN, is changed for the sake of a code that is wanted.
func (d decided) writes() bool {
	return d.is(plan.Create, plan.Update, plan.Adopt, plan.Rechoose, plan.Convert, plan.PullBackup, plan.Rotate) && !d.takesBack()
}

// takesBack says that a code which Seam has lost is to be managed again, for it to be taken off or because it is wanted.
func (d decided) takesBack() bool { return d.is(plan.Convert, plan.Record) && d.seen.Lost != nil }

// mayShow says that a create is under way whose code may still turn up.
func (d decided) mayShow() bool {
	return d.known.CreatePending && d.known.Intent != nil && now.Sub(d.known.Intent.Tried).Abs() < time.Minute
}

// laws are the rules that no decision may break.
var laws = map[string]func(decided) bool{
	"a deleted code is written": func(d decided) bool { return d.want.Deleted && d.writes() },
	"a deleted code is not on its way": func(d decided) bool {
		return d.want.Deleted && !d.is(plan.Release, plan.Wait, plan.Delete) && d.seen.Lost == nil && d.seen.LostBackup == nil
	},
	"an over code is written":  func(d decided) bool { return d.want.Window.Over(now) && d.writes() },
	"a second code is created": func(d decided) bool { return d.is(plan.Create) && (d.seen.Remote != nil || d.seen.Lost != nil) },
	"a code is created with a PIN in use": func(d decided) bool {
		return d.is(plan.Create) && (d.seen.Blocking != nil || d.seen.Unmanaged != nil || d.seen.PINTaken)
	},
	"a second code that nothing refuses": func(d decided) bool { return d.is(plan.Create) && d.want.Provider && d.mayShow() },
	"a code is taken over while another may come": func(d decided) bool {
		return d.is(plan.Adopt, plan.Convert) && d.seen.Lost == nil && !d.seen.PINTaken && d.mayShow() && d.known.Failed.IsZero()
	},
	"a code is created beside one to import": func(d decided) bool {
		return d.is(plan.Create) && d.known.Import != "" && d.known.ID == "" && d.known.Intent == nil
	},
	"a code that was gone once is created": func(d decided) bool {
		return d.is(plan.Create) && d.known.ID != "" && !d.known.Expired && d.known.Missing.IsZero()
	},
	"an update of nothing":           func(d decided) bool { return d.is(plan.Update) && (d.step.Changes.Empty() || d.seen.Remote == nil) },
	"changes that are not an update": func(d decided) bool { return !d.is(plan.Update) && !d.step.Changes.Empty() },
	"a delete of what is not ours": func(d decided) bool {
		return d.is(plan.Delete) && (d.step.Target == nil || d.step.Target != d.seen.Remote && d.step.Target != d.seen.Backup)
	},
	"a delete of what is not known to be lost": func(d decided) bool {
		target := d.step.Target
		return d.is(plan.DeleteUnmanaged) && (target == nil || target != d.seen.Lost && target != d.seen.LostBackup || target.CannotDeleteUnmanagedAccessCode)
	},
	"a lost code that works is deleted": func(d decided) bool {
		return d.is(plan.DeleteUnmanaged) && !d.want.Deleted && !d.want.Window.Over(now) &&
			(d.step.Target == d.seen.LostBackup && !d.want.Pull || d.step.Target == d.seen.Lost && d.want.Code == d.seen.Lost.Code)
	},
	"a target that is not deleted": func(d decided) bool { return !d.is(plan.Delete, plan.DeleteUnmanaged) && d.step.Target != nil },
	"a code is deleted before its backup": func(d decided) bool {
		return d.is(plan.Delete) && d.step.Target == d.seen.Remote && d.seen.Backup != nil && d.want.Deleted
	},
	"a code of another object is touched": func(d decided) bool {
		return d.is(plan.Adopt, plan.Rechoose) && d.seen.Claimed && d.seen.Blocking != nil && !d.want.Chosen
	},
	"a conversion of nothing": func(d decided) bool {
		return d.is(plan.Convert) && (d.seen.Unmanaged == nil && d.seen.Lost == nil || d.seen.Remote != nil)
	},
	"a conversion that the provider refuses": func(d decided) bool {
		return d.is(plan.Convert) && cmp.Or(d.seen.Lost, d.seen.Unmanaged).CannotBeManaged
	},
	"a backup for nothing": func(d decided) bool {
		return d.is(plan.PullBackup) && (d.seen.Remote == nil || d.want.Backup == "" && !d.want.Pull)
	},
	"a second backup": func(d decided) bool {
		return d.is(plan.PullBackup) && (d.seen.Backup != nil || d.seen.LostBackup != nil)
	},
	"an offline code is changed": func(d decided) bool { return d.is(plan.Update) && d.want.Offline },
	"a delete of a code that is wanted": func(d decided) bool {
		return d.is(plan.Delete) && d.step.Target == d.seen.Remote && !d.want.Deleted && !d.want.Window.Over(now) && d.seen.Lost == nil
	},
	"a release that leaves a code": func(d decided) bool {
		return d.is(plan.Release) && (d.seen.Remote != nil || d.seen.Backup != nil || d.seen.Lost != nil || d.seen.LostBackup != nil || d.mayShow() || !d.want.Deleted)
	},
	"an adoption of nothing":             func(d decided) bool { return d.is(plan.Adopt) && (d.seen.Blocking == nil || d.seen.Remote != nil) },
	"an adoption that nobody asked for":  func(d decided) bool { return d.is(plan.Adopt) && !d.want.Adopt && !d.want.Inherited },
	"another PIN for one that was given": func(d decided) bool { return d.is(plan.Rechoose, plan.Rotate) && !d.want.Chosen },
	"another PIN for no code":            func(d decided) bool { return d.is(plan.Rotate) && d.seen.Remote == nil },
	"another PIN for one that people use": func(d decided) bool {
		return d.is(plan.Rechoose) && (d.known.PINDisclosed || d.known.ID != "" && d.seen.Remote == nil)
	},
	"a wait without end":          func(d decided) bool { return d.is(plan.Wait) && d.step.After <= 0 },
	"a look in the past":          func(d decided) bool { return d.step.After < 0 },
	"a kind that is none":         func(d decided) bool { return !d.is(kinds...) },
	"a reason that is none":       func(d decided) bool { return !slices.Contains(reasons, d.step.Reason) },
	"nothing is said to a person": func(d decided) bool { return d.is(plan.GiveUp, plan.Wait, plan.None) && d.step.Message == "" },
	"a PIN in the message": func(d decided) bool {
		return strings.Contains(d.step.Message, string(pin)) || strings.Contains(d.step.Message, string(otherPIN))
	},
}

var kinds = []plan.Kind{
	plan.None, plan.Wait, plan.Create, plan.Adopt, plan.Update, plan.Delete, plan.Rechoose, plan.Release, plan.GiveUp,
	plan.Convert, plan.PullBackup, plan.Rotate, plan.Record, plan.DeleteUnmanaged,
}

var reasons = []string{
	v1alpha1.ReasonSet, v1alpha1.ReasonScheduled, v1alpha1.ReasonExpired,
	v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonSetting, v1alpha1.ReasonRemoving,
	v1alpha1.ReasonDeviceUnreachable, v1alpha1.ReasonDeviceError, v1alpha1.ReasonWaitingForPIN,
	v1alpha1.ReasonCodeConflict, v1alpha1.ReasonNotConverging,
	v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonUpdateNotSupported, v1alpha1.ReasonBackupNotSupported,
	v1alpha1.ReasonDeviceNotFound,
}

// input makes what Decide takes out of bytes. When they are used up, all is zero.
type input struct{ bytes []byte }

func source(data []byte) *input { return &input{data} }

func (i *input) next() int {
	if len(i.bytes) == 0 {
		return 0
	}
	b := i.bytes[0]
	i.bytes = i.bytes[1:]
	return int(b)
}

func (i *input) bool() bool { return i.next()%2 == 1 }

func pick[T any](i *input, from ...T) T { return from[i.next()%len(from)] }

// time is within two hours of now, mostly close to it.
func (i *input) time() time.Time {
	unit := pick(i, time.Minute, time.Second, time.Nanosecond)
	return now.Add(time.Duration(i.next()-128) * unit)
}

func (i *input) desired() plan.Desired {
	d := plan.Desired{
		DeviceID: "lock", Name: pick(i, "Guest", "Other "+string(pin), ""), Code: pick(i, pin, otherPIN, ""),
		CodeLength: pick(i, 0, 0, len(pin), 9), Misfit: pick(i, "", "it does not suit"),
		Chosen: i.bool(), Adopt: i.bool(), Inherited: i.bool(), Deleted: i.bool(),
		Offline: i.bool(), Provider: i.bool(), AllowExternal: i.bool(), EnablePool: i.bool(), Pull: i.bool(),
		Backup:   pick(i, "", v1alpha1.BackupPullNever, v1alpha1.BackupPullOnFailure, v1alpha1.BackupPullAlways),
		Rounding: pick(i, 0, time.Hour, 24*time.Hour),
	}
	if i.bool() {
		d.Window = &plan.Window{StartsAt: i.time(), EndsAt: i.time()}
	}
	return d
}

func (i *input) known() plan.Known {
	known := plan.Known{
		ID: pick(i, "", "id"), Expired: i.bool(), Looks: i.next() - 128, CreatePending: i.bool(), Import: pick(i, "", "", "imported"),
		Applied: i.bool(), CodeApplied: i.bool(), PINDisclosed: i.bool(),
	}
	if i.bool() {
		known.Intent = &plan.Intent{At: i.time(), Tried: i.time(), Name: "Guest", SamePIN: i.bool()}
	}
	for range i.next() % 5 {
		known.Conversions = append(known.Conversions, i.time())
	}
	slices.SortFunc(known.Conversions, time.Time.Compare)
	if i.bool() {
		known.Missing = i.time()
	}
	if i.bool() {
		known.OffFor = time.Duration(i.next()) * time.Minute / 8
	}
	for range i.next() % 5 {
		known.Updates = append(known.Updates, i.time())
	}
	slices.SortFunc(known.Updates, time.Time.Compare)
	for range i.next() % 5 {
		known.Rotations = append(known.Rotations, i.time())
	}
	slices.SortFunc(known.Rotations, time.Time.Compare)
	known.FutureStart, known.StartRefusals = i.bool(), i.next()%4
	return known
}

func (i *input) observed() plan.Observed {
	seen := plan.Observed{PINTaken: i.bool(), Claimed: i.bool()}
	if i.bool() {
		seen.Remote = i.code()
	}
	if i.bool() {
		seen.Blocking = i.code()
		seen.Holder = pick(i, "", `AccessCode "a"`)
	}
	if i.bool() {
		seen.Unmanaged = i.code()
		seen.Unmanaged.CannotBeManaged = i.bool()
	}
	if i.bool() {
		seen.Backup = i.code()
		seen.Backup.AccessCodeID = "backup"
	}
	if i.bool() {
		seen.Lost = i.code()
		seen.Lost.AccessCodeID = pick(i, "id", "new")
		seen.Lost.CannotBeManaged, seen.Lost.CannotDeleteUnmanagedAccessCode = i.bool(), i.bool()
	}
	if i.bool() {
		seen.Shown = i.code()
	}
	if seen.Backup == nil && i.bool() {
		seen.LostBackup = i.code()
		seen.LostBackup.AccessCodeID = "backup"
		seen.LostBackup.CannotDeleteUnmanagedAccessCode = i.bool()
	}
	return seen
}

func (i *input) code() *seam.AccessCode {
	code := &seam.AccessCode{
		AccessCodeID: "id", DeviceID: "lock", Name: pick(i, "Guest", "Other", ""),
		Code:   pick[redact.Secret](i, pin, otherPIN, ""),
		Status: pick(i, seam.StatusUnset, seam.StatusSetting, seam.StatusSet, seam.StatusRemoving, seam.StatusUnknown, "paused", ""),
	}
	if i.bool() {
		starts := i.time()
		code.StartsAt = &starts
	}
	if i.bool() {
		ends := i.time()
		code.EndsAt = &ends
	}
	for range i.next() % 4 {
		failing(pick(i, "device_offline", "account_disconnected", "duplicate_code_on_device", "failed_to_set_on_device", "code_constraints_violated",
			"subscription_required", "no_space_for_access_code_on_device", "new", ""))(code)
	}
	for range i.next() % 3 {
		warned(pick(i, "code_rotates_periodically", "time_frame_adjusted_for_unknown_time_zone", "new"))(code)
	}
	for range i.next() % 3 {
		pending(pick(i, "creating", "deferring_creation", "deleting", "updating_code", "updating_name", "updating_time_frame", "new"))(code)
	}
	code.IsExternalModificationAllowed = i.bool()
	if code.PendingMutations == nil && i.bool() {
		code.PendingMutations = []seam.PendingMutation{}
	}
	return code
}
