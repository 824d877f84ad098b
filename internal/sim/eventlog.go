// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"
)

// Event types that the simulator sends.
const (
	eventCreated        = "access_code.created"
	eventChanged        = "access_code.changed"
	eventNameChanged    = "access_code.name_changed"
	eventCodeChanged    = "access_code.code_changed"
	eventFrameChanged   = "access_code.time_frame_changed"
	eventRequested      = "access_code.mutations_requested"
	eventScheduled      = "access_code.scheduled_on_device"
	eventSet            = "access_code.set_on_device"
	eventRemoved        = "access_code.removed_from_device"
	eventDeleted        = "access_code.deleted"
	eventDelaySetting   = "access_code.delay_in_setting_on_device"
	eventDelayRemoving  = "access_code.delay_in_removing_from_device"
	eventFailedSetting  = "access_code.failed_to_set_on_device"
	eventFailedRemoving = "access_code.failed_to_remove_from_device"
	eventModified       = "access_code.modified_external_to_seam"
	eventLostAtLock     = "access_code.deleted_external_to_seam"
	eventPulled         = "access_code.backup_access_code_pulled"
	eventForeignCreated = "access_code.unmanaged.created"
	eventForeignRemoved = "access_code.unmanaged.removed"
	eventConverted      = "access_code.unmanaged.converted_to_managed"
	eventNotConverted   = "access_code.unmanaged.failed_to_convert_to_managed"
	eventUnlocked       = "lock.unlocked"
)

// fields are the members of an event beyond those that all events have.
type fields map[string]any

// event is one entry of the log. Its body is never changed once it is stored.
type event struct {
	at   time.Time
	id   string
	kind string
	subject
	body map[string]any
}

// eventLog keeps the newest events in the order of their time.
type eventLog struct {
	limit  int
	events []event
}

// add forgets in blocks of a quarter, so that keeping the bound costs little per event.
func (l *eventLog) add(e event) {
	if len(l.events) >= l.limit+l.limit/4 {
		l.events = slices.Clone(l.events[len(l.events)-l.limit:])
	}
	l.events = append(l.events, e)
}

// within returns the kept events after start and, where end is not zero, before it,
// both exclusive, oldest first.
func (l *eventLog) within(start, end time.Time) []event {
	kept := l.events[max(0, len(l.events)-l.limit):]
	kept = kept[sort.Search(len(kept), func(i int) bool { return kept[i].at.After(start) }):]
	if end.IsZero() {
		return kept
	}
	return kept[:sort.Search(len(kept), func(i int) bool { return !kept[i].at.Before(end) })]
}

// emit logs an event about a code. A backup has no events before it is pulled.
func (w *world) emit(c *accessCode, kind string, more fields) {
	if c.pooled() {
		return
	}
	w.log(subject{c.device.WorkspaceID, c.device.ConnectedAccountID, c.device.ID, c.id}, kind, more)
}

// emitDevice logs an event about a device.
func (w *world) emitDevice(d *device, kind string, more fields) {
	w.log(subject{d.WorkspaceID, d.ConnectedAccountID, d.ID, ""}, kind, more)
}

// subject is what an event is about; empty ids do not show.
type subject struct {
	workspaceID string
	accountID   string
	deviceID    string
	codeID      string
}

func (w *world) log(about subject, kind string, more fields) {
	e := event{at: w.now, id: uuid.NewString(), kind: kind, subject: about}
	e.body = map[string]any{
		"event_id": e.id, "event_type": kind, "workspace_id": e.workspaceID, "connected_account_id": e.accountID,
		"created_at": stamp(e.at), "occurred_at": stamp(e.at),
	}
	for name, id := range map[string]string{"device_id": e.deviceID, "access_code_id": e.codeID} {
		if id != "" {
			e.body[name] = id
		}
	}
	maps.Copy(e.body, more)
	w.events.add(e)
	w.webhooks.offer(e, w.events.limit)
}
