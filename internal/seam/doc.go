// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package seam speaks the access codes API of Seam (https://connect.getseam.com).
//
// The API is RPC over POST: the path names the action, the body is JSON, and
// its unions are open. Unknown fields, states and error codes pass through;
// a wrong type, a cut answer or an answer without the object it promises is an
// error and never a zero value.
//
// Every failed call returns an *Error. Branch on its Kind, and before doing
// anything twice ask InDoubt: a create whose answer was lost may have made a
// code. For the same reason the client never repeats a call by itself (the
// exchange of an expired publishable key session is the one exception, after
// an answer that says that nothing was done).
//
// PINs and tokens are redact.Secret in requests and answers. They go over the
// wire in plaintext and appear in no error.
package seam
