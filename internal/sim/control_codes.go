// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// ErrNotFound is returned by the control methods for an unknown id.
var ErrNotFound = errors.New("not found")

// LockChange is what someone changes at the lock itself; what is nil stays.
type LockChange struct {
	Code *string `json:"code"`
	Name *string `json:"name"`
	// Reapply makes the service restore its own values, as the real one does where
	// external modification is not allowed. Without it the change stays, so that the
	// caller of the API has something to repair.
	Reapply bool `json:"reapply"`
}

// TakeOffLock removes a code at the lock: the object vanishes.
func (s *Server) TakeOffLock(codeID string) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		if c.managed {
			w.emit(c, eventLostAtLock, nil)
		} else {
			w.emit(c, eventForeignRemoved, nil)
		}
		w.dropCode(c)
		return nil
	})
}

// ChangeAtLock changes PIN or name at the lock. Where external modification is allowed
// the change stands with a warning; else the object carries the error
// conflicting_external_modification until it has been set again. While the service sets
// a code, its own values win.
func (s *Server) ChangeAtLock(codeID string, change LockChange) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		if !c.onLock {
			return errors.New("not on the lock")
		}
		if change.Code != nil {
			if other := c.device.pins[*change.Code]; other != nil && other != c {
				return errors.New("another access code of the device has this PIN")
			}
		}
		beingSet := c.op == opSet || c.op == opSchedule
		if c.managed {
			w.changeAtLock(c, change)
		}
		if !beingSet && (!change.Reapply || c.externalAllowed || !c.managed) {
			c.take(change)
		}
		return nil
	})
}

// changeAtLock tells of the change and, where asked for, begins to undo it.
func (w *world) changeAtLock(c *accessCode, change LockChange) {
	var modified []ModifiedField
	if change.Name != nil {
		modified = append(modified, ModifiedField{Field: "name", From: c.name, To: change.Name})
	}
	if change.Code != nil {
		modified = append(modified, ModifiedField{Field: "code", From: new(c.pin), To: change.Code})
	}
	var issue Issue
	if c.externalAllowed {
		issue = w.warning(warnExternal, "The access code was modified outside of Seam.")
	} else {
		issue = w.codeError(errConflict, "The access code was modified outside of Seam.")
	}
	issue.ChangeType, issue.ModifiedFields = "modified", modified
	c.errors, c.warnings = without(c.errors, errConflict), without(c.warnings, warnExternal)
	if c.externalAllowed {
		c.warnings = append(c.warnings, issue)
	} else {
		c.errors = append(c.errors, issue)
	}
	w.emit(c, eventModified, nil)
	if change.Reapply && !c.externalAllowed && c.op != opRemove {
		w.program(c, w.undoing(c, change))
	}
}

// undoing are the mutations that bring the lock back to what the service has.
func (w *world) undoing(c *accessCode, change LockChange) []Mutation {
	var list []Mutation
	if change.Name != nil {
		list = append(list, w.mutation(mutationName, one("name", change.Name), one("name", c.name)))
	}
	if change.Code != nil {
		list = append(list, w.mutation(mutationCode, one("code", change.Code), one("code", &c.pin)))
	}
	return list
}

func (c *accessCode) take(change LockChange) {
	if change.Name != nil {
		c.name, c.shownName = change.Name, change.Name
	}
	if change.Code != nil {
		c.device.changePIN(c, *change.Code)
	}
}

// FailCode makes the lock refuse a code until RecoverCode: one that is being removed
// gets failed_to_remove_from_device, any other failed_to_set_on_device and `setting`.
func (s *Server) FailCode(codeID, message string) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		if !c.managed {
			return errors.New("unmanaged codes cannot fail")
		}
		if message == "" {
			message = "The device did not take the change."
		}
		if c.op == opRemove {
			w.block(c, w.codeError(errFailedToRemove, message))
			return nil
		}
		if c.op == opNone {
			c.onLock, c.scheduled = false, false
			w.start(c, opSet, statusSetting, w.opts.SetDelay)
			c.mutations = []Mutation{w.mutation(mutationCreating, nil, nil)}
		}
		w.block(c, w.codeError(errFailedToSet, message))
		return nil
	})
}

// RecoverCode ends what FailCode began; the operation starts again.
func (s *Server) RecoverCode(codeID string) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		c.errors = without(c.errors, errFailedToSet, errFailedToRemove)
		w.restart(c)
		return nil
	})
}

// ForeignCode is a code that somebody else put on a lock.
type ForeignCode struct {
	DeviceID string `json:"device_id"`
	Name     string `json:"name"`
	Code     string `json:"code"`
	// OtherWorkspace: it is managed, but by another workspace of Seam. It takes
	// `force` to convert it.
	OtherWorkspace bool `json:"other_workspace"`
	// CannotDelete: the provider lets nobody but its own app delete it.
	CannotDelete bool `json:"cannot_delete"`
}

// AddForeignCode puts a code on the lock that the service finds there but does not own,
// and returns its id.
func (s *Server) AddForeignCode(code ForeignCode) (string, error) {
	id := uuid.NewString()
	return id, s.change(func(w *world) error { return w.addForeign(id, code) })
}

// AddUnmanagedCode puts a code on the lock that the service finds there but does not
// own, and returns its id.
func (s *Server) AddUnmanagedCode(deviceID, name, pin string) (string, error) {
	return s.AddForeignCode(ForeignCode{DeviceID: deviceID, Name: name, Code: pin})
}

func (w *world) addForeign(id string, code ForeignCode) error {
	d := w.devices[code.DeviceID]
	if d == nil {
		return fmt.Errorf("device %q: %w", code.DeviceID, ErrNotFound)
	}
	if code.Code == "" || !d.free(code.Code) {
		return errors.New("the PIN is missing or taken on the device")
	}
	c := w.putOnLock(d, id, code.Name, code.Code)
	c.elsewhere, c.undeletable = code.OtherWorkspace, code.CannotDelete
	return nil
}

func (w *world) putOnLock(d *device, id, name, pin string) *accessCode {
	c := &accessCode{
		id: id, sequence: w.next(), createdAt: w.now, device: d,
		name: &name, pin: pin, status: statusSet, onLock: true,
	}
	w.addCode(c)
	w.emit(c, eventForeignCreated, nil)
	return c
}

// LoseCode makes the service lose a managed code that stays on the lock. From then on it is an unmanaged code without a window,
// under the same id or a new one, which is returned.
func (s *Server) LoseCode(codeID string, sameID bool) (string, error) {
	id := codeID
	err := s.changeCode(codeID, func(w *world, c *accessCode) error {
		if !c.managed || c.backup || !c.onLock {
			return errors.New("not a managed code that is on the lock")
		}
		if !sameID {
			id = uuid.NewString()
		}
		name, device, pin, created := c.nameOr(""), c.device, c.pin, c.createdAt
		w.dropCode(c)
		w.putOnLock(device, id, name, pin).createdAt = created
		return nil
	})
	return id, err
}

// UseCode opens the door with a code. One that is good for a single use is used up.
func (s *Server) UseCode(codeID string) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		if c.status != statusSet {
			return errors.New("does not work now")
		}
		w.emit(c, eventUnlocked, fields{"method": "keycode", "code": c.pin, "access_code_is_managed": c.managed})
		if c.oneTime && c.op == opNone {
			w.remove(c)
		}
		return nil
	})
}
