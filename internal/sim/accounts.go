// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "fmt"

// DisconnectAccount cuts the service off from an account and with it from all devices of
// the account, as when its owner changes the password.
func (s *Server) DisconnectAccount(accountID string) error {
	return s.connectAccount(accountID, true)
}

// ReconnectAccount undoes DisconnectAccount.
func (s *Server) ReconnectAccount(accountID string) error {
	return s.connectAccount(accountID, false)
}

func (s *Server) connectAccount(accountID string, lost bool) error {
	return s.change(func(w *world) error {
		told := map[string]bool{}
		known := false
		for _, d := range w.sortedDevices() {
			if d.ConnectedAccountID != accountID {
				continue
			}
			known = true
			if d.AccountDisconnected == lost {
				continue
			}
			settings := d.Device
			settings.AccountDisconnected = lost
			w.updateDevice(d, settings)
			if !told[d.WorkspaceID] {
				told[d.WorkspaceID] = true
				w.tellAccount(d)
			}
		}
		if !known {
			return fmt.Errorf("connected account %q: %w", accountID, ErrNotFound)
		}
		return nil
	})
}

// tellAccount logs that the account of a device came or went. The event names no device:
// a poller that looks for its devices only does not see it.
func (w *world) tellAccount(d *device) {
	kind, more := "connected_account.connected", fields{}
	if d.AccountDisconnected {
		kind = "connected_account.disconnected"
		more["connected_account_errors"] = []Issue{{
			ErrorCode: errAccount, Message: "The connected account is disconnected.",
			CreatedAt: stamp(w.now),
		}}
		more["connected_account_warnings"] = []Issue{}
	}
	w.log(subject{workspaceID: d.WorkspaceID, accountID: d.ConnectedAccountID}, kind, more)
}
