// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// operation is something that a user asks for, from rest to rest.
type operation struct {
	name   string
	device string
	// before brings about the state in which the operation starts; nil for none.
	before func(ctx context.Context, s *stage) error
	// act is what the user does.
	act func(ctx context.Context, s *stage) error
	// want is where it ends.
	want func(s *stage) want
}

func operations() []operation {
	return append(append(creations(), changes()...), departures()...)
}

// creations are the operations that end with a code that was not there before.
func creations() []operation {
	return []operation{
		{
			name: "create, given PIN", device: sim.SeedNativeLockID,
			act: applying(givenPIN), want: givenWanted,
		},
		{
			name: "create, PIN from a Secret", device: sim.SeedNativeLockID,
			before: storePIN, act: applying(fromSecret), want: givenWanted,
		},
		{
			name: "create, chosen PIN", device: sim.SeedNativeLockID,
			act: applying(), want: chosenWanted,
		},
		{
			name: "create, chosen PIN of a length", device: sim.SeedSixDigitLockID,
			act: applying(func(_ *stage, c *v1alpha1.AccessCode) { c.Spec.CodeLength = new(int32(6)) }), want: chosenWanted,
		},
		{
			name: "create, PIN of the provider's choice", device: sim.SeedProviderPINLockID,
			act: applying(), want: chosenWanted,
		},
		{
			name: "create, offline code", device: sim.SeedOfflineCodeLockID,
			act:  applying(window(24*time.Hour), func(_ *stage, c *v1alpha1.AccessCode) { c.Spec.Offline = &v1alpha1.Offline{} }),
			want: func(s *stage) want { return want{endsAt: s.ends(24 * time.Hour), rounding: time.Hour} },
		},
		{
			name: "create, backup pulled at once", device: sim.SeedNativeLockID,
			act:  applying(givenPIN, window(24*time.Hour), backup(v1alpha1.BackupPullAlways)),
			want: func(s *stage) want { return want{pin: s.pin, endsAt: s.ends(24 * time.Hour), backup: true} },
		},
		{
			name: "create, PIN of one that leaves", device: sim.SeedNativeLockID,
			before: neighbour, act: createAfterNeighbour, want: givenWanted,
		},
		{
			name: "restore with its Secret", device: sim.SeedNativeLockID,
			before: chosenBefore, act: restore, want: givenWanted,
		},
		{
			name: "create again what was taken off", device: sim.SeedNativeLockID,
			before: setUp(givenPIN), act: takeOff,
			want: func(s *stage) want { return want{pin: s.pin, not: s.hold.id} },
		},
	}
}

// changes are the operations that end with a code that was there before, and that has changed or belongs to another object.
func changes() []operation {
	return []operation{
		{
			name: "update, PIN and name", device: sim.SeedNativeLockID, before: setUp(givenPIN),
			act: editing(func(s *stage, c *v1alpha1.AccessCode) { c.Spec.Code, c.Spec.DisplayName = s.nextPIN, "Guest" }),
			want: func(s *stage) want {
				return want{pin: s.nextPIN, displayName: "Guest"}
			},
		},
		{
			name: "update, window", device: sim.SeedNativeLockID,
			before: setUp(givenPIN, window(24*time.Hour)), act: editing(window(48 * time.Hour)),
			want: func(s *stage) want { return want{pin: s.pin, endsAt: s.ends(48 * time.Hour)} },
		},
		{
			name: "adopt, unmanaged", device: sim.SeedNativeLockID,
			before: func(_ context.Context, s *stage) error { return s.foreign("Old name") },
			act:    applying(givenPIN, matching), want: givenWanted,
		},
		{
			name: "adopt, managed", device: sim.SeedNativeLockID,
			before: createdElsewhere, act: applying(givenPIN, matching), want: givenWanted,
		},
		{
			name: "import", device: sim.SeedNativeLockID,
			before: func(_ context.Context, s *stage) error { return s.foreign("Old name") },
			act: applying(givenPIN, func(s *stage, c *v1alpha1.AccessCode) {
				metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.AccessCodeIDAnnotation, s.hold.id)
			}),
			want: givenWanted,
		},
		{
			name: "pull the backup", device: sim.SeedNativeLockID,
			before: setUp(givenPIN, window(24*time.Hour), backup(v1alpha1.BackupPullNever)),
			act: editing(func(_ *stage, c *v1alpha1.AccessCode) {
				metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.PullBackupAnnotation, "1")
			}),
			want: func(s *stage) want {
				return want{pin: s.pin, endsAt: s.ends(24 * time.Hour), backup: true, pulled: "1"}
			},
		},
	}
}

// departures are the operations that end with nothing.
func departures() []operation {
	gone := func(*stage) want { return want{gone: true} }
	remove := func(ctx context.Context, s *stage) error { return s.remove(ctx) }
	return []operation{
		{name: "delete", device: sim.SeedNativeLockID, before: setUp(givenPIN), act: remove, want: gone},
		{
			name: "delete, backup pulled", device: sim.SeedNativeLockID,
			before: setUpAs(want{backup: true}, givenPIN, window(24*time.Hour), backup(v1alpha1.BackupPullAlways)),
			act:    remove, want: gone,
		},
		{
			name: "delete at once after create", device: sim.SeedNativeLockID,
			act:  createAndRemove,
			want: gone,
		},
	}
}

// createAndRemove deletes the AccessCode just before its code is created: the operator learns of it during the call. Where
// something goes wrong earlier, it is deleted then.
func createAndRemove(ctx context.Context, s *stage) error {
	creating := s.gate.meet(step{side: seamSide, call: "/access_codes/create", nth: 1})
	defer close(creating.done)
	if err := s.create(ctx, givenPIN); err != nil {
		return err
	}
	err := s.eventually(ctx, func(context.Context) error {
		if !s.gate.wasStruck() && !closed(creating.reached) {
			return errors.New("nothing is created")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.eventually(ctx, func(ctx context.Context) error { return client.IgnoreNotFound(s.remove(ctx)) })
}

// neighbour has another AccessCode's code on the lock, with the PIN that is given later.
func neighbour(ctx context.Context, s *stage) error {
	code := &v1alpha1.AccessCode{ObjectMeta: s.metadata("first"), Spec: v1alpha1.AccessCodeSpec{
		DeviceID: s.op.device, WorkspaceRef: &v1alpha1.WorkspaceReference{Name: s.key("ws").Name}, Code: s.pin,
	}}
	if err := s.client.Create(ctx, code); err != nil {
		return err
	}
	return s.eventually(ctx, func(ctx context.Context) error {
		if err := s.client.Get(ctx, s.key("first"), code); err != nil {
			return err
		}
		return is(code.Status.Conditions, v1alpha1.ReasonSet)
	})
}

// createAfterNeighbour creates the AccessCode, and deletes the one that has the PIN once it waits for that, or something has
// gone wrong.
func createAfterNeighbour(ctx context.Context, s *stage) error {
	if err := s.create(ctx, givenPIN); err != nil {
		return err
	}
	err := s.eventually(ctx, func(ctx context.Context) error {
		var code v1alpha1.AccessCode
		if err := s.client.Get(ctx, s.key(""), &code); err != nil || s.gate.wasStruck() {
			return err
		}
		return is(code.Status.Conditions, v1alpha1.ReasonWaitingForPIN)
	})
	if err != nil {
		return err
	}
	return s.client.Delete(ctx, &v1alpha1.AccessCode{ObjectMeta: s.metadata("first")})
}

type edit = func(s *stage, c *v1alpha1.AccessCode)

func givenPIN(s *stage, c *v1alpha1.AccessCode) { c.Spec.Code = s.pin }

func fromSecret(s *stage, c *v1alpha1.AccessCode) {
	c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: s.key("pin").Name, Key: "code"}}
}

func matching(_ *stage, c *v1alpha1.AccessCode) { c.Spec.AdoptionPolicy = v1alpha1.AdoptionMatching }

func backup(pull v1alpha1.BackupPullPolicy) edit {
	return func(_ *stage, c *v1alpha1.AccessCode) { c.Spec.Backup = &v1alpha1.Backup{Pull: pull} }
}

// window has begun and lasts so long, from the moment that the stage first asked.
func window(lasts time.Duration) edit {
	return func(s *stage, c *v1alpha1.AccessCode) {
		c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: new(metav1.NewTime(s.ends(0))), EndsAt: metav1.NewTime(s.ends(lasts))}
	}
}

func givenWanted(s *stage) want { return want{pin: s.pin} }

func chosenWanted(*stage) want { return want{} }

func applying(edits ...edit) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error { return s.create(ctx, edits...) }
}

func editing(change edit) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		return s.edit(ctx, func(c *v1alpha1.AccessCode) { change(s, c) })
	}
}

// setUp has a code set on the lock beforehand.
func setUp(edits ...edit) func(context.Context, *stage) error { return setUpAs(want{}, edits...) }

func setUpAs(w want, edits ...edit) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		if err := s.create(ctx, edits...); err != nil {
			return err
		}
		w := w
		w.pin = s.pin
		var code v1alpha1.AccessCode
		if err := s.client.Get(ctx, s.key(""), &code); err != nil {
			return err
		}
		if code.Spec.Schedule != nil {
			w.endsAt = code.Spec.Schedule.EndsAt.Time
		}
		return s.eventually(ctx, func(ctx context.Context) error { return s.verdict(ctx, w) })
	}
}

// storePIN stores the PIN that the user gives in a Secret.
func storePIN(ctx context.Context, s *stage) error {
	return s.client.Create(ctx, &corev1.Secret{ObjectMeta: s.metadata("pin"), StringData: map[string]string{"code": s.pin}})
}

// foreign puts a code on the lock past Seam.
func (s *stage) foreign(name string) error {
	var err error
	s.hold.id, err = s.sim.AddUnmanagedCode(s.op.device, name, s.pin)
	return err
}

// createdElsewhere has somebody else create a code through Seam.
func createdElsewhere(ctx context.Context, s *stage) error {
	return s.callSeam(ctx, "/access_codes/create", map[string]any{"device_id": s.op.device, "code": s.pin, "name": "Old name"})
}

// takeOff removes the code at the lock, as somebody else does, and requests a reconcile.
func takeOff(ctx context.Context, s *stage) error {
	managed, _, _ := s.atSeam()
	s.hold.id = managed[0].AccessCodeID
	if err := s.sim.TakeOffLock(s.hold.id); err != nil {
		return err
	}
	return s.edit(ctx, func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "gone")
	})
}
