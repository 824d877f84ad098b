// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// FuzzAnswer: whatever comes back, a code has the id that was asked for, and
// an error has a kind and no PIN. Run it for longer with "make fuzz".
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		oneCode, `{}`, `null`, `[]`, ``, `{"access_code":{"access_code_id":"a1","code":480915}}`,
		`{"ok":false,"error":{"type":"invalid_input","message":"480915","validation_errors":{"_errors":["480915"],"a":{"_errors":[]}}}}`,
		`{"access_code":{"access_code_id":"a1","errors":[{"error_code":"e","message":"480915","created_at":"2030-01-01T00:00:00Z"}],
			"pending_mutations":[{"mutation_code":"m","from":{"code":"1"},"to":null}]}}`,
	} {
		f.Add(200, body, "r1", "3")
		f.Add(404, body, "480915", "Tue, 01 Jan 2030 00:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, status int, body, requestID, retryAfter string) {
		if status < 200 || status > 599 {
			t.Skip("no HTTP status of a final answer")
		}
		via := roundTripper(func(*http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.Header()["Seam-Request-Id"] = []string{requestID}
			w.Header()["Retry-After"] = []string{retryAfter}
			w.WriteHeader(status)
			_, _ = w.WriteString(body)
			return w.Result(), nil
		})
		c := client(t, "", func(o *seam.Options) { o.HTTPClient = &http.Client{Transport: via} })
		code, err := c.AccessCodes.Get(t.Context(), "a1")
		switch {
		case err != nil && code != nil:
			t.Errorf("%+v together with %v", code, err)
		case err != nil:
			checkFuzzedError(t, err, body)
		case code.AccessCodeID != "a1" || status > 299:
			t.Errorf("accepted %d %q as %+v", status, body, code)
		}
		checkOthers(t, c, status, body)
	})
}

// checkOthers has the same said to calls that don't know the id beforehand, and to one that goes on while there are
// more pages.
func checkOthers(t *testing.T, c *seam.Client, status int, body string) {
	t.Helper()
	created, err := c.AccessCodes.Create(t.Context(), seam.CreateAccessCodeRequest{DeviceID: "d1", Code: "480915"})
	switch {
	case err != nil:
		checkFuzzedError(t, err, body)
	case created.AccessCodeID == "" || created.DeviceID != "d1" || status > 299:
		t.Errorf("created, by %d %q: %+v", status, body, created)
	}
	codes, err := c.AccessCodes.List(t.Context(), seam.ListAccessCodesRequest{DeviceID: "d1"})
	if err != nil {
		checkFuzzedError(t, err, body)
		if codes != nil {
			t.Errorf("%d codes together with %v", len(codes), err)
		}
	}
	for _, code := range codes {
		if code.AccessCodeID == "" || status > 299 {
			t.Errorf("listed, by %d %q: %+v", status, body, code)
		}
	}
}

func checkFuzzedError(t *testing.T, err error, body string) {
	t.Helper()
	e, own := errors.AsType[*seam.Error](err)
	if !own || e.Kind == "" || e.RetryAfter < 0 {
		t.Fatalf("error %#v", err)
	}
	if strings.Contains(err.Error()+e.RequestID+e.Type, "480915") {
		t.Errorf("PIN in %+v", e)
	}
	if seam.IsNotFound(err) && !strings.Contains(body, "error") {
		t.Errorf("not found without an envelope: %q", body)
	}
}
