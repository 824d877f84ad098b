// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// codeRef names a code by id, or by device and PIN.
type codeRef struct {
	id       string
	deviceID string
	code     string
}

func parseCodeRef(in *input) codeRef {
	p := codeRef{id: in.id("access_code_id"), deviceID: in.id("device_id"), code: in.word("code")}
	hasID, hasDevice, hasCode := in.has("access_code_id"), in.has("device_id"), in.has("code")
	switch {
	case hasID && hasCode:
		in.reject("Both \"access_code_id\" and \"code\" can not be provided")
	case hasID:
	case !hasDevice && !hasCode:
		in.reject("Either \"access_code_id\" OR \"code\" and \"device_id\" must be provided")
	case hasDevice != hasCode:
		in.reject("Both \"device_id\" and \"code\" must be provided if one is")
	}
	return p
}

// getCode finds a managed code in whatever status. A device beside the id must be the
// code's own.
func getCode(c *call, p codeRef) (result, *apiError) {
	found := c.code(p.id, true)
	if p.id == "" {
		if d := c.device(p.deviceID); d != nil {
			// A code that is being removed still counts as the one with this PIN.
			found = d.pins[p.code]
		}
	}
	if found == nil || p.deviceID != "" && found.device.ID != p.deviceID {
		return nil, codeNotFound(nil)
	}
	c.world.show(found)
	return result{"access_code": c.world.answer(found)}, nil
}

// codeList is the input of /access_codes/list.
type codeList struct {
	deviceID string
	ids      []string
	search   string
	user     string
	nothing  bool // filtered by something that no simulated code has
	page
}

func parseCodeList(in *input) codeList {
	p := codeList{
		deviceID: in.id("device_id"), ids: in.ids("access_code_ids"), search: in.word("search"),
		user: in.word("user_identifier_key"), page: parsePage(in),
	}
	// What selects by access grants is valid input, but nothing here is part of one.
	selected := in.has("device_id") || in.has("access_code_ids")
	for _, other := range []string{"access_grant_id", "access_grant_key", "access_method_id"} {
		p.nothing = p.nothing || in.has(other)
		selected = selected || in.has(other)
	}
	p.nothing = p.nothing || in.has("customer_key")
	if !selected {
		in.reject("Either 'device_id' or 'access_code_ids' is required")
	}
	return p
}

// listCodes narrows by every filter given. Backups and unmanaged codes are left out.
func listCodes(c *call, p codeList) (result, *apiError) {
	// The lists of the official fake show every code of every workspace; the service's
	// do not.
	var codes []*accessCode
	if p.deviceID != "" {
		d := c.device(p.deviceID)
		if d == nil {
			return nil, deviceNotFound(p.deviceID)
		}
		codes = codesOf(d)
	} else {
		codes = c.codesByID(p.ids)
	}
	codes = slices.DeleteFunc(codes, func(code *accessCode) bool { return !p.keeps(code) || !c.ofUser(p.user, code.device) })
	shown, pagination := paginate(c, p.page, 55_000, codes, func(code *accessCode) int64 { return code.sequence })
	c.world.show(shown...)
	return result{"access_codes": c.world.answers(shown), "pagination": pagination}, nil
}

// codesByID leaves out ids that are unknown, and those of other workspaces.
func (c *call) codesByID(ids []string) []*accessCode {
	codes := make([]*accessCode, 0, len(ids))
	for _, id := range ids {
		if code := c.code(id, true); code != nil {
			codes = append(codes, code)
		}
	}
	sortCodes(codes)
	return slices.Compact(codes)
}

func (p codeList) keeps(c *accessCode) bool {
	return c.managed && !c.backup && !p.nothing && allows(p.ids, c.id) && (p.search == "" || c.matches(p.search))
}
