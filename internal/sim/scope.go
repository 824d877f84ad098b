// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"slices"
)

// This file is the wall between tenants: endpoints find objects through call only, so
// that none can show what its caller must not see.

// sees reports whether the caller may know of a device. A device that is not managed by
// the service any more is unknown to all endpoints that the simulator has.
func (c *call) sees(d *device) bool {
	return d.WorkspaceID == c.principal.workspaceID && !d.Unmanaged && c.seesAccount(d.ConnectedAccountID)
}

// seesAccount narrows client sessions to the accounts of their user.
func (c *call) seesAccount(accountID string) bool {
	s := c.principal.session
	return s == nil || slices.Contains(c.world.accountsOf(s), accountID)
}

// device finds a device, nil when the caller sees none of this id.
func (c *call) device(id string) *device {
	if d := c.world.devices[id]; d != nil && c.sees(d) {
		return d
	}
	return nil
}

// code finds a code, nil when the caller sees none of this id. Managed and unmanaged
// codes are disjoint: each kind of endpoint sees only its own.
func (c *call) code(id string, managed bool) *accessCode {
	if code := c.world.codes[id]; code != nil && code.managed == managed && c.sees(code.device) {
		return code
	}
	return nil
}

// devices are those that the caller sees in the order of their creation.
func (c *call) devices() []*device {
	ws := c.world.workspaces[c.principal.workspaceID]
	list := make([]*device, 0, len(ws.devices))
	for _, d := range ws.devices {
		if c.sees(d) {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *device) int { return cmp.Compare(a.sequence, b.sequence) })
	return list
}

// ofUser reads the filter user_identifier_key: it reports whether a device belongs to
// the user, or true where the filter is not given.
func (c *call) ofUser(key string, d *device) bool {
	return key == "" || slices.Contains(c.world.users[userKey{c.principal.workspaceID, key}], d.ConnectedAccountID)
}
