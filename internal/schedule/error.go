// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import "fmt"

// Error says what is wrong in a Spec or with the name of a zone. Its text is for those who wrote it: it names the field and
// the remedy.
type Error struct {
	// Field is the place below spec.schedule, such as "weekly.windows[0].to"; "schedule" is spec.schedule itself.
	Field string
	// Problem is what is wrong there, and what to write instead.
	Problem string
}

func (e *Error) Error() string { return e.Field + ": " + e.Problem }

func invalid(field, format string, arguments ...any) *Error {
	return &Error{Field: field, Problem: fmt.Sprintf(format, arguments...)}
}
