// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"time"
)

const pathEventList = "/events/list"

// EventsService is the feed of what happened.
type EventsService struct{ c *Client }

// ListEventsRequest is the body of POST /events/list. Exactly one of Since and
// Between is required; times are exclusive and sent in UTC.
type ListEventsRequest struct {
	Since   *time.Time `json:"since,omitempty"`
	Between *Interval  `json:"between,omitempty"`

	EventType  string   `json:"event_type,omitempty"`
	EventTypes []string `json:"event_types,omitempty"`
	EventIDs   []string `json:"event_ids,omitempty"`

	DeviceID           string   `json:"device_id,omitempty"`
	DeviceIDs          []string `json:"device_ids,omitempty"`
	AccessCodeID       string   `json:"access_code_id,omitempty"`
	AccessCodeIDs      []string `json:"access_code_ids,omitempty"`
	ConnectedAccountID string   `json:"connected_account_id,omitempty"`
	ConnectWebviewID   string   `json:"connect_webview_id,omitempty"`
	CustomerKey        string   `json:"customer_key,omitempty"`
	SpaceID            string   `json:"space_id,omitempty"`
	SpaceIDs           []string `json:"space_ids,omitempty"`
	UserIdentityID     string   `json:"user_identity_id,omitempty"`

	AccessGrantID    string   `json:"access_grant_id,omitempty"`
	AccessGrantIDs   []string `json:"access_grant_ids,omitempty"`
	AccessMethodID   string   `json:"access_method_id,omitempty"`
	AccessMethodIDs  []string `json:"access_method_ids,omitempty"`
	AcsAccessGroupID string   `json:"acs_access_group_id,omitempty"`
	AcsCredentialID  string   `json:"acs_credential_id,omitempty"`
	AcsEncoderID     string   `json:"acs_encoder_id,omitempty"`
	AcsEntranceID    string   `json:"acs_entrance_id,omitempty"`
	AcsSystemID      string   `json:"acs_system_id,omitempty"`
	AcsSystemIDs     []string `json:"acs_system_ids,omitempty"`
	AcsUserID        string   `json:"acs_user_id,omitempty"`

	// Limit is how many events to return. Seam's default: 500; its maximum is
	// not documented.
	Limit int `json:"limit,omitempty"`
	// UnstableOffset skips events. Seam calls it unstable.
	UnstableOffset int `json:"unstable_offset,omitempty"`
}

// Interval is an exclusive interval of time.
type Interval struct{ From, To time.Time }

// List returns what happened, as Seam orders it: POST /events/list. Seam has
// been seen to return the newest first and to keep the newest when there are
// more than Limit, so a full answer means that older events may be missing:
// narrow Between and ask again. Events come more than once; compare EventID.
func (s *EventsService) List(ctx context.Context, r ListEventsRequest) ([]Event, error) {
	if (r.Since == nil) == (r.Between == nil) {
		return nil, invalidRequest(pathEventList, "exactly one of since and between is required")
	}
	var reply eventsReply
	if err := s.c.do(ctx, call{path: pathEventList, body: r.wire(), reply: &reply}); err != nil {
		return nil, err
	}
	return reply.Events, nil
}

// wire writes the interval as the pair that Seam expects.
func (r ListEventsRequest) wire() any {
	type request ListEventsRequest
	r.Since = utc(r.Since)
	body := struct {
		request
		Between []time.Time `json:"between,omitempty"`
	}{request: request(r)}
	if r.Between != nil {
		body.Between = []time.Time{r.Between.From.UTC(), r.Between.To.UTC()}
	}
	return body
}

type eventsReply struct {
	okReply
	Events []Event `json:"events"`
}

func (r *eventsReply) check() error {
	if r.Events == nil {
		return errors.New("answer without events")
	}
	for _, e := range r.Events {
		if e.EventID == "" || e.EventType == "" {
			return errors.New("answer with an event without event_id or event_type")
		}
	}
	return nil
}
