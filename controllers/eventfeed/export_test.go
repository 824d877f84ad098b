// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package eventfeed

// FailedRead is for tests.
const FailedRead = failedRead
