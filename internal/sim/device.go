// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "time"

// device is one device as the service knows it.
type device struct {
	Device
	sequence  int64
	createdAt time.Time

	since      map[string]time.Time // of errors and warnings, by their code
	hadForeign bool                 // had unmanaged codes at some time

	poolOn      bool // a code was made with use_backup_access_code_pool
	poolUsed    bool // the pool has had something in it
	poolEmpty   bool // and has nothing now
	poolStalled bool // nothing is put into it

	codes   map[string]*accessCode // managed and unmanaged, by id
	pins    map[string]*accessCode // managed, by PIN
	foreign map[string]*accessCode // unmanaged, by PIN
	pool    map[string]*accessCode // backups that nobody has pulled, by id
}

// reachable reports whether the service can talk to the lock.
func (d *device) reachable() bool {
	return d.Online && !d.AccountDisconnected && !d.Removed
}

// occupy marks the code's PIN as taken. It stays taken while the code is being removed: the real service refuses the same PIN
// until the lock has forgotten it.
func (d *device) occupy(c *accessCode) {
	switch {
	case c.pin == "":
	case c.managed:
		d.pins[c.pin] = c
	default:
		d.foreign[c.pin] = c
		d.hadForeign = true
	}
}

func (d *device) vacate(c *accessCode) {
	if d.pins[c.pin] == c {
		delete(d.pins, c.pin)
	}
	if d.foreign[c.pin] == c {
		delete(d.foreign, c.pin)
	}
}

// changePIN moves a code to another PIN.
func (d *device) changePIN(c *accessCode, pin string) {
	d.vacate(c)
	c.pin = pin
	d.occupy(c)
}

// location is the time zone of the lock, UTC where it has none that is known.
func (d *device) location() *time.Location {
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}
