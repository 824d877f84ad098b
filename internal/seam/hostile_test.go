// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// The PINs that hostile answers carry: one that nobody can guess to be a PIN
// unless told, and one that the request did not hold.
const (
	sentPIN  = "47ab#x"
	otherPIN = "915263"
)

// TestNoPINInErrors plants PINs wherever an answer has room for text.
func TestNoPINInErrors(t *testing.T) {
	for _, p := range []string{sentPIN, otherPIN, key} {
		for name, answer := range hostileAnswers(p) {
			t.Run(name+" "+p, func(t *testing.T) {
				s := serve(t, answer)
				for what, do := range hostileCalls(client(t, s.URL)) {
					err := do(t.Context())
					if err == nil {
						t.Errorf("%s: no error", what)
					}
					searchError(t, what, err, p)
				}
			})
		}
	}
}

func hostileAnswers(p string) map[string]http.HandlerFunc {
	quoted, _ := json.Marshal("x " + p + " y")
	q := string(quoted)
	return map[string]http.HandlerFunc{
		"message":     says(400, `{"error":{"type":"x","message":`+q+`},"ok":false}`),
		"type":        says(404, `{"error":{"type":`+q+`,"message":"m"},"ok":false}`),
		"request id":  says(404, `{"error":{"type":"not_found","message":"m","request_id":`+q+`},"ok":false}`),
		"id header":   says(503, "", "seam-request-id", p),
		"validation":  says(400, `{"error":{"type":"invalid_input","message":"m","validation_errors":{"_errors":[`+q+`],`+q+`:{"_errors":[`+q+`]}}}}`),
		"plain":       says(404, p),
		"plain 200":   ok(p),
		"JSON string": ok(q),
		"number":      ok(`{"access_code":{"access_code_id":915263}}`),
		"field name":  ok(`{` + q + `:1}`),
		"id": ok(`{"ok":true,"access_code":{"access_code_id":` + q + `},"device":{"device_id":` + q + `},
			"action_attempt":{"action_attempt_id":` + q + `},"workspace":{"name":` + q + `},"generated_code":{"device_id":` + q + `,"code":"1"},
			"access_codes":[{"name":` + q + `}],"devices":[{"display_name":` + q + `}],"events":[{"code":` + q + `}]}`),
		"device id":     ok(`{"access_code":{"access_code_id":"a1","device_id":` + q + `,"code":` + q + `}}`),
		"time":          ok(`{"access_code":{"access_code_id":"a1","created_at":` + q + `},"events":[{"occurred_at":` + q + `}],"access_codes":[{"ends_at":` + q + `}]}`),
		"bool":          ok(`{"access_code":{"access_code_id":"a1","is_managed":` + q + `},"ok":` + q + `}`),
		"refused":       ok(`{"ok":false,"error":{"message":` + q + `}}`),
		"redirect":      says(307, p, "Location", "/"+otherPIN),
		"status line":   raw("HTTP/1.1 " + p + " OK\r\n\r\n"),
		"broken header": raw("HTTP/1.1 200 OK\r\n" + p + "\r\n\r\n"),
		"broken chunk":  raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + p + " zz\r\n"),
		"no HTTP":       raw(p + "\r\n\r\n"),
	}
}

// raw answers with bytes of its own and hangs up.
func raw(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, bytes)
		_ = conn.Close()
	}
}

func hostileCalls(c *seam.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"create": func(x context.Context) error {
			_, err := c.AccessCodes.Create(x, seam.CreateAccessCodeRequest{DeviceID: "d1", Code: sentPIN})
			return err
		},
		"get": func(x context.Context) error {
			// The id is as secret as anything that comes back by mistake.
			_, err := c.AccessCodes.GetByCode(x, "d1", sentPIN)
			return err
		},
		"update": func(x context.Context) error {
			_, err := c.AccessCodes.Update(x, seam.UpdateAccessCodeRequest{AccessCodeID: "a1", Code: sentPIN})
			if err == nil {
				return errors.New("an attempt without further checks")
			}
			return err
		},
		"search": func(x context.Context) error {
			_, err := c.AccessCodes.List(x, seam.ListAccessCodesRequest{Search: sentPIN})
			return err
		},
	}
}

// searchError looks through the whole chain, in every form.
func searchError(t *testing.T, what string, err error, p string) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		forms := []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e), fmt.Sprintf("%q", e)}
		if own, isOwn := errors.AsType[*seam.Error](e); isOwn {
			out, _ := json.Marshal(own)
			forms = append(forms, string(out), fmt.Sprintf("%+v", *own), fmt.Sprintf("%#v", *own))
		}
		for _, form := range forms {
			if strings.Contains(form, p) {
				t.Errorf("%s: %s contains %s", what, form, p)
			}
		}
	}
}

// TestNoPINInObjects: messages of an answer end up in a status.
func TestNoPINInObjects(t *testing.T) {
	const issue = `{"error_code":"odd_915263","warning_code":"w_915263","message":"47ab#x and 915263 and 33xx",
		"modified_fields":[{"field":"code","from":"33xx","to":"915263"},{"field":"starts_at","from":"a","to":null}]}`
	const object = `{"access_code_id":"a1","device_id":"d1","code":"47ab#x","errors":[` + issue + `],"warnings":[` + issue + `],
		"pending_mutations":[{"mutation_code":"updating_code","message":"from 47ab#x by 33xx to 915263","from":{"code":"33xx"},"to":{"code":"915263"}}]}`
	const event = `{"event_id":"e1","event_type":"access_code.changed","event_description":"47ab#x 33xx","code":"47ab#x",
		"description":"47ab#x 915263","change_reason":"44yy","changed_properties":[{"property":"code","from":"44yy","to":null}],
		"from":{"code":"33xx"},"to":null,"device_errors":[` + issue + `],"access_code_warnings":[` + issue + `]}`
	s := serve(t, ok(`{"ok":true,"access_code":`+object+`,"access_codes":[`+object+`],"events":[`+event+`],
		"device":{"device_id":"d1","errors":[{"message":"has 915263"}],"warnings":[{"message":"has 915263"}]},
		"action_attempt":{"action_attempt_id":"t1","status":"error","error":{"type":"t915263","message":"no 915263"}}}`))
	c, x := client(t, s.URL), t.Context()
	since := at(t, "2030-01-01T00:00:00Z")
	for name, do := range map[string]func() (any, error){
		"code":    func() (any, error) { return c.AccessCodes.Get(x, "a1") },
		"codes":   func() (any, error) { return c.AccessCodes.List(x, seam.ListAccessCodesRequest{DeviceID: "d1"}) },
		"events":  func() (any, error) { return c.Events.List(x, seam.ListEventsRequest{Since: &since}) },
		"device":  func() (any, error) { return c.Devices.Get(x, "d1") },
		"attempt": func() (any, error) { return c.ActionAttempts.Get(x, "t1", seam.WaitOptions{}) },
	} {
		got, err := do()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{string(out), fmt.Sprintf("%+v", got), fmt.Sprintf("%#v", got)} {
			for _, p := range []string{"47ab#x", "915263", "33xx", "44yy"} {
				if strings.Contains(form, p) {
					t.Errorf("%s contains %s: %s", name, p, form)
				}
			}
		}
	}
}

// TestNoTokenInErrors: a token of a form that nothing but the client knows.
func TestNoTokenInErrors(t *testing.T) {
	const token = "ey~opaque~token"
	s := serve(t, says(401, envelope("unauthorized", "token "+token+" is not known")))
	c := client(t, s.URL, func(o *seam.Options) { o.Auth = seam.ConsoleSessionToken(token, "w1") })
	_, err := c.Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unauthorized (status 401): token [redacted] is not known")
}

// TestCredentialsDoNotPrint: the values that hold tokens are printed sooner
// or later by somebody.
func TestCredentialsDoNotPrint(t *testing.T) {
	const cst = "seam_cst1_session"
	s := serve(t, ok(`{"ok":true,"client_session":{"token":"`+cst+`"},"workspace":{"workspace_id":"w1"}}`))
	for _, auth := range []seam.Auth{
		seam.APIKey(key), seam.PersonalAccessToken("seam_at1_token", "w1"), seam.ClientSessionToken("seam_cst1_token"),
		seam.ConsoleSessionToken("eyJtoken", "w1"), seam.PublishableKey("seam_pk1_token", "u"),
	} {
		o := seam.Options{Endpoint: s.URL, Auth: auth}
		c, err := seam.New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		if _, err := c.Workspaces.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, v := range []any{auth, &auth, o, &o, c, *c.Workspaces} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				if got := fmt.Sprintf(verb, v); strings.Contains(got, "token") && strings.Contains(got, "seam_") || strings.Contains(got, cst) || strings.Contains(got, "eyJtoken") || strings.Contains(got, key) {
					t.Errorf("%s of %T prints %s", verb, v, got)
				}
			}
		}
	}
}
