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

// failure turns an answer with a status other than 2xx into an error.
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

// isSeams reports whether an answer with an error.type was written by Seam and
// not by a gateway before it. A gateway whose wait ended, or that found no
// server, answers 502 or 504, and the call may still be on its way.
func (a *answer) isSeams(body *wireError, requestID string) bool {
	switch a.status {
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return false
	}
	return a.status >= 400 && (requestID != "" || body.OK != nil && !*body.OK)
}

// kindOf goes by error.type first, as the status of some refusals, such as that
// of a duplicate, is not documented. A 5xx comes before both: whatever its type
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

// kindWithoutEnvelope is for answers without Seam's error envelope. A plain 404
// comes from a wrong endpoint or a proxy and must never look like a deleted
// code. 401 and 429 are refusals, whoever sends them.
func kindWithoutEnvelope(status int) Kind {
	switch status {
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusTooManyRequests:
		return RateLimited
	}
	return Unavailable
}

// knownNotFound compares with a list and not with a suffix: route_not_found,
// from a gateway, says nothing about an object.
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

// clean redacts first and cuts afterwards. In the other order, the cut could
// leave three digits of a PIN.
func clean(s string, limit int, secrets []redact.Secret) string {
	return redact.Truncate(redact.Text(s, secrets...), limit)
}
