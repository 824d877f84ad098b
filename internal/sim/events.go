// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"
	"time"
)

// eventQuery is the input of /events/list. Each list that is not nil must contain the
// event's value.
type eventQuery struct {
	start, end time.Time
	ids        []string
	types      []string
	devices    []string
	codes      []string
	accounts   []string
	nothing    bool // filtered by something that no simulated event has
	limit      int
	offset     int
}

func eventRoutes() []route {
	return []route{endpoint("/events/list", reads(), parseEventQuery, listEvents)}
}

func parseEventQuery(in *input) eventQuery {
	q := eventQuery{
		ids:      in.ids("event_ids"),
		types:    in.either("event_type", "event_types", (*input).word, (*input).texts),
		devices:  in.either("device_id", "device_ids", (*input).id, (*input).ids),
		codes:    in.either("access_code_id", "access_code_ids", (*input).id, (*input).ids),
		accounts: in.either("connected_account_id", "connected_account_ids", (*input).id, (*input).ids),
		limit:    in.number("limit"),
		offset:   in.number("unstable_offset"),
	}
	for _, other := range []string{
		"access_grant_id", "access_grant_ids", "access_method_id", "access_method_ids", "acs_access_group_id",
		"acs_credential_id", "acs_encoder_id", "acs_entrance_id", "acs_system_id", "acs_system_ids", "acs_user_id",
		"connect_webview_id", "customer_key", "space_id", "space_ids", "user_identity_id",
	} {
		q.nothing = q.nothing || in.has(other)
	}
	since, between := in.when("since"), in.times("between")
	switch {
	case (since == nil) == (between == nil):
		in.reject("Exactly one of \"since\" and \"between\" must be provided")
	case since != nil:
		q.start = *since
	case len(between) != 2:
		in.note("between", "Array must contain exactly 2 element(s)")
	default:
		q.start, q.end = between[0], between[1]
	}
	return q
}

// listEvents answers newest first and keeps the newest where there are more than
// `limit`: a caller that only moves `since` forward loses the older ones.
func listEvents(c *call, q eventQuery) (result, *apiError) {
	limit := q.limit
	if limit == 0 {
		limit = c.pageSize(500)
	}
	found := []map[string]any{}
	// The offset counts from the newest, so it shifts while new events come in. The
	// service calls it unstable for that.
	skip := q.offset
	for _, e := range slices.Backward(c.world.events.within(q.start, q.end)) {
		if e.workspaceID != c.principal.workspaceID || !c.seesAccount(e.accountID) || !q.matches(e) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(found) == limit {
			break
		}
		found = append(found, e.body)
	}
	return result{"events": found}, nil
}

func (q eventQuery) matches(e event) bool {
	return !q.nothing && allows(q.ids, e.id) && allows(q.types, e.kind) && allows(q.devices, e.deviceID) &&
		allows(q.codes, e.codeID) && allows(q.accounts, e.accountID)
}

func allows(list []string, value string) bool {
	return list == nil || slices.Contains(list, value)
}

// either reads a filter that has a singular and a plural name; both narrow.
func (in *input) either(one, many string, readOne func(*input, string) string, readMany func(*input, string) []string) []string {
	list := readMany(in, many)
	single := readOne(in, one)
	switch {
	case single == "":
		return list
	case list == nil || slices.Contains(list, single):
		return []string{single}
	}
	return []string{} // both given and disjoint: nothing fits
}

// word is text with absent as the empty string.
func (in *input) word(name string) string {
	if text := in.text(name); text != nil {
		return *text
	}
	return ""
}

// times is an optional list of times.
func (in *input) times(name string) []time.Time {
	texts := in.texts(name)
	if texts == nil {
		return nil
	}
	list := make([]time.Time, 0, len(texts))
	for _, text := range texts {
		at, err := parseTime(text)
		if err != nil {
			in.note(name, "Must be parsable date string")
			return list
		}
		list = append(list, at)
	}
	return list
}
