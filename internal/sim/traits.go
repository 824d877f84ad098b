// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

// trait is a state of a device that shows as an error or a warning, with the events for its start and its end.
type trait struct {
	code    string
	message string
	warning bool
	has     func(Device) bool
	began   string
	detail  bool // the first event carries the device's errors and warnings
	ended   string
}

// traits lists them in the order in which a device shows them. The account's has no events here: they are about the account,
// once for all its devices.
func traits() []trait {
	return []trait{
		{
			code: errAccount, message: "The connected account is disconnected.",
			has: func(d Device) bool { return d.AccountDisconnected },
		}, {
			code: "device_removed", message: "The device was removed from the connected account.",
			has: func(d Device) bool { return d.Removed }, began: "device.removed",
		}, {
			code: "device_offline", message: "The device is offline.",
			has: func(d Device) bool { return !d.Online }, began: "device.disconnected", detail: true, ended: "device.connected",
		}, {
			code: "subscription_required", message: "The device requires a subscription.",
			has:   func(d Device) bool { return d.SubscriptionRequired },
			began: "device.error.subscription_required", detail: true, ended: "device.error.subscription_required.resolved",
		}, {
			code: "third_party_integration_detected", message: "Another integration manages the device as well.", warning: true,
			has:   func(d Device) bool { return d.ThirdPartyIntegration },
			began: "device.third_party_integration_detected", ended: "device.third_party_integration_no_longer_detected",
		}, {
			code: "device_has_flaky_connection", message: "The device has a flaky connection.", warning: true,
			has:   func(d Device) bool { return d.FlakyConnection },
			began: "device.connection_became_flaky", detail: true, ended: "device.connection_stabilized",
		},
	}
}

// noteTraits records since when each trait holds, and logs what has changed.
func (w *world) noteTraits(d *device, old Device) {
	for _, t := range traits() {
		has, had := t.has(d.Device), t.has(old)
		switch {
		case has == had:
			continue
		case has:
			d.since[t.code] = w.now
			w.tellBegin(d, t)
		case t.ended != "":
			w.emitDevice(d, t.ended, nil)
		}
	}
}

// tellBegin logs the first event of a trait. Its members differ by type, and the OpenAPI document names no more than these.
func (w *world) tellBegin(d *device, t trait) {
	if t.began == "" {
		return
	}
	more := fields{}
	if t.detail {
		more = d.issueFields()
	}
	if t.began == "device.disconnected" {
		more["error_code"] = "device_disconnected"
	}
	w.emitDevice(d, t.began, more)
}

// issueFields is what the events about trouble carry besides the ids.
func (d *device) issueFields() fields {
	return fields{
		"device_errors": brief(d.issues()), "device_warnings": brief(d.warnings()),
		"connected_account_errors": []Issue{}, "connected_account_warnings": []Issue{},
	}
}

// issues are the device's own errors, which every code on it shows as well.
func (d *device) issues() []Issue {
	list := d.shown(false)
	if d.poolEmpty {
		list = append(list, Issue{
			ErrorCode: errEmptyPool, Message: "The backup access code pool is empty.",
			CreatedAt: stamp(d.since[errEmptyPool]), IsDeviceError: new(true),
		})
	}
	return list
}

// warnings are the device's own; unlike the errors, codes do not repeat them.
func (d *device) warnings() []Issue {
	list := d.shown(true)
	if d.poolUsed && !d.poolEmpty && d.readyBackups() < poolSize {
		list = append(list, Issue{
			WarningCode: "partial_backup_access_code_pool", Message: "The backup access code pool is being filled.",
			CreatedAt: stamp(d.since[warnPartialPool]),
		})
	}
	return list
}

func (d *device) shown(warning bool) []Issue {
	list := []Issue{}
	// By the device's present state, not by what was told: a device that begins its
	// life offline shows it as well.
	for _, t := range traits() {
		if t.warning != warning || !t.has(d.Device) {
			continue
		}
		issue := Issue{Message: t.message, CreatedAt: stamp(d.since[t.code])}
		switch {
		case warning:
			issue.WarningCode = t.code
		case t.code == errAccount:
			// The one that is of the account: clients tell the two apart by these flags.
			issue.ErrorCode, issue.IsDeviceError, issue.IsConnectedAccountError = t.code, new(false), new(true)
		default:
			issue.ErrorCode, issue.IsDeviceError = t.code, new(true)
		}
		list = append(list, issue)
	}
	return list
}

// noteProperties tells of changes that are neither error nor warning.
func (w *world) noteProperties(d *device, old Device) {
	if d.Name != old.Name {
		w.emitDevice(d, "device.name_changed", fields{"device_name": d.Name})
	}
	w.noteBattery(d, old)
	if d.AccessoryKeypad != old.AccessoryKeypad && d.AccessoryKeypad != "" {
		more := fields{}
		if d.AccessoryKeypad == "disconnected" {
			more = d.issueFields()
		}
		w.emitDevice(d, "device.accessory_keypad_"+d.AccessoryKeypad, more)
	}
	switch {
	case d.Unmanaged && !old.Unmanaged:
		w.emitDevice(d, "device.converted_to_unmanaged", nil)
	case !d.Unmanaged && old.Unmanaged:
		w.emitDevice(d, "device.unmanaged.converted_to_managed", nil)
	}
}

// noteBattery logs a new word for the level, not every new level.
func (w *world) noteBattery(d *device, old Device) {
	now := d.batteryStatus()
	if now == "" || now == old.batteryStatus() {
		return
	}
	w.emitDevice(d, "device.battery_status_changed", fields{"battery_level": d.BatteryLevel, "battery_status": now})
	if now == "low" || now == "critical" {
		w.emitDevice(d, "device.low_battery", fields{"battery_level": d.BatteryLevel})
	}
}

// batteryStatus puts the level into the words of the API; the bounds are a guess.
func (d Device) batteryStatus() string {
	switch {
	case d.BatteryLevel <= 0:
		return ""
	case d.BatteryLevel < 0.1:
		return "critical"
	case d.BatteryLevel < 0.3:
		return "low"
	case d.BatteryLevel < 0.8:
		return "good"
	}
	return "full"
}
