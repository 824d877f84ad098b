// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// remoteState is what there is at the simulator.
type remoteState struct {
	Now         time.Time    `json:"now"`
	AccessCodes []remoteCode `json:"access_codes"`
}

// remoteCode is one code at the simulator.
type remoteCode struct {
	ID       string        `json:"access_code_id"`
	DeviceID string        `json:"device_id"`
	Name     string        `json:"name"`
	PIN      redact.Secret `json:"code"`
	Status   string        `json:"status"`
	Managed  bool          `json:"is_managed"`
	Offline  bool          `json:"is_offline_access_code"`
	Backup   bool          `json:"is_backup"`
	PulledID string        `json:"pulled_backup_access_code_id"` // its own backup
	StartsAt time.Time     `json:"starts_at"`
	EndsAt   time.Time     `json:"ends_at"`
}

// managed are the codes that Seam manages, which leaves out what others have put on the locks.
func (s remoteState) managed() []remoteCode {
	var codes []remoteCode
	for _, code := range s.AccessCodes {
		if code.Managed {
			codes = append(codes, code)
		}
	}
	return codes
}

// only is the one code of that name; none, or two, is an error.
func (s remoteState) only(name string) (remoteCode, error) {
	var found []remoteCode
	for _, code := range s.managed() {
		if code.Name == name {
			found = append(found, code)
		}
	}
	if len(found) != 1 {
		return remoteCode{}, fmt.Errorf("the simulator has %d codes named %q, not one", len(found), name)
	}
	return found[0], nil
}

// byID is the code of that id, managed or not.
func (s remoteState) byID(id string) (remoteCode, error) {
	for _, code := range s.AccessCodes {
		if code.ID == id {
			return code, nil
		}
	}
	return remoteCode{}, fmt.Errorf("the simulator has no code %s", id)
}

// none is an error when there is a code of that name.
func (s remoteState) none(name string) error {
	for _, code := range s.managed() {
		if code.Name == name {
			return fmt.Errorf("the simulator still has %q, %s", name, code.Status)
		}
	}
	return nil
}

// is compares a code with what it should be.
func (c remoteCode) is(status string, pin redact.Secret) error {
	switch {
	case c.Status != status:
		return fmt.Errorf("the simulator has %q as %s, not as %s", c.Name, c.Status, status)
	case c.PIN != pin:
		return fmt.Errorf("the simulator has %q with another PIN", c.Name)
	}
	return nil
}
