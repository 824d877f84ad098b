// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
)

func codesPage(id, next string) http.HandlerFunc {
	return ok(fmt.Sprintf(`{"ok":true,"access_codes":[{"access_code_id":%q}],"pagination":{"has_next_page":%t,"next_page_cursor":%q}}`, id, next != "", next))
}

func TestPages(t *testing.T) {
	tests := []struct {
		name   string
		script []http.HandlerFunc
		ids    []string
		seen   []any
		fails  string
	}{
		{name: "none", script: []http.HandlerFunc{ok(`{"ok":true,"access_codes":[]}`)}, seen: []any{nil}},
		{
			name: "three pages", script: []http.HandlerFunc{codesPage("a1", "p2"), codesPage("a2", "p3"), codesPage("a3", "")},
			ids: []string{"a1", "a2", "a3"}, seen: []any{nil, "p2", "p3"},
		},
		{
			name: "cursor on the last page", script: []http.HandlerFunc{ok(`{"access_codes":[{"access_code_id":"a1"}],"pagination":{"has_next_page":false,"next_page_cursor":"p2"}}`)},
			ids: []string{"a1"}, seen: []any{nil},
		},
		{
			name: "second page fails", script: []http.HandlerFunc{codesPage("a1", "p2"), says(503, "")}, seen: []any{nil, "p2"},
			fails: "calling /access_codes/list: unavailable (status 503): answer is not Seam's",
		},
		{
			name: "page without cursor", script: []http.HandlerFunc{ok(`{"access_codes":[],"pagination":{"has_next_page":true,"next_page_cursor":null}}`)}, seen: []any{nil},
			fails: "calling /access_codes/list: unavailable (status 200): answer promises another page without next_page_cursor",
		},
		{
			name: "in a circle", script: []http.HandlerFunc{codesPage("a1", "p2"), codesPage("a2", "p3"), codesPage("a3", "p2")}, seen: []any{nil, "p2", "p3"},
			fails: "calling /access_codes/list: unavailable: list repeats a page",
		},
		{
			name: "list missing", script: []http.HandlerFunc{ok(`{"ok":true}`)}, seen: []any{nil},
			fails: "calling /access_codes/list: unavailable (status 200): answer without access_codes",
		},
		{
			name: "null in the list", script: []http.HandlerFunc{ok(`{"access_codes":[{"access_code_id":"a1"},null]}`)}, seen: []any{nil},
			fails: "calling /access_codes/list: unavailable (status 200): answer with an access code without access_code_id",
		},
		{
			name: "one that cannot be decoded", script: []http.HandlerFunc{ok(`{"access_codes":[{"access_code_id":"a1"},{"access_code_id":"a2","is_managed":"yes"}]}`)}, seen: []any{nil},
			fails: `calling /access_codes/list: unavailable (status 200): answer has string instead of bool in "access_codes.is_managed"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.script...)
			codes, err := client(t, s.URL).AccessCodes.List(t.Context(), seam.ListAccessCodesRequest{DeviceID: "d1"})
			var ids []string
			for _, c := range codes {
				ids = append(ids, c.AccessCodeID)
			}
			if diff := cmp.Diff(tt.ids, ids); diff != "" {
				t.Errorf("ids (-want +got)\n%s", diff)
			}
			checkText(t, err, tt.fails)
			var cursors []any
			for _, r := range s.seen() {
				cursors = append(cursors, r.Body["page_cursor"])
				if r.Body["device_id"] != "d1" {
					t.Errorf("page asked for with %v", r.Body)
				}
			}
			if diff := cmp.Diff(tt.seen, cursors); diff != "" {
				t.Errorf("cursors (-want +got)\n%s", diff)
			}
		})
	}
}

func TestPagesEnd(t *testing.T) {
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ok(fmt.Sprintf(`{"devices":[],"pagination":{"has_next_page":true,"next_page_cursor":"p%d"}}`, n.Add(1)))(w, r)
	})
	_, err := client(t, s.URL).Devices.List(t.Context(), seam.ListDevicesRequest{})
	checkText(t, err, "calling /devices/list: unavailable: list has more than 1000 pages")
}

// TestIncompleteAnswers: no call takes an answer for success that lacks what
// it promises.
func TestIncompleteAnswers(t *testing.T) {
	since := at(t, "2030-01-01T00:00:00Z")
	for _, answer := range []string{
		`{}`,
		`{"access_code":{},"access_codes":[{}],"device":{},"devices":[{}],"workspace":{},"events":[{"event_id":"e"}],
				"action_attempt":{},"generated_code":{},"client_session":{}}`,
		`{"access_code":{"access_code_id":"zz","device_id":"zz"},"device":{"device_id":"zz"},"workspace":{},"access_codes":[{}],
				"devices":[{}],"events":[{}],"action_attempt":{"action_attempt_id":"zz"},"generated_code":{"device_id":"zz","code":"1234"},"client_session":{}}`,
		`{"access_code":{"access_code_id":"a1","device_id":"d1","code":"1234"}}`,
	} {
		s := serve(t, ok(answer))
		x := t.Context()
		for name, do := range map[string]func(*seam.Client) error{
			"get by code": func(c *seam.Client) error { _, err := c.AccessCodes.GetByCode(x, "d1", "9876"); return err },
			"generate":    func(c *seam.Client) error { _, err := c.AccessCodes.GenerateCode(x, "d1"); return err },
			"codes": func(c *seam.Client) error {
				_, err := c.AccessCodes.List(x, seam.ListAccessCodesRequest{})
				return err
			},
			"device":    func(c *seam.Client) error { _, err := c.Devices.Get(x, "d1"); return err },
			"devices":   func(c *seam.Client) error { _, err := c.Devices.List(x, seam.ListDevicesRequest{}); return err },
			"workspace": func(c *seam.Client) error { _, err := c.Workspaces.Get(x); return err },
			"attempt":   func(c *seam.Client) error { _, err := c.ActionAttempts.Get(x, "t1", seam.WaitOptions{}); return err },
			"events": func(c *seam.Client) error {
				_, err := c.Events.List(x, seam.ListEventsRequest{Since: &since})
				return err
			},
			"session": func(c *seam.Client) error {
				_, err := c.ClientSessions.GetOrCreate(x, seam.ClientSessionRequest{})
				return err
			},
			"update multiple": func(c *seam.Client) error {
				return c.AccessCodes.UpdateMultiple(x, seam.UpdateMultipleAccessCodesRequest{CommonCodeKey: "k"})
			},
		} {
			if err := do(client(t, s.URL)); !seam.IsUnavailable(err) {
				t.Errorf("%s of %s: %v", name, answer, err)
			}
		}
	}
	bare := client(t, serve(t, ok(`{}`)).URL)
	if _, err := bare.AccessCodes.PullBackupAccessCode(t.Context(), "a1"); !seam.IsUnavailable(err) {
		t.Errorf("pull: %v", err)
	}
	if _, err := bare.AccessCodes.Delete(t.Context(), seam.DeleteAccessCodeRequest{AccessCodeID: "a1"}); !seam.InDoubt(err) {
		t.Errorf("delete: %v", err)
	}
}

func TestFractionOfACount(t *testing.T) {
	s := serve(t, ok(`{"device":{"device_id":"d1","properties":{"max_active_codes_supported":12.5}}}`))
	_, err := client(t, s.URL).Devices.Get(t.Context(), "d1")
	checkText(t, err, `calling /devices/get: unavailable (status 200): answer has number instead of int in "device.properties.max_active_codes_supported"`)
}

func TestOtherIdentity(t *testing.T) {
	s := serve(t, ok(`{"access_code":{"access_code_id":"1234-5678","device_id":"d1"}}`))
	_, err := client(t, s.URL).AccessCodes.Get(t.Context(), "a1")
	checkText(t, err, `calling /access_codes/get: unavailable (status 200): answer has access code "[redacted]" instead of "a1"`)
}
