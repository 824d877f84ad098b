// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

func accessCodeRoutes() []route {
	return []route{
		endpoint("/access_codes/create", creates(), parseCreate, createCode),
		endpoint("/access_codes/get", reads(), parseCodeRef, getCode),
		endpoint("/access_codes/list", reads(), parseCodeList, listCodes),
		endpoint("/access_codes/update", updates(), parseUpdate, updateCode),
		endpoint("/access_codes/delete", deletes(), parseDelete, deleteCode),
		endpoint("/access_codes/generate_code", reads(), parseDeviceID, generateCode),
	}
}

// codeFlags are the fields that create and update share and that only few locks use.
type codeFlags struct {
	externalAllowed *bool
	preferNative    *bool
	usePool         bool
	preferredLength int
	offline         bool
	oneTime         *bool
	attemptOffline  *bool
	wholeDays       bool // of an offline code; else whole hours
}

func parseFlags(in *input) codeFlags {
	f := codeFlags{
		externalAllowed: in.flag("allow_external_modification"),
		preferNative:    in.flag("prefer_native_scheduling"),
		usePool:         in.isTrue("use_backup_access_code_pool"),
		preferredLength: in.number("preferred_code_length"),
		oneTime:         in.flag("is_one_time_use"),
		attemptOffline:  in.flag("attempt_for_offline_device"),
	}
	// Two names, one meaning, in either case.
	if other := in.flag("is_external_modification_allowed"); other != nil {
		f.externalAllowed = other
	}
	f.offline = in.isTrue("is_offline_access_code")
	if in.isTrue("use_offline_access_code") {
		f.offline = true
	}
	rounding := in.oneOf("max_time_rounding", "1hour", "1day", "1h", "1d")
	f.wholeDays = rounding == "1day" || rounding == "1d"
	in.flag("sync")
	return f
}

// createInput is the input of /access_codes/create.
type createInput struct {
	deviceID  string
	name      *string
	code      *string
	commonKey *string
	window    *window
	codeFlags
}

func parseCreate(in *input) createInput {
	deviceID := in.requiredID("device_id")
	p := parseCommon(in)
	p.deviceID = deviceID
	return p
}

// parseCommon reads what create and create_multiple have in common.
func parseCommon(in *input) createInput {
	p := createInput{
		name: in.text("name"), code: in.pin("code"), commonKey: in.text("common_code_key"), codeFlags: parseFlags(in),
	}
	starts, ends := in.when("starts_at"), in.when("ends_at")
	switch {
	case in.has("starts_at") != in.has("ends_at"):
		in.reject("Both starts_at and ends_at must be provided if one is")
	case starts != nil && ends != nil && p.offline:
		// Rounded for the device later: the provider does it, not Seam.
		p.window = &window{starts: *starts, ends: *ends}
	case starts != nil && ends != nil:
		p.window = &window{starts: minuteUp(*starts), ends: minuteUp(*ends)}
	}
	if p.usePool && p.window == nil {
		in.reject("Cannot use the backup pool for ongoing codes")
	}
	return p
}

// createCode accepts a code. The answer says that the service has it, not the lock.
func createCode(c *call, p createInput) (result, *apiError) {
	d := c.device(p.deviceID)
	if d == nil {
		return nil, deviceNotFound(p.deviceID)
	}
	if err := c.world.charge(d, "create"); err != nil {
		return nil, err
	}
	// The limit counts calls, so one that is refused below has been counted.
	code, err := c.world.newCode(d, p)
	if err != nil {
		return nil, err
	}
	c.world.addManaged(code)
	return result{"access_code": c.world.answer(code), "action_attempt": c.world.attempt(code, attemptCreate)}, nil
}

// newCode checks everything about a wanted code and builds it, without any effect.
func (w *world) newCode(d *device, p createInput) (*accessCode, *apiError) {
	if err := checkProgrammable(d, p); err != nil {
		return nil, err
	}
	if p.offline {
		p.window = p.window.outwards(p.wholeDays, d.location())
	}
	if err := checkWindow(p.window, nil, w.now, d); err != nil {
		return nil, err
	}
	if err := d.checkName(p.name, nil); err != nil {
		return nil, err
	}
	pin, err := w.wantedPIN(d, p)
	if err != nil {
		return nil, err
	}
	return &accessCode{
		id: uuid.NewString(), createdAt: w.now, device: d, managed: true,
		name: p.name, pin: pin, window: p.window, commonKey: p.commonKey,
		usesPool: p.usePool && d.SupportsBackupPool, offline: p.offline,
		oneTime:         p.oneTime != nil && *p.oneTime,
		externalAllowed: p.externalAllowed != nil && *p.externalAllowed,
		preferNative:    p.preferNative == nil || *p.preferNative,
	}, nil
}

// addManaged puts a code that newCode built into the world and starts its life.
func (w *world) addManaged(c *accessCode) {
	c.sequence = w.next()
	// The event comes first: programming may have something to tell at once.
	w.emit(c, eventCreated, nil)
	w.program(c, nil)
	w.addCode(c)
	if c.usesPool {
		c.device.poolOn = true
		w.tendPool(c.device)
	}
}

// wantedPIN is the PIN of a new code: the caller's, one that fits, or none where the
// provider chooses it later.
func (w *world) wantedPIN(d *device, p createInput) (string, *apiError) {
	if p.code == nil {
		if p.offline || d.constrained("cannot_specify_pin_code") {
			return "", nil
		}
		return d.choosePIN(p.preferredLength)
	}
	if p.offline || d.constrained("cannot_specify_pin_code") {
		return "", fieldError("code", "The PIN code cannot be specified for this device")
	}
	if reason := d.refusal(*p.code); reason != "" {
		return "", fieldError("code", reason)
	}
	if d.pins[*p.code] != nil {
		return "", duplicate(*p.code, p.name, p.window)
	}
	return *p.code, nil
}

func checkProgrammable(d *device, p createInput) *apiError {
	switch {
	case p.offline && !d.CanProgramOfflineCodes:
		return fail(http.StatusBadRequest, "device_type_not_supported", "Device cannot program offline access codes")
	case p.offline && p.window == nil:
		return invalidInput("Offline access codes must be time bound")
	case p.offline:
		return nil
	case !d.CanProgramOnlineCodes:
		return fail(http.StatusBadRequest, "device_type_not_supported", "Device cannot program online access codes")
	}
	return checkAttempt(d, p.codeFlags)
}

// checkAttempt refuses a code for a device that is offline, where the caller asks not to try that.
func checkAttempt(d *device, flags codeFlags) *apiError {
	if flags.attemptOffline != nil && !*flags.attemptOffline && !d.Online {
		return fail(http.StatusBadRequest, "device_offline", "Device is offline")
	}
	return nil
}

// checkWindow checks of a window what depends on the clock and on the lock. old is the window that it replaces, if any: a start
// that stays the same is not checked again.
func checkWindow(f, old *window, now time.Time, d *device) *apiError {
	switch {
	case f == nil:
		return nil
	case !f.ends.After(f.starts):
		return fieldError("ends_at", "Must be after starts_at")
	case !f.ends.After(now):
		return fieldError("ends_at", "Must be in the future")
	case old != nil && f.starts.Equal(old.starts):
		return nil
	case d.constrained("start_date_in_future") && !f.starts.After(now):
		return fieldError("starts_at", "Must be in the future for this device")
	}
	return nil
}

// duplicate is the 409 for a PIN that a managed code of the device has, in whatever
// window and whatever state. As on the service, the message repeats the PIN.
func duplicate(pin string, name *string, f *window) *apiError {
	message := "Cannot set duplicate access code " + pin
	if name != nil {
		message += " named " + *name
	}
	if f != nil {
		message += fmt.Sprintf(" for period %s-%s", stamp(f.starts), stamp(f.ends))
	}
	return fail(http.StatusConflict, "duplicate_access_code", "%s", message)
}

// fieldError is the 400 of a field that is well formed but does not suit the device.
func fieldError(field, reason string) *apiError {
	in := input{}
	in.note(field, reason)
	return in.invalid()
}

// oneOf checks an optional word.
func (in *input) oneOf(name string, words ...string) string {
	value := in.word(name)
	for _, w := range words {
		if value == w {
			return value
		}
	}
	if in.has(name) && value != "" {
		in.note(name, "Invalid enum value")
	}
	return ""
}
