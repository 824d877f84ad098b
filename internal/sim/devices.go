// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"
	"strings"
)

func deviceRoutes() []route {
	return []route{
		endpoint("/devices/get", reads(), parseDeviceRef, getDevice),
		endpoint("/devices/list", reads(), parseDeviceList, listDevices),
	}
}

// deviceRef names a device by id or by name.
type deviceRef struct {
	id   string
	name string
}

func parseDeviceRef(in *input) deviceRef {
	p := deviceRef{id: in.id("device_id"), name: in.word("name")}
	if !in.has("device_id") && !in.has("name") {
		in.reject("Either \"device_id\" or \"name\" must be provided")
	}
	return p
}

// getDevice finds a device by id, by name, or by both when they agree. Of several with
// one name it answers the oldest.
func getDevice(c *call, p deviceRef) (result, *apiError) {
	if p.id == "" {
		for _, d := range c.devices() {
			if d.Name == p.name {
				return result{"device": d.wire()}, nil
			}
		}
		return nil, deviceNotFound(p.name)
	}
	d := c.device(p.id)
	if d == nil || p.name != "" && d.Name != p.name {
		return nil, deviceNotFound(p.id)
	}
	return result{"device": d.wire()}, nil
}

// deviceList is the input of /devices/list.
type deviceList struct {
	ids, types, accounts []string
	manufacturer, search string
	user                 string
	include, exclude     []string // capabilities
	nothing              bool     // filtered by something that no simulated device has
	page
}

// parseDeviceList accepts all filters of the OpenAPI document; those about things that
// the simulator does not have leave nothing over.
func parseDeviceList(in *input) deviceList {
	p := deviceList{
		ids:          in.ids("device_ids"),
		types:        in.either("device_type", "device_types", (*input).word, (*input).texts),
		accounts:     in.either("connected_account_id", "connected_account_ids", (*input).id, (*input).ids),
		manufacturer: in.word("manufacturer"), search: in.word("search"),
		user:    in.word("user_identifier_key"),
		include: in.texts("include_if"), exclude: in.texts("exclude_if"), page: parsePage(in),
	}
	for _, other := range []string{"customer_key", "space_id", "connect_webview_id", "custom_metadata_has"} {
		p.nothing = p.nothing || in.has(other)
	}
	return p
}

// listDevices narrows by every filter given.
func listDevices(c *call, p deviceList) (result, *apiError) {
	devices := slices.DeleteFunc(c.devices(), func(d *device) bool { return !p.keeps(d) || !c.ofUser(p.user, d) })
	shown, pagination := paginate(c, p.page, 500, devices, func(d *device) int64 { return d.sequence })
	objects := make([]map[string]any, len(shown))
	for i, d := range shown {
		objects[i] = d.wire()
	}
	return result{"devices": objects, "pagination": pagination}, nil
}

func (p deviceList) keeps(d *device) bool {
	// A capability that a device lacks is absent, which reads as false.
	can := d.can()
	lacks := func(capability string) bool { return !can[capability] }
	return !p.nothing && allows(p.ids, d.ID) && allows(p.types, d.Type) && allows(p.accounts, d.ConnectedAccountID) &&
		(p.manufacturer == "" || p.manufacturer == d.manufacturer()) &&
		(p.search == "" || strings.Contains(strings.ToLower(d.Name), strings.ToLower(p.search)) || strings.Contains(d.ID, p.search)) &&
		!slices.ContainsFunc(p.include, lacks) &&
		(len(p.exclude) == 0 || slices.ContainsFunc(p.exclude, lacks))
}
