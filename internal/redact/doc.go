// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package redact takes PINs and tokens out of anything that is kept: log
// lines, events, conditions, errors. A PIN in any of them is readable by
// people who may see an object but not open a door, and neither log nor event
// can be taken back.
//
// Two tools: Secret is a value that does not print, and Text cleans a
// sentence that somebody else wrote. A hash of a PIN is no substitute for
// either, for ten thousand guesses undo it.
package redact
