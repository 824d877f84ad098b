// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const headerRequestID = "seam-request-id"

// answer is one HTTP answer, read to the end.
type answer struct {
	path      string
	status    int
	requestID string
	header    http.Header
	date      time.Time // the server's clock, zero when unknown
	received  time.Time
	body      []byte
}

func newAnswer(path string, res *http.Response, received time.Time, secrets []redact.Secret) *answer {
	a := &answer{
		path:      path,
		status:    res.StatusCode,
		requestID: clean(res.Header.Get(headerRequestID), maxType, secrets),
		header:    res.Header,
		received:  received,
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		a.date = date
	}
	return a
}

// errorf returns an error about this answer. The text must be free of secrets.
func (a *answer) errorf(kind Kind, format string, args ...any) *Error {
	return &Error{
		Kind: kind, Status: a.status, Path: a.path, RequestID: a.requestID,
		Message: fmt.Sprintf(format, args...), InDoubt: kind == Unavailable,
	}
}

// reply is the type into which the body of a successful answer is decoded.
type reply interface {
	// acknowledged returns an error unless ok and error say that the call
	// succeeded.
	acknowledged() error
	// check returns an error that names what the answer lacks. What it quotes
	// is redacted later.
	check() error
}

// okReply is the part that all answers share.
type okReply struct {
	OK    *bool           `json:"ok"`
	Error json.RawMessage `json:"error"`
}

func (r *okReply) acknowledged() error {
	if r.OK != nil && !*r.OK || len(r.Error) > 0 && string(r.Error) != "null" {
		return errors.New("answer reports an error with a status that means success")
	}
	return nil
}

// emptyReply is for calls that answer with ok alone. Without it, any proxy
// that says {} to everything would look like success.
type emptyReply struct{ okReply }

func (r *emptyReply) check() error {
	if r.OK == nil {
		return errors.New("answer without ok")
	}
	return nil
}

// decode reads a successful answer.
func (a *answer) decode(into reply, secrets []redact.Secret) error {
	if err := json.Unmarshal(a.body, into); err != nil {
		return a.errorf(Unavailable, "%s", clean(decodeProblem(err), maxMessage, secrets))
	}
	if err := into.acknowledged(); err != nil {
		return a.errorf(Unavailable, "%s", err.Error())
	}
	if err := into.check(); err != nil {
		return a.errorf(Unavailable, "%s", clean(err.Error(), maxMessage, secrets))
	}
	return nil
}

// decodeProblem says what is wrong without the value: encoding/json and time
// quote it, and it may be a PIN.
func decodeProblem(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		value, _, _ := strings.Cut(wrong.Value, " ")
		if wrong.Field == "" {
			return fmt.Sprintf("answer is %s instead of %s", value, wrong.Type.Kind())
		}
		return fmt.Sprintf("answer has %s instead of %s in %q", value, wrong.Type.Kind(), wrong.Field)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "answer is not JSON"
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return "answer has a time that is none"
	}
	return "answer cannot be decoded"
}

// retryAfter reads Retry-After, in seconds or as a date. A date is taken
// relative to the server's own clock, so that a wrong clock here does no harm.
func (a *answer) retryAfter() time.Duration {
	const longest = 24 * time.Hour
	value := strings.TrimSpace(a.header.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longest/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	from := a.date
	if from.IsZero() {
		from = a.received
	}
	return min(max(at.Sub(from), 0), longest)
}
