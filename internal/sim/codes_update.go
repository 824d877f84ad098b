// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "time"

// updateInput is the input of /access_codes/update; what is nil stays as it is.
type updateInput struct {
	id       string
	deviceID string
	name     *string
	code     *string
	starts   *time.Time
	ends     *time.Time
	kind     string // "ongoing", "time_bound" or empty
	codeFlags
}

func parseUpdate(in *input) updateInput {
	p := updateInput{
		id: in.requiredID("access_code_id"), deviceID: in.id("device_id"),
		name: in.text("name"), code: in.pin("code"),
		starts: in.when("starts_at"), ends: in.when("ends_at"),
		kind: in.oneOf("type", "ongoing", "time_bound"), codeFlags: parseFlags(in),
	}
	in.flag("is_managed")
	if p.kind == "ongoing" && (in.has("starts_at") || in.has("ends_at")) {
		in.reject("Neither starts_at nor ends_at can be provided for an ongoing access code")
	}
	return p
}

// updateCode changes what was given and nothing else. The object shows it at once; the
// lock has it when the status is `set` again.
func updateCode(c *call, p updateInput) (result, *apiError) {
	code, err := c.managedCode(p.id, p.deviceID)
	if err != nil {
		return nil, err
	}
	if err := c.world.charge(code.device, "update"); err != nil {
		return nil, err
	}
	if err := checkAttempt(code.device, p.codeFlags); err != nil {
		return nil, err
	}
	frame, err := c.world.checkUpdate(code, p)
	if err != nil {
		return nil, err
	}
	c.world.applyUpdate(code, p, frame)
	code.updatedAt = c.world.now
	return result{"action_attempt": c.world.attempt(code, attemptUpdate)}, nil
}

// checkUpdate finds what is wrong with an update before any of it takes effect, and
// returns the window that the code is to have.
func (w *world) checkUpdate(c *accessCode, p updateInput) (*window, *apiError) {
	switch {
	case c.op == opRemove:
		return nil, invalidInput("Cannot update an access code that is being removed")
	case c.offline:
		return nil, invalidInput("Offline access codes cannot be updated")
	}
	frame, err := p.frame(c.window)
	if err != nil {
		return nil, err
	}
	if !frame.equal(c.window) {
		if err := checkWindow(frame, c.window, w.now, c.device); err != nil {
			return nil, err
		}
	}
	if p.name != nil {
		if err := c.device.checkName(p.name, c); err != nil {
			return nil, err
		}
	}
	return frame, w.checkNewPIN(c, p, frame)
}

func (w *world) checkNewPIN(c *accessCode, p updateInput, frame *window) *apiError {
	if p.code == nil || *p.code == c.pin {
		return nil // no clash with itself
	}
	if c.device.constrained("cannot_specify_pin_code") {
		return fieldError("code", "The PIN code cannot be specified for this device")
	}
	if reason := c.device.refusal(*p.code); reason != "" {
		return fieldError("code", reason)
	}
	if c.device.pins[*p.code] != nil {
		name := c.name
		if p.name != nil {
			name = p.name
		}
		return duplicate(*p.code, name, frame)
	}
	return nil
}

// frame is the window after the update. A time-bound code may change one end only; an
// ongoing one needs both to become time bound.
func (p updateInput) frame(old *window) (*window, *apiError) {
	if p.kind == "ongoing" {
		return nil, nil
	}
	if old == nil && (p.starts == nil) != (p.ends == nil) || old == nil && p.kind == "time_bound" && p.starts == nil {
		return nil, invalidInput("Both starts_at and ends_at must be provided if one is")
	}
	if p.starts == nil && p.ends == nil {
		return old, nil
	}
	frame := window{}
	if old != nil {
		frame = *old
	}
	if p.starts != nil {
		frame.starts = minuteUp(*p.starts)
	}
	if p.ends != nil {
		frame.ends = minuteUp(*p.ends)
	}
	return &frame, nil
}

// applyUpdate changes the object, logs events, and sends the change to the lock where the lock knows what has changed.
func (w *world) applyUpdate(c *accessCode, p updateInput, frame *window) {
	// Before anything changes: the mutations say what was and what is to be.
	changes := w.changes(c, p, frame)
	if p.name != nil {
		c.name = p.name
	}
	if p.code != nil {
		if *p.code != c.pin {
			c.ordered = without(c.ordered, errConstraints)
		}
		c.device.changePIN(c, *p.code)
	}
	c.window = frame
	native := c.native()
	p.applyFlags(c)
	renative := c.native() != native
	if p.usePool && c.window != nil && c.device.SupportsBackupPool {
		c.device.poolOn = true
		w.tendPool(c.device)
	}
	w.followEnd(c)
	if len(changes) == 0 && !renative {
		return
	}
	pending := w.joined(c.mutations, changes)
	if len(pending) == 0 { // another way of scheduling: the window is written again
		pending = []Mutation{w.mutation(mutationTimeFrame, c.window.values(), c.window.values())}
	}
	w.program(c, pending)
	w.schedule(c)
	if len(changes) > 0 {
		w.tellChanges(c, changes)
	}
	// The PIN that was given up may be what another code waits for.
	w.retryBlocked(c.device)
}

// applyFlags changes what the lock does not know, and how it is programmed.
func (p updateInput) applyFlags(c *accessCode) {
	for _, flag := range []struct {
		wanted *bool
		target *bool
	}{
		{p.preferNative, &c.preferNative},
		{p.externalAllowed, &c.externalAllowed},
		{p.oneTime, &c.oneTime},
	} {
		if flag.wanted != nil {
			*flag.target = *flag.wanted
		}
	}
}
