// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// This file has the backup pools. The pool belongs to the device: once a code has turned it on, every time-bound code of the
// device may pull from it.

// poolSize is how many backups a device holds ready.
const poolSize = 2

func backupRoutes() []route {
	parse := func(in *input) string { return in.requiredID("access_code_id") }
	return []route{endpoint("/access_codes/pull_backup_access_code", creates(), parse, pullBackup)}
}

// pullBackup hands out a code that is on the lock already. Pulling again answers the
// same one, so that a client which lost the first answer does no harm.
func pullBackup(c *call, id string) (result, *apiError) {
	code, err := c.managedCode(id, "")
	if err != nil {
		return nil, err
	}
	if err := checkPull(code); err != nil {
		return nil, err
	}
	if code.pulled == nil {
		backup := code.device.readyBackup()
		if backup == nil {
			// It is only known that the pool is shown as empty. Status and type of the refusal are a guess.
			return nil, fail(http.StatusConflict, errEmptyPool, "The device has no backup access code left.")
		}
		c.world.pull(code, backup)
	}
	return result{"access_code": c.world.answer(code), "backup_access_code": c.world.answer(code.pulled)}, nil
}

func checkPull(c *accessCode) *apiError {
	switch {
	case c.window == nil:
		return fail(http.StatusBadRequest, "access_code_not_time_bound", "Backups can only be used for time_bound access codes.")
	case c.backup, c.offline:
		return invalidInput("This access code cannot have a backup")
	case c.op == opRemove:
		return invalidInput("Cannot pull a backup for an access code that is being removed")
	case !c.device.SupportsBackupPool:
		return fail(http.StatusBadRequest, "device_type_not_supported", "Device does not support backup access codes")
	case !c.device.poolOn:
		return fail(http.StatusBadRequest, "backup_access_code_pool_not_enabled", "The device has no backup access code pool")
	}
	return nil
}

// pull ties a backup to a code. It works from now on, whatever the start of the window,
// and ends with it.
func (w *world) pull(c, backup *accessCode) {
	delete(c.device.pool, backup.id)
	backup.primary, c.pulled = c, backup
	backup.window = &window{starts: w.now, ends: c.window.ends}
	w.schedule(backup)
	c.warnings = append(without(c.warnings, warnBackup), w.warning(warnBackup, "A backup access code is being used."))
	w.emit(c, eventPulled, fields{"backup_access_code_id": backup.id})
	w.tendPool(c.device)
}

// followEnd moves the end of a pulled backup with that of its primary. Where the primary
// becomes ongoing the backup keeps the end it has: it was given to somebody for a stay.
func (w *world) followEnd(c *accessCode) {
	if c.pulled == nil || c.window == nil || c.pulled.op == opRemove || c.pulled.window.ends.Equal(c.window.ends) {
		return
	}
	frame := *c.pulled.window
	frame.ends = c.window.ends
	w.applyUpdate(c.pulled, updateInput{}, &frame)
}

// unlink removes the link between a code that is gone and its primary or backup. A backup outlives its primary, until its own
// end or until somebody deletes it.
func (c *accessCode) unlink() {
	if c.primary != nil && c.primary.pulled == c {
		c.primary.pulled = nil
		c.primary.warnings = without(c.primary.warnings, warnBackup)
	}
}

// pooled reports whether the code is a backup that nobody has pulled yet.
func (c *accessCode) pooled() bool { return c.backup && c.primary == nil }

// readyBackup is the oldest backup that is on the lock, nil when there is none.
func (d *device) readyBackup() *accessCode {
	var oldest *accessCode
	for _, c := range d.pool {
		if c.status == statusSet && (oldest == nil || c.sequence < oldest.sequence) {
			oldest = c
		}
	}
	return oldest
}

// readyBackups counts the backups that are on the lock.
func (d *device) readyBackups() int {
	ready := 0
	for _, c := range d.pool {
		if c.status == statusSet {
			ready++
		}
	}
	return ready
}

// offersBackup is is_backup_access_code_available.
func (c *accessCode) offersBackup() bool {
	return c.managed && c.window != nil && !c.backup && !c.offline && c.device.poolOn && c.device.readyBackup() != nil
}

// tendPool fills the pool; a new backup takes as long to be ready as any code. The pool counts as empty only after it has been
// full for the first time.
func (w *world) tendPool(d *device) {
	if !d.poolOn {
		return
	}
	switch {
	case d.readyBackup() != nil:
		d.poolUsed, d.poolEmpty = true, false
	case d.poolUsed && !d.poolEmpty:
		d.poolEmpty = true
		d.since[errEmptyPool] = w.now
	}
	d.since[warnPartialPool] = w.now
	for !d.poolStalled && len(d.pool) < poolSize && w.addBackup(d) {
		continue
	}
}

// addBackup makes one backup, unless the device has no PIN left.
func (w *world) addBackup(d *device) bool {
	pin, err := d.choosePIN(0)
	if err != nil {
		return false
	}
	id := uuid.NewString()
	c := &accessCode{
		id: id, createdAt: w.now, sequence: w.next(), device: d, managed: true, backup: true, preferNative: true,
		name: new("Backup " + id[:8] + " (Seam)"), pin: pin,
	}
	w.program(c, nil)
	w.addCode(c)
	return true
}

// EmptyBackupPool takes all backups that wait in the pool of a device off its lock, at
// once. The pool stays empty until RefillBackupPool.
func (s *Server) EmptyBackupPool(deviceID string) error {
	return s.changePool(deviceID, func(w *world, d *device) {
		d.poolUsed, d.poolStalled = true, true
		for _, c := range codesOf(d) {
			if c.pooled() {
				w.dropCode(c)
			}
		}
	})
}

// RefillBackupPool lets the service fill the pool of a device again.
func (s *Server) RefillBackupPool(deviceID string) error {
	return s.changePool(deviceID, func(_ *world, d *device) { d.poolStalled = false })
}

func (s *Server) changePool(deviceID string, f func(*world, *device)) error {
	return s.change(func(w *world) error {
		d := w.devices[deviceID]
		switch {
		case d == nil:
			return fmt.Errorf("device %q: %w", deviceID, ErrNotFound)
		case !d.poolOn:
			return fmt.Errorf("device %q: its backup pool is not on", deviceID)
		}
		f(w, d)
		w.tendPool(d)
		return nil
	})
}
