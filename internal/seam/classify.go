// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	legacyNotFound = "not_found"
	maxMessage     = 300
	maxType        = 100
)

// wireError is the envelope {"error":{…},"ok":false}.
type wireError struct {
	OK    *bool `json:"ok"`
	Error *struct {
		Type             string          `json:"type"`
		Message          string          `json:"message"`
		RequestID        string          `json:"request_id"`
		ValidationErrors json.RawMessage `json:"validation_errors"`
	} `json:"error"`
}

// failure turns an answer other than 2xx into an error.
func (a *answer) failure(secrets []redact.Secret) *Error {
	e := a.errorf(Unavailable, "answer is not Seam's")
	e.RetryAfter = a.retryAfter()
	var body wireError
	if json.Unmarshal(a.body, &body) == nil && body.Error != nil && body.Error.Type != "" {
		e.Type = clean(body.Error.Type, maxType, secrets)
		e.Message = clean(body.Error.Message, maxMessage, secrets)
		if e.RequestID == "" {
			e.RequestID = clean(body.Error.RequestID, maxType, secrets)
		}
		e.Validation = fieldErrors(body.Error.ValidationErrors, secrets)
		e.Kind = kindOf(a.status, body.Error.Type)
		e.Ended = e.Kind == Unavailable && a.isSeams(&body, e.RequestID)
	} else {
		e.Kind = kindWithoutEnvelope(a.status)
	}
	if e.Type == "" && a.status >= 300 && a.status < 400 {
		e.Message = "answer is a redirect, which is not followed"
	}
	e.InDoubt = e.Kind == Unavailable
	return e
}

// isSeams reports whether an answer with an error.type was written by Seam
// and not by a gateway before it. One that gave up waiting, or found nobody,
// says 502 or 504, and the call may still be on its way.
func (a *answer) isSeams(body *wireError, requestID string) bool {
	switch a.status {
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return false
	}
	return a.status >= 400 && (requestID != "" || body.OK != nil && !*body.OK)
}

// kindOf goes by error.type first: the status of a refused duplicate, for
// one, is written down nowhere. A 5xx comes before both, because whatever it
// says, the service was not in a state to know.
func kindOf(status int, errorType string) Kind {
	if status < 400 || status >= 500 || status == http.StatusRequestTimeout {
		return Unavailable
	}
	switch errorType {
	case "duplicate_access_code", "duplicate_code":
		return Duplicate
	case "invalid_input":
		return InvalidInput
	case "unauthorized":
		return Unauthorized
	}
	if status == http.StatusUnauthorized {
		// Also as client_session_not_found: what is missing is the caller.
		return Unauthorized
	}
	if knownNotFound(errorType) {
		return NotFound
	}
	if status == http.StatusTooManyRequests {
		return RateLimited
	}
	return Refused
}

// kindWithoutEnvelope is for answers that Seam did not write, or not as it
// should. A plain 404 comes from a wrong endpoint or a proxy and must never
// look like a deleted code. 401 and 429 are refusals whoever says so.
func kindWithoutEnvelope(status int) Kind {
	switch status {
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusTooManyRequests:
		return RateLimited
	}
	return Unavailable
}

// knownNotFound is a list and not a suffix: a gateway's route_not_found says
// nothing about an object.
func knownNotFound(errorType string) bool {
	if errorType == legacyNotFound {
		return true
	}
	object, ok := strings.CutSuffix(errorType, "_not_found")
	return ok && slices.Contains([]string{
		"access_code", "unmanaged_access_code", "backup_access_code", "device", "workspace",
		"action_attempt", "client_session", "connected_account", "event",
	}, object)
}

// clean redacts first and cuts afterwards; the other way round, the cut could
// leave three digits of a PIN.
func clean(s string, limit int, secrets []redact.Secret) string {
	return redact.Truncate(redact.Text(s, secrets...), limit)
}
