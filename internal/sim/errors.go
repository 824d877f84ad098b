// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"math"
	"net/http"
	"time"
)

// apiError is an answer other than 200, in the words of the API.
type apiError struct {
	status     int
	kind       string // error.type
	message    string
	data       map[string]any
	validation map[string]any // only with invalid_input
	retryAfter time.Duration  // header Retry-After, whole seconds, rounded up
	plain      string         // body sent as it is, in place of the envelope
}

func fail(status int, kind, format string, args ...any) *apiError {
	return &apiError{status: status, kind: kind, message: fmt.Sprintf(format, args...)}
}

// invalidInput is the 400 of a request that is wrong as a whole, not in one field.
func invalidInput(format string, args ...any) *apiError {
	err := fail(http.StatusBadRequest, "invalid_input", format, args...)
	err.validation = map[string]any{"_errors": []string{err.message}}
	return err
}

// codeNotFound is what get, update and delete answer for an unknown id.
func codeNotFound(data map[string]any) *apiError {
	err := fail(http.StatusNotFound, "access_code_not_found",
		"Could not find an access_code with device_id or access_code_id")
	err.data = data
	return err
}

func deviceNotFound(deviceID string) *apiError {
	err := fail(http.StatusNotFound, "device_not_found", "Device not found")
	err.data = map[string]any{"device_id": deviceID}
	return err
}

func (e *apiError) reply(date time.Time, requestID string) reply {
	r := reply{status: e.status, date: date, requestID: requestID, retryAfter: wholeSeconds(e.retryAfter)}
	if e.plain != "" {
		r.contentType, r.body = "text/plain; charset=utf-8", []byte(e.plain)
		return r
	}
	object := map[string]any{"type": e.kind, "message": e.message, "request_id": requestID}
	if e.data != nil {
		object["data"] = e.data
	}
	if e.validation != nil {
		object["validation_errors"] = e.validation
	}
	return r.withJSON(map[string]any{"error": object, "ok": false})
}

// wholeSeconds rounds up: a client that waits less would be refused again.
func wholeSeconds(d time.Duration) int {
	return int(math.Ceil(d.Seconds()))
}
