// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// AddWorkspace adds a workspace; an empty id gets a fresh one, which is returned.
func (s *Server) AddWorkspace(ws Workspace) (string, error) {
	if ws.ID == "" {
		ws.ID = uuid.NewString()
	}
	return ws.ID, s.change(func(w *world) error { return w.addWorkspace(ws) })
}

func (w *world) addWorkspace(ws Workspace) error {
	if w.workspaces[ws.ID] != nil {
		return fmt.Errorf("workspace %q exists", ws.ID)
	}
	w.workspaces[ws.ID] = &workspace{Workspace: ws, devices: map[string]*device{}}
	return nil
}

// AddDevice adds a device (Lock makes a plain one). Empty ids get fresh values, as
// shown by the returned Device.
func (s *Server) AddDevice(d Device) (Device, error) {
	if d.ID == "" {
		d.ID = uuid.NewString()
	}
	if d.ConnectedAccountID == "" {
		d.ConnectedAccountID = uuid.NewString()
	}
	return d, s.change(func(w *world) error { return w.addDevice(d) })
}

func (w *world) addDevice(settings Device) error {
	ws := w.workspaces[settings.WorkspaceID]
	switch {
	case ws == nil:
		return fmt.Errorf("workspace %q: %w", settings.WorkspaceID, ErrNotFound)
	case w.devices[settings.ID] != nil:
		return fmt.Errorf("device %q exists", settings.ID)
	}
	d := &device{
		Device: settings, sequence: w.next(), createdAt: w.now,
		since: map[string]time.Time{}, codes: map[string]*accessCode{}, pins: map[string]*accessCode{},
		foreign: map[string]*accessCode{}, pool: map[string]*accessCode{},
	}
	// Whether they hold or not: what never held is never shown.
	for _, t := range traits() {
		d.since[t.code] = w.now
	}
	w.devices[d.ID], ws.devices[d.ID] = d, d
	w.emitDevice(d, "device.added", nil)
	return nil
}

// UpdateDevice changes the properties of a device. Its ids stay what they are.
func (s *Server) UpdateDevice(deviceID string, edit func(*Device)) error {
	return s.change(func(w *world) error {
		d := w.devices[deviceID]
		if d == nil {
			return fmt.Errorf("device %q: %w", deviceID, ErrNotFound)
		}
		settings := d.Device
		edit(&settings)
		settings.ID, settings.WorkspaceID, settings.ConnectedAccountID = d.ID, d.WorkspaceID, d.ConnectedAccountID
		// The account is told of here and not in updateDevice, which
		// DisconnectAccount calls once for each device.
		lost := d.AccountDisconnected
		w.updateDevice(d, settings)
		if d.AccountDisconnected != lost {
			w.tellAccount(d)
		}
		return nil
	})
}

// updateDevice gives a device its new properties, tells of those that matter, and goes
// on with the codes that waited for it.
func (w *world) updateDevice(d *device, settings Device) {
	old, wasReachable := d.Device, d.reachable()
	d.Device = settings
	w.noteTraits(d, old)
	w.noteProperties(d, old)
	for _, c := range codesOf(d) {
		// What was under way begins anew; what nothing interrupted goes on.
		if c.op != opNone && d.reachable() && !wasReachable {
			w.restart(c)
		}
		w.schedule(c)
	}
	w.retryBlocked(d)
}

// RemoveDevice deletes a device and its codes from the service at once.
func (s *Server) RemoveDevice(deviceID string) error {
	return s.change(func(w *world) error {
		d := w.devices[deviceID]
		if d == nil {
			return fmt.Errorf("device %q: %w", deviceID, ErrNotFound)
		}
		d.poolOn = false // or what is dropped would be replaced
		for _, c := range codesOf(d) {
			if c.managed {
				w.emit(c, eventDeleted, fields{"code": c.pin})
			}
			w.dropCode(c)
		}
		w.emitDevice(d, "device.deleted", fields{"device_name": d.Name})
		delete(w.devices, d.ID)
		delete(w.workspaces[d.WorkspaceID].devices, d.ID)
		return nil
	})
}

func (w *world) listWorkspaces() []Workspace {
	list := make([]Workspace, 0, len(w.workspaces))
	for _, ws := range w.workspaces {
		list = append(list, ws.Workspace)
	}
	slices.SortFunc(list, func(a, b Workspace) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// sortedDevices are all devices in the order of their creation.
func (w *world) sortedDevices() []*device {
	devices := make([]*device, 0, len(w.devices))
	for _, d := range w.devices {
		devices = append(devices, d)
	}
	slices.SortFunc(devices, func(a, b *device) int { return cmp.Compare(a.sequence, b.sequence) })
	return devices
}

func (w *world) listDevices() []Device {
	devices := w.sortedDevices()
	list := make([]Device, len(devices))
	for i, d := range devices {
		list[i] = d.Device
	}
	return list
}
