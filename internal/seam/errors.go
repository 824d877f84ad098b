// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Kind sorts errors by what a caller does about them.
type Kind string

// The kinds of errors. The empty Kind means that there is no *Error.
const (
	// NotFound: Seam says that the object does not exist. IsAccessCodeNotFound
	// and IsDeviceNotFound say which.
	NotFound Kind = "NotFound"
	// Duplicate: the device already has this PIN.
	Duplicate Kind = "Duplicate"
	// InvalidInput: the request is wrong in itself; see Error.Validation.
	InvalidInput Kind = "InvalidInput"
	// Unauthorized: Seam refuses the credentials.
	Unauthorized Kind = "Unauthorized"
	// RateLimited: too many calls; see Error.RetryAfter.
	RateLimited Kind = "RateLimited"
	// Unavailable: no usable answer. Nothing is known about the object, and
	// InDoubt tells whether the call may have taken effect.
	Unavailable Kind = "Unavailable"
	// InvalidToken: the credentials cannot be right; no request was made.
	InvalidToken Kind = "InvalidToken"
	// Refused: Seam refuses the call for a reason of its own; see Error.Type.
	Refused Kind = "Refused"
)

// Error is the error of every call. It holds no PIN, no token, and of the
// errors below it only those with a fixed text.
type Error struct {
	// Kind is what to branch on.
	Kind Kind
	// Type is Seam's own error.type, such as duplicate_access_code; "" when
	// the error did not come from Seam. Digits that could be a PIN are masked.
	Type string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Path is the API path, such as /access_codes/create.
	Path string
	// RequestID is Seam's name for the request, "" when unknown. It is not
	// part of the text, which would differ from try to try.
	RequestID string
	// Message is Seam's or the client's explanation, redacted and at most 300
	// characters long.
	Message string
	// RetryAfter is how long Seam asks to wait, 0 when it does not say.
	RetryAfter time.Duration
	// Validation lists what is wrong with which field, sorted by field.
	Validation []FieldError
	// InDoubt is true when the call may have taken effect all the same.
	InDoubt bool
	// Ended is true when InDoubt is, but Seam itself has answered: the call is
	// no longer under way, and has had its effect, if any.
	Ended bool

	// cause has a fixed text: keeping the original would keep what it quotes.
	cause error
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	// Field is the JSON name, nested ones joined by dots; "" is the request
	// as a whole.
	Field string
	// Messages are Seam's, redacted.
	Messages []string
}

// Error is the same for the same failure: without request id, time and address.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString("calling " + e.Path + ": ")
	}
	what := e.Type
	if what == "" {
		what = e.Kind.words()
	}
	b.WriteString(what)
	if e.Status != 0 {
		b.WriteString(" (status " + strconv.Itoa(e.Status) + ")")
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return b.String()
}

func (k Kind) words() string {
	switch k {
	case NotFound:
		return "not found"
	case InvalidInput:
		return "invalid input"
	case RateLimited:
		return "rate limited"
	case InvalidToken:
		return "invalid token"
	}
	return strings.ToLower(string(k))
}

// Unwrap gives context.Canceled, context.DeadlineExceeded, a system error
// number or the like, or nil.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of the *Error in err's chain, "" when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// RetryAfter returns how long Seam asked to wait, 0 when it did not say.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// InDoubt reports whether the call may have taken effect although err came
// back: after a lost connection, a time-out, a 5xx, or an answer that cannot
// be read. It is false for a definite refusal and when nothing was sent. An
// error that did not come from this package is not in doubt.
func InDoubt(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.InDoubt
}

// Ended reports whether Seam itself has answered a call that is in doubt, so
// that it is no longer under way. It is false where nobody has answered, or a
// gateway has: then the call may still arrive.
func Ended(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Ended
}

// IsNotFound reports whether Seam says that some object does not exist.
func IsNotFound(err error) bool { return KindOf(err) == NotFound }

// IsDuplicate reports whether the device already has the PIN.
func IsDuplicate(err error) bool { return KindOf(err) == Duplicate }

// IsInvalidInput reports whether the request was wrong in itself.
func IsInvalidInput(err error) bool { return KindOf(err) == InvalidInput }

// IsUnauthorized reports whether Seam refused the credentials.
func IsUnauthorized(err error) bool { return KindOf(err) == Unauthorized }

// IsRateLimited reports whether there were too many calls.
func IsRateLimited(err error) bool { return KindOf(err) == RateLimited }

// IsUnavailable reports whether there was no usable answer.
func IsUnavailable(err error) bool { return KindOf(err) == Unavailable }

// IsInvalidToken reports whether the credentials were refused locally.
func IsInvalidToken(err error) bool { return KindOf(err) == InvalidToken }

// IsRefused reports whether Seam refused the call for a reason of its own.
func IsRefused(err error) bool { return KindOf(err) == Refused }

// IsAccessCodeNotFound reports whether Seam says that the access code does not
// exist: error type access_code_not_found, or the older not_found from an
// endpoint that looks up an access code.
func IsAccessCodeNotFound(err error) bool { return missing(err) == "access_code" }

// IsDeviceNotFound reports whether Seam says that the device does not exist:
// error type device_not_found, or the older not_found from /devices/get.
func IsDeviceNotFound(err error) bool { return missing(err) == "device" }

// missing names the object that a NotFound error is about, "" when unknown.
func missing(err error) string {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != NotFound {
		return ""
	}
	if e.Type != legacyNotFound {
		return strings.TrimSuffix(e.Type, "_not_found")
	}
	switch e.Path {
	case pathAccessCodeGet, pathAccessCodeUpdate, pathAccessCodeDelete, pathPullBackup,
		pathUnmanagedGet, pathUnmanagedUpdate, pathUnmanagedConvert, pathUnmanagedDelete:
		return "access_code"
	case pathDeviceGet:
		return "device"
	}
	return ""
}

func invalidToken(message string) error {
	return &Error{Kind: InvalidToken, Message: message}
}

// notSent is the error for a context that ended before anything could be sent.
func notSent(path string, cause error) error {
	return &Error{Kind: Unavailable, Path: path, Message: "not sent: " + cause.Error(), cause: cause}
}

// invalidRequest is the error for a fault that is found before anything is
// sent.
func invalidRequest(path, message string) error {
	return &Error{Kind: InvalidInput, Path: path, Message: message}
}
