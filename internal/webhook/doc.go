// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package webhook receives the events that Seam sends by webhook, so that a change is noticed when it happens and not at the
// next poll.
//
// # What is received
//
// Seam's webhooks are delivered by Svix (docs.seam.co, developer-tools/webhooks): each event is the body of one POST,
// signed with the secret of the webhook. A message that is not answered with 2xx comes again: immediately, after 5 s,
// 5 min, 30 min, 2 h, 5 h, 10 h and 10 h. Neither order nor "exactly once" is promised.
//
// The signature is HMAC-SHA256 over "id.timestamp.body" (docs.svix.com, receiving/verifying-payloads/how-manual). The
// key is the base64 in the secret, the id and the timestamp are in headers, and a header may have several signatures.
// A timestamp more than five minutes off is refused.
//
// # What is answered
//
//	204  delivered, or delivered before
//	400  signed, and no event
//	401  not signed with a secret of this workspace, or too old, or from the future
//	404  no such path; no such SeamWorkspace, or one that takes no webhooks
//	405  not a POST
//	413  more than 1 MiB
//	503  not the leader, too many at once, secrets that can't be read, or the event could not be passed on: it comes again
//
// No answer has a body. A SeamWorkspace that is not there looks like a path that is not there; one that takes webhooks
// answers 401 to a forgery, so whoever guesses its name learns that it is there, and nothing else.
//
// # What an event is worth
//
// An event is only a reason to read the object again: it may be late, out of order or a replay. That is why delivering a
// message twice does no harm. The ids of the newest messages are kept for as long as a copy could still pass for new, to
// save work.
//
// Events carry PINs. This package writes nothing of a message to the log, nor the errors of the functions in Options,
// for it can't know what is in them.
//
// The receiver speaks plain HTTP: whatever makes it reachable from outside ends TLS.
package webhook
