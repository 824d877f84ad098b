// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/access-codes/access-code-operator/internal/seam"
)

func envelope(errorType, message string) string {
	return fmt.Sprintf(`{"error":{"type":%q,"message":%q,"request_id":"r1"},"ok":false}`, errorType, message)
}

// TestAnswers sorts every kind of answer to a create.
func TestAnswers(t *testing.T) {
	const date = "Tue, 01 Jan 2030 00:00:00 GMT"
	long := strings.Repeat("x", 5000)
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   seam.Error
		cause  error
	}{
		{
			name:   "duplicate",
			answer: says(409, envelope("duplicate_access_code", "Cannot set duplicate access code 480915 named a2")),
			want:   seam.Error{Kind: seam.Duplicate, Type: "duplicate_access_code", Status: 409, RequestID: "r1", Message: "Cannot set duplicate access code [redacted] named a2"},
		},
		{
			name:   "duplicate with another status",
			answer: says(400, envelope("duplicate_access_code", "m")),
			want:   seam.Error{Kind: seam.Duplicate, Type: "duplicate_access_code", Status: 400, RequestID: "r1", Message: "m"},
		},
		{
			name:   "conflict of another type",
			answer: says(409, envelope("device_is_busy", "m")),
			want:   seam.Error{Kind: seam.Refused, Type: "device_is_busy", Status: 409, RequestID: "r1", Message: "m"},
		},
		{
			name:   "device not found, request id in the header",
			answer: says(404, envelope("device_not_found", "m"), "seam-request-id", "h1"),
			want:   seam.Error{Kind: seam.NotFound, Type: "device_not_found", Status: 404, RequestID: "h1", Message: "m"},
		},
		{
			name:   "caller not found",
			answer: says(401, envelope("workspace_not_found", "m")),
			want:   seam.Error{Kind: seam.Unauthorized, Type: "workspace_not_found", Status: 401, RequestID: "r1", Message: "m"},
		},
		{
			name:   "route not found",
			answer: says(404, envelope("route_not_found", "m")),
			want:   seam.Error{Kind: seam.Refused, Type: "route_not_found", Status: 404, RequestID: "r1", Message: "m"},
		},
		{
			name:   "plain 404",
			answer: says(404, "404", "seam-request-id", "h1"),
			want:   seam.Error{Kind: seam.Unavailable, Status: 404, RequestID: "h1", Message: "answer is not Seam's", InDoubt: true},
		},
		{
			name:   "404 with JSON that is no envelope",
			answer: says(404, `{"error":"not_found"}`),
			want:   seam.Error{Kind: seam.Unavailable, Status: 404, Message: "answer is not Seam's", InDoubt: true},
		},
		{
			name: "invalid input",
			answer: says(400, `{"ok":false,"error":{"type":"invalid_input","message":"device_id is required","validation_errors":{
				"_errors":["odd"],"starts_at":{"_errors":["late 480915","b"]},"device_id":{"_errors":["Required"],"deep":{"_errors":["x"]}},
				"none":{"_errors":[]},"other":7}}}`),
			want: seam.Error{
				Kind: seam.InvalidInput, Type: "invalid_input", Status: 400, Message: "device_id is required",
				Validation: []seam.FieldError{
					{Field: "", Messages: []string{"odd"}},
					{Field: "device_id", Messages: []string{"Required"}},
					{Field: "device_id.deep", Messages: []string{"x"}},
					{Field: "starts_at", Messages: []string{"late [redacted]", "b"}},
				},
			},
		},
		{
			name:   "unauthorized",
			answer: says(401, envelope("unauthorized", "API Key not found")),
			want:   seam.Error{Kind: seam.Unauthorized, Type: "unauthorized", Status: 401, RequestID: "r1", Message: "API Key not found"},
		},
		{
			name:   "another reason for 401",
			answer: says(401, envelope("access_token_used_for_api_key", "m")),
			want:   seam.Error{Kind: seam.Unauthorized, Type: "access_token_used_for_api_key", Status: 401, RequestID: "r1", Message: "m"},
		},
		{
			name: "plain 401", answer: says(401, "<html>"),
			want: seam.Error{Kind: seam.Unauthorized, Status: 401, Message: "answer is not Seam's"},
		},
		{
			name:   "rate limited, seconds",
			answer: says(429, envelope("too_many_requests", "m"), "Retry-After", "17"),
			want:   seam.Error{Kind: seam.RateLimited, Type: "too_many_requests", Status: 429, RequestID: "r1", Message: "m", RetryAfter: 17 * time.Second},
		},
		{
			name: "plain 429, date", answer: says(429, "slow down", "Date", date, "Retry-After", "Tue, 01 Jan 2030 00:01:30 GMT"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's", RetryAfter: 90 * time.Second},
		},
		{
			name: "rate limited, date in the past", answer: says(429, "", "Date", date, "Retry-After", "Mon, 31 Dec 2029 00:00:00 GMT"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's"},
		},
		{
			name: "rate limited, date without the server's clock", answer: says(429, "", "Date", "no date", "Retry-After", "Tue, 01 Jan 2030 00:00:45 GMT"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's", RetryAfter: 35 * time.Second},
		},
		{
			name: "rate limited, nonsense", answer: says(429, "", "Retry-After", "soon"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's"},
		},
		{
			name: "rate limited, negative", answer: says(429, "", "Retry-After", "-5"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's"},
		},
		{
			name: "rate limited, for ever", answer: says(429, "", "Retry-After", "999999999999"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is not Seam's", RetryAfter: 24 * time.Hour},
		},
		{
			name:   "other refusal",
			answer: says(405, envelope("method_not_allowed", "only POST accepted")),
			want:   seam.Error{Kind: seam.Refused, Type: "method_not_allowed", Status: 405, RequestID: "r1", Message: "only POST accepted"},
		},
		{
			name: "plain 400", answer: says(400, "Invalid JSON"),
			want: seam.Error{Kind: seam.Unavailable, Status: 400, Message: "answer is not Seam's", InDoubt: true},
		},
		{
			name:   "server error with an envelope that claims to know",
			answer: says(500, envelope("access_code_not_found", "m")),
			want:   seam.Error{Kind: seam.Unavailable, Type: "access_code_not_found", Status: 500, RequestID: "r1", Message: "m", InDoubt: true, Ended: true},
		},
		{
			name:   "an error of Seam's own, its request id in the header",
			answer: says(503, `{"error":{"type":"service_unavailable","message":"m"}}`, "seam-request-id", "h1"),
			want:   seam.Error{Kind: seam.Unavailable, Type: "service_unavailable", Status: 503, RequestID: "h1", Message: "m", InDoubt: true, Ended: true},
		},
		{
			name:   "an error of Seam's own, without a request id",
			answer: says(500, `{"error":{"type":"internal_server_error","message":"m"},"ok":false}`),
			want:   seam.Error{Kind: seam.Unavailable, Type: "internal_server_error", Status: 500, Message: "m", InDoubt: true, Ended: true},
		},
		{
			name:   "an error in a gateway's own envelope",
			answer: says(503, `{"error":{"type":"no_backend","message":"m"}}`),
			want:   seam.Error{Kind: seam.Unavailable, Type: "no_backend", Status: 503, Message: "m", InDoubt: true},
		},
		{
			name:   "a gateway that found nobody",
			answer: says(502, envelope("bad_gateway", "m")),
			want:   seam.Error{Kind: seam.Unavailable, Type: "bad_gateway", Status: 502, RequestID: "r1", Message: "m", InDoubt: true},
		},
		{
			name:   "a gateway that gave up waiting",
			answer: says(504, envelope("gateway_timeout", "m")),
			want:   seam.Error{Kind: seam.Unavailable, Type: "gateway_timeout", Status: 504, RequestID: "r1", Message: "m", InDoubt: true},
		},
		{
			name: "outage", answer: says(503, "", "seam-request-id", "h1", "Retry-After", "3"),
			want: seam.Error{Kind: seam.Unavailable, Status: 503, RequestID: "h1", Message: "answer is not Seam's", RetryAfter: 3 * time.Second, InDoubt: true},
		},
		{
			name: "redirect", answer: says(302, "", "Location", "https://example.com/"),
			want: seam.Error{Kind: seam.Unavailable, Status: 302, Message: "answer is a redirect, which is not followed", InDoubt: true},
		},
		{
			name: "long message", answer: says(400, envelope("x", long)),
			want: seam.Error{Kind: seam.Refused, Type: "x", Status: 400, RequestID: "r1", Message: long[:299] + "…"},
		},
		{
			name: "success without object", answer: ok(`{}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer without access_code", InDoubt: true},
		},
		{
			name: "success with null", answer: ok(`{"access_code":null,"ok":true}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer without access_code", InDoubt: true},
		},
		{
			name: "success that is null", answer: ok(`null`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer without access_code", InDoubt: true},
		},
		{
			name: "success without id", answer: ok(`{"access_code":{"device_id":"d1"},"ok":true}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer with an access code without access_code_id", InDoubt: true},
		},
		{
			name: "success for another device", answer: ok(`{"access_code":{"access_code_id":"a1","device_id":"d2"},"ok":true}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: `answer has a code of device "d2" instead of "d1"`, InDoubt: true},
		},
		{
			name: "success that says it is none", answer: ok(`{"ok":false,"access_code":{"access_code_id":"a1","device_id":"d1"}}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer reports an error with a status that means success", InDoubt: true},
		},
		{
			name: "success with an error", answer: ok(`{"error":{"type":"x"},"access_code":{"access_code_id":"a1","device_id":"d1"}}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer reports an error with a status that means success", InDoubt: true},
		},
		{
			name: "not JSON", answer: ok(`<html>`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is not JSON", InDoubt: true},
		},
		{
			name: "two JSON values", answer: ok(oneCode + oneCode),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is not JSON", InDoubt: true},
		},
		{
			name: "empty", answer: ok(``),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is not JSON", InDoubt: true},
		},
		{
			name: "no content", answer: says(204, ""),
			want: seam.Error{Kind: seam.Unavailable, Status: 204, Message: "answer is not JSON", InDoubt: true},
		},
		{
			name: "list", answer: ok(`[]`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is array instead of struct", InDoubt: true},
		},
		{
			name: "wrong type", answer: ok(`{"access_code":{"access_code_id":480915}}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: `answer has number instead of string in "access_code.access_code_id"`, InDoubt: true},
		},
		{
			name: "wrong type of a code", answer: ok(`{"access_code":{"access_code_id":"a1","code":480915}}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer cannot be decoded", InDoubt: true},
		},
		{
			name: "wrong time", answer: ok(`{"access_code":{"access_code_id":"a1","starts_at":"480915"}}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer has a time that is none", InDoubt: true},
		},
		{
			name: "too long", answer: ok(`{"x":"` + strings.Repeat("y", 9000) + `"}`),
			want: seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is longer than 8192 bytes", InDoubt: true},
		},
		{
			name: "too long a refusal", answer: says(429, strings.Repeat("y", 9000), "Retry-After", "2"),
			want: seam.Error{Kind: seam.RateLimited, Status: 429, Message: "answer is longer than 8192 bytes", RetryAfter: 2 * time.Second},
		},
		{
			name: "cut", answer: cut,
			want:  seam.Error{Kind: seam.Unavailable, Status: 200, Message: "answer is cut: unexpected EOF", InDoubt: true},
			cause: io.ErrUnexpectedEOF,
		},
		{
			name: "no answer", answer: hangUp,
			want:  seam.Error{Kind: seam.Unavailable, Message: "EOF", InDoubt: true},
			cause: io.EOF,
		},
		{
			name: "time-out", answer: stall,
			want:  seam.Error{Kind: seam.Unavailable, Message: "context deadline exceeded", InDoubt: true},
			cause: context.DeadlineExceeded,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answer)
			c := client(t, s.URL, func(o *seam.Options) {
				o.MaxResponseBytes = 8192
				o.Now = func() time.Time { return time.Date(2030, 1, 1, 0, 0, 10, 0, time.UTC) }
				if tt.name == "time-out" {
					o.Timeout = 20 * time.Millisecond
				}
			})
			code, err := c.AccessCodes.Create(t.Context(), seam.CreateAccessCodeRequest{DeviceID: "d1", Code: "480915"})
			if code != nil {
				t.Errorf("returned %+v", code)
			}
			tt.want.Path = "/access_codes/create"
			checkError(t, err, tt.want, tt.cause)
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests, a create must be sent once", n)
			}
		})
	}
}

func checkError(t *testing.T, err error, want seam.Error, cause error) {
	t.Helper()
	got, own := errors.AsType[*seam.Error](err)
	if !own {
		t.Fatalf("error is %T: %v", err, err)
	}
	if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(seam.Error{})); diff != "" {
		t.Errorf("error (-want +got)\n%s", diff)
	}
	if cause == nil && errors.Unwrap(err) != nil || !errors.Is(err, cause) && cause != nil {
		t.Errorf("cause is %v, want %v", errors.Unwrap(err), cause)
	}
	if seam.KindOf(err) != got.Kind || seam.InDoubt(err) != got.InDoubt || seam.RetryAfter(err) != got.RetryAfter {
		t.Error("helpers do not agree with the fields")
	}
}

func TestWhatIsMissing(t *testing.T) {
	get := func(c *seam.Client, x context.Context) error { _, err := c.AccessCodes.Get(x, "a1"); return err }
	device := func(c *seam.Client, x context.Context) error { _, err := c.Devices.Get(x, "d1"); return err }
	list := func(c *seam.Client, x context.Context) error {
		_, err := c.AccessCodes.List(x, seam.ListAccessCodesRequest{DeviceID: "d1"})
		return err
	}
	tests := []struct {
		name             string
		answer           http.HandlerFunc
		call             func(*seam.Client, context.Context) error
		any, code, devce bool
	}{
		{name: "code", answer: says(404, envelope("access_code_not_found", "m")), call: get, any: true, code: true},
		{name: "legacy code", answer: says(404, envelope("not_found", "m")), call: get, any: true, code: true},
		{name: "device", answer: says(404, envelope("device_not_found", "m")), call: get, any: true, devce: true},
		{name: "legacy device", answer: says(404, envelope("not_found", "m")), call: device, any: true, devce: true},
		{name: "legacy something", answer: says(404, envelope("not_found", "m")), call: list, any: true},
		{name: "workspace", answer: says(404, envelope("workspace_not_found", "m")), call: get, any: true},
		{name: "plain", answer: says(404, "404"), call: get},
		{name: "outage", answer: says(500, envelope("access_code_not_found", "m")), call: get},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call(client(t, serve(t, tt.answer).URL), t.Context())
			err = fmt.Errorf("wrapped: %w", err)
			got := []bool{seam.IsNotFound(err), seam.IsAccessCodeNotFound(err), seam.IsDeviceNotFound(err)}
			if diff := cmp.Diff([]bool{tt.any, tt.code, tt.devce}, got); diff != "" {
				t.Errorf("any, code, device (-want +got)\n%s", diff)
			}
		})
	}
}

func TestErrorHelpers(t *testing.T) {
	is := map[seam.Kind]func(error) bool{
		seam.NotFound: seam.IsNotFound, seam.Duplicate: seam.IsDuplicate, seam.InvalidInput: seam.IsInvalidInput,
		seam.Unauthorized: seam.IsUnauthorized, seam.RateLimited: seam.IsRateLimited, seam.Unavailable: seam.IsUnavailable,
		seam.InvalidToken: seam.IsInvalidToken, seam.Refused: seam.IsRefused,
	}
	for kind := range is {
		err := fmt.Errorf("wrapped: %w", &seam.Error{Kind: kind, Path: "/x", Status: 418})
		for other, f := range is {
			if f(err) != (kind == other) {
				t.Errorf("Is%s of %s is %t", other, kind, f(err))
			}
		}
		if text := err.Error(); text != strings.ToLower(text) || !strings.Contains(text, "calling /x: ") || !strings.HasSuffix(text, " (status 418)") {
			t.Errorf("text %q", text)
		}
	}
	for _, err := range []error{nil, errors.New("x"), context.Canceled} {
		if seam.KindOf(err) != "" || seam.InDoubt(err) || seam.RetryAfter(err) != 0 || seam.IsAccessCodeNotFound(err) {
			t.Errorf("%v is taken for an error of this package", err)
		}
	}
}
