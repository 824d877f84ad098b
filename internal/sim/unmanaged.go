// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"slices"
	"strings"
)

// unmanagedCode is the object of a code that the service does not own. It has its own
// type because it has fewer members: no flags and no mutations.
type unmanagedCode struct {
	AccessCodeID                    string  `json:"access_code_id"`
	WorkspaceID                     string  `json:"workspace_id"`
	DeviceID                        string  `json:"device_id"`
	Type                            string  `json:"type"`
	Status                          string  `json:"status,omitempty"`
	DisplayStatus                   string  `json:"display_status"`
	Name                            *string `json:"name"`
	Code                            *string `json:"code"`
	CreatedAt                       string  `json:"created_at"`
	Errors                          []Issue `json:"errors"`
	Warnings                        []Issue `json:"warnings"`
	IsManaged                       bool    `json:"is_managed"`
	CannotBeManaged                 bool    `json:"cannot_be_managed,omitempty"`
	CannotDeleteUnmanagedAccessCode bool    `json:"cannot_delete_unmanaged_access_code,omitempty"`
}

func (c *accessCode) wireUnmanaged() unmanagedCode {
	return unmanagedCode{
		AccessCodeID: c.id, WorkspaceID: c.device.WorkspaceID, DeviceID: c.device.ID,
		Type: c.kind(), Status: c.status, DisplayStatus: c.displayStatus(), Name: c.name, Code: new(c.pin), CreatedAt: stamp(c.createdAt),
		Errors:                          c.shownErrors(),
		Warnings:                        c.shownWarnings(),
		CannotBeManaged:                 !c.device.takesOver(),
		CannotDeleteUnmanagedAccessCode: c.undeletable,
	}
}

func (w *world) answerUnmanaged(c *accessCode) unmanagedCode {
	object := c.wireUnmanaged()
	if w.opts.OmitStatus {
		object.Status = ""
	}
	return object
}

func unmanagedRoutes() []route {
	return []route{
		endpoint("/access_codes/unmanaged/get", reads(), parseCodeRef, getUnmanaged),
		endpoint("/access_codes/unmanaged/list", reads(), parseUnmanagedList, listUnmanaged),
		endpoint("/access_codes/unmanaged/update", patches(), parseUnmanagedUpdate, convertUnmanaged),
		endpoint("/access_codes/unmanaged/convert_to_managed", patches(), parseConvert, convertUnmanaged),
		endpoint("/access_codes/unmanaged/delete", deletes(), parseDelete, deleteUnmanaged),
	}
}

// getUnmanaged is the twin of getCode; neither finds what is the other's.
func getUnmanaged(c *call, p codeRef) (result, *apiError) {
	found := c.code(p.id, false)
	if p.id == "" {
		if d := c.device(p.deviceID); d != nil {
			found = d.foreign[p.code]
		}
	}
	if found == nil || p.deviceID != "" && found.device.ID != p.deviceID {
		return nil, codeNotFound(nil)
	}
	return result{"access_code": c.world.answerUnmanaged(found)}, nil
}

// unmanagedList is the input of /access_codes/unmanaged/list.
type unmanagedList struct {
	deviceID string
	search   string
	user     string
	page
}

func parseUnmanagedList(in *input) unmanagedList {
	return unmanagedList{
		deviceID: in.requiredID("device_id"), search: in.word("search"), user: in.word("user_identifier_key"), page: parsePage(in),
	}
}

// listUnmanaged shows what is on the lock besides the service's own codes.
func listUnmanaged(c *call, p unmanagedList) (result, *apiError) {
	d := c.device(p.deviceID)
	if d == nil {
		return nil, deviceNotFound(p.deviceID)
	}
	codes := slices.DeleteFunc(codesOf(d), func(code *accessCode) bool {
		return code.managed || p.search != "" && !code.matches(p.search) || !c.ofUser(p.user, d)
	})
	shown, pagination := paginate(c, p.page, 300_000, codes, func(code *accessCode) int64 { return code.sequence })
	objects := make([]unmanagedCode, len(shown))
	for i, code := range shown {
		objects[i] = c.world.answerUnmanaged(code)
	}
	return result{"access_codes": objects, "pagination": pagination}, nil
}

// convertInput is the input of convert_to_managed and of unmanaged/update.
type convertInput struct {
	id              string
	force           bool
	externalAllowed *bool
}

func parseConvert(in *input) convertInput {
	p := convertInput{id: in.requiredID("access_code_id"), force: in.isTrue("force")}
	p.externalAllowed = in.flag("allow_external_modification")
	if other := in.flag("is_external_modification_allowed"); other != nil {
		p.externalAllowed = other
	}
	in.flag("sync")
	return p
}

// parseUnmanagedUpdate: the one thing that can be changed of an unmanaged code is that
// it becomes managed.
func parseUnmanagedUpdate(in *input) convertInput {
	in.require("is_managed")
	if managed := in.flag("is_managed"); managed != nil && !*managed {
		in.note("is_managed", "Invalid literal value, expected true")
	}
	return parseConvert(in)
}

// convertUnmanaged accepts a request to manage a code. Its outcome shows later, in an event and in where the code is found.
// Asking again meanwhile changes nothing.
func convertUnmanaged(c *call, p convertInput) (result, *apiError) {
	code := c.code(p.id, false)
	switch {
	case code == nil:
		return nil, codeNotFound(map[string]any{"access_code_id": p.id})
	case code.op == opRemove:
		return nil, invalidInput("Cannot convert an access code that is being removed")
	}
	// Also while a conversion is under way: a second call may add what the first lacked.
	code.force = code.force || p.force
	if p.externalAllowed != nil {
		code.externalAllowed = *p.externalAllowed
	}
	if code.op == opNone {
		c.world.start(code, opConvert, code.status, c.world.opts.SetDelay)
	}
	c.world.schedule(code)
	return result{}, nil
}

// convert ends the conversion one way or the other.
func (w *world) convert(c *accessCode) {
	c.op = opNone
	c.errors = without(c.errors, errProvider, errDuplicate)
	if code, reason := c.unconvertible(); code != "" {
		c.force = false
		c.errors = append(c.errors, w.codeError(code, reason))
		w.emit(c, eventNotConverted, c.issueFields())
		return
	}
	// The PIN moves from one index of the device to the other.
	c.device.vacate(c)
	c.managed, c.elsewhere, c.shownName = true, false, c.name
	c.device.occupy(c)
	w.emit(c, eventConverted, nil)
}

// unconvertible says why a code stays unmanaged, nothing when it need not.
func (c *accessCode) unconvertible() (errorCode, reason string) {
	switch {
	case !c.device.takesOver():
		return errProvider, "The provider does not let Seam manage access codes made elsewhere."
	case c.elsewhere && !c.force:
		return errProvider, "Another workspace manages the access code; use force to take it over."
	case c.device.pins[c.pin] != nil:
		return errDuplicate, "Another access code on the device has the same PIN."
	}
	return "", ""
}

// takesOver reports whether the provider lets Seam manage codes that it did not make.
func (d *device) takesOver() bool {
	for _, maker := range []string{"igloohome_", "kwikset_", "smartthings_"} {
		if strings.HasPrefix(d.Type, maker) {
			return false
		}
	}
	return true
}

// deleteUnmanaged starts the removal at the lock. Repeated, it changes nothing.
func deleteUnmanaged(c *call, p deleteInput) (result, *apiError) {
	code := c.code(p.id, false)
	switch {
	case code == nil:
		return nil, codeNotFound(map[string]any{"access_code_id": p.id})
	case code.undeletable:
		return nil, fail(http.StatusBadRequest, "cannot_delete_unmanaged_access_code",
			"The access code can be deleted in the app of its maker only")
	}
	if err := c.world.charge(code.device, "delete"); err != nil {
		return nil, err
	}
	if code.op != opRemove {
		// Unmanaged codes have two states only, so it stays `set` until it is gone.
		c.world.start(code, opRemove, code.status, c.world.opts.RemoveDelay)
	}
	c.world.schedule(code)
	return result{"action_attempt": c.world.attempt(code, attemptDelete)}, nil
}
