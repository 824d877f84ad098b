// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "time"

// device is one device as the service knows it.
type device struct {
	Device
	sequence  int64
	createdAt time.Time

	offlineSince      time.Time
	disconnectedSince time.Time
	removedSince      time.Time
	poolOn            bool // a code was made with use_backup_access_code_pool
	hadForeign        bool // had unmanaged codes at some time

	codes   map[string]*accessCode // managed and unmanaged, by id
	pins    map[string]*accessCode // managed, by PIN
	foreign map[string]*accessCode // unmanaged, by PIN
}

// reachable reports whether the service can talk to the lock.
func (d *device) reachable() bool {
	return d.Online && !d.AccountDisconnected && !d.Removed
}

// occupy enters the code's PIN. It stays entered while the code is being removed:
// the real service refuses the same PIN until the lock has forgotten it.
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

// issues are the device's own errors, which every code on it shows as well.
func (d *device) issues() []Issue {
	list := []Issue{}
	if d.AccountDisconnected {
		list = append(list, Issue{
			ErrorCode: "account_disconnected", Message: "The connected account is disconnected.",
			CreatedAt: stamp(d.disconnectedSince), IsDeviceError: new(false), IsConnectedAccountError: new(true),
		})
	}
	if d.Removed {
		list = append(list, deviceIssue("device_removed", "The device was removed from the connected account.", d.removedSince))
	}
	if !d.Online {
		list = append(list, deviceIssue("device_offline", "The device is offline.", d.offlineSince))
	}
	return list
}

func deviceIssue(code, message string, since time.Time) Issue {
	return Issue{ErrorCode: code, Message: message, CreatedAt: stamp(since), IsDeviceError: new(true)}
}
