// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package redact removes PINs and tokens from whatever is kept: log lines,
// events, conditions, errors. People who may see an object but not open a door
// could read a PIN there, and neither a log line nor an event can be taken
// back.
//
// Two tools: Secret is a value that does not print, and Text cleans a
// sentence that somebody else wrote. A hash of a PIN is no substitute for
// either, for ten thousand guesses undo it.
package redact
