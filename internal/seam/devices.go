// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	pathDeviceGet  = "/devices/get"
	pathDeviceList = "/devices/list"
)

// DevicesService is the devices.
type DevicesService struct{ c *Client }

// ListDevicesRequest is the body of POST /devices/list. The zero value lists
// all devices.
type ListDevicesRequest struct {
	ConnectWebviewID    string   `json:"connect_webview_id,omitempty"`
	ConnectedAccountID  string   `json:"connected_account_id,omitempty"`
	ConnectedAccountIDs []string `json:"connected_account_ids,omitempty"`
	CustomerKey         string   `json:"customer_key,omitempty"`
	DeviceIDs           []string `json:"device_ids,omitempty"`
	DeviceType          string   `json:"device_type,omitempty"`
	DeviceTypes         []string `json:"device_types,omitempty"`
	// IncludeIf and ExcludeIf hold capabilities such as
	// can_program_online_access_codes.
	IncludeIf         []string       `json:"include_if,omitempty"`
	ExcludeIf         []string       `json:"exclude_if,omitempty"`
	Manufacturer      string         `json:"manufacturer,omitempty"`
	SpaceID           string         `json:"space_id,omitempty"`
	UserIdentifierKey string         `json:"user_identifier_key,omitempty"`
	CustomMetadataHas map[string]any `json:"custom_metadata_has,omitempty"`
	// CreatedBefore is sent in UTC.
	CreatedBefore *time.Time `json:"created_before,omitempty"`
	// Search matches a part of the id, the name, the metadata or the location.
	Search string `json:"search,omitempty"`
	// Limit is the size of a page; List follows all pages. Seam's default: 500.
	Limit int `json:"limit,omitempty"`
	// PageCursor begins at a page other than the first.
	PageCursor string `json:"page_cursor,omitempty"`
	// UnstableLocationID is the old form of SpaceID.
	//
	// Deprecated: use SpaceID.
	UnstableLocationID string `json:"unstable_location_id,omitempty"`
}

// Get returns a device: POST /devices/get. See IsDeviceNotFound for one that
// is gone.
func (s *DevicesService) Get(ctx context.Context, deviceID string) (*Device, error) {
	if err := require(pathDeviceGet, "device_id", deviceID); err != nil {
		return nil, err
	}
	reply := deviceReply{id: deviceID}
	err := s.c.do(ctx, call{path: pathDeviceGet, body: map[string]string{"device_id": deviceID}, reply: &reply})
	if err != nil {
		return nil, err
	}
	return reply.Device, nil
}

// List returns all devices that match, from all pages: POST /devices/list.
func (s *DevicesService) List(ctx context.Context, r ListDevicesRequest) ([]Device, error) {
	r.CreatedBefore = utc(r.CreatedBefore)
	return listAll(pathDeviceList, r.PageCursor, func(cursor string) (page[Device], error) {
		r.PageCursor = cursor
		var reply devicesReply
		err := s.c.do(ctx, call{path: pathDeviceList, body: r, reply: &reply})
		return page[Device]{items: reply.Devices, next: reply.next()}, err
	})
}

// First returns the first device of the list, nil when there is none: POST /devices/list with a limit of 1. It is the
// cheapest call that credentials of a single user may make.
func (s *DevicesService) First(ctx context.Context) (*Device, error) {
	var reply devicesReply
	err := s.c.do(ctx, call{path: pathDeviceList, body: ListDevicesRequest{Limit: 1}, reply: &reply})
	if err != nil || len(reply.Devices) == 0 {
		return nil, err
	}
	return &reply.Devices[0], nil
}

type deviceReply struct {
	okReply
	Device *Device `json:"device"`

	id string
}

func (r *deviceReply) check() error {
	if err := checkDevice(r.Device); err != nil {
		return err
	}
	if r.Device.DeviceID != r.id {
		return fmt.Errorf("answer has device %q instead of %q", r.Device.DeviceID, r.id)
	}
	return nil
}

type devicesReply struct {
	okReply
	pagination
	Devices []Device `json:"devices"`
}

func (r *devicesReply) check() error {
	if r.Devices == nil {
		return errors.New("answer without devices")
	}
	for i := range r.Devices {
		if err := checkDevice(&r.Devices[i]); err != nil {
			return err
		}
	}
	return r.checkNext()
}

func checkDevice(d *Device) error {
	if d == nil {
		return errors.New("answer without device")
	}
	if d.DeviceID == "" {
		return errors.New("answer with a device without device_id")
	}
	return nil
}
