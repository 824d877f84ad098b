// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package contract checks requests and responses against the official OpenAPI document of Seam's API, which npm package
// @seamapi/types carries, and to the types of the official client, npm package @seamapi/http, which are newer. types.mjs makes
// an OpenAPI document of these.
//
// Wrap puts the check before any handler that plays Seam. It works only where the
// environment variables SEAM_OPENAPI and SEAM_TYPES name the two as JSON files ("make
// test-contract" sees to that); elsewhere, and so in "make test", the handler stays as it is.
//
// # What is checked
//
//   - The path and the verb are declared, and so is the way to authenticate.
//   - Every field of a body, every parameter of a query and every field of an answer is
//     declared and has the declared form, formats included. A field that the document does
//     not know is refused everywhere, although the document itself leaves objects open.
//   - What is not 200 is an error in Seam's envelope, of a status that Seam is known to use,
//     with the request id of its header.
//   - The types know the same fields, without formats and errors, and of the verbs the one that
//     the client uses.
//   - Every field that the client of this project reads is declared in both, and is not called
//     deprecated but for a list with reasons.
//   - Every error and warning of the types counts in a decision of internal/plan, or is listed.
//
// # What is not
//
//   - Paths under /_sim/, with which tests steer the simulator, and /health.
//   - Answers that a test has spoilt by ordering a fault at the simulator. They are counted.
//
// Where the document contradicts what is known of the service, Deviations has an entry, and
// where the types do, TypeDeviations has one. Each fails as soon as there is nothing left that
// the entry puts right.
package contract
