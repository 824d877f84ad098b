// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import "github.com/access-codes/access-code-operator/internal/seam"

// Values of the label outcome: how a request to Seam may end, whatever error types Seam has.
const (
	outcomeOK           = "ok"
	outcomeNotFound     = "not_found"
	outcomeDuplicate    = "duplicate"
	outcomeInvalidInput = "invalid_input"
	outcomeRefused      = "refused"
	outcomeUnauthorized = "unauthorized"
	outcomeRateLimited  = "rate_limited"
	outcomeUnavailable  = "unavailable"
	outcomeCanceled     = "canceled"
)

var outcomes = []string{
	outcomeOK, outcomeNotFound, outcomeDuplicate, outcomeInvalidInput, outcomeRefused, outcomeUnauthorized,
	outcomeRateLimited, outcomeUnavailable, outcomeCanceled,
}

func outcomeOf(info seam.Info) string {
	switch info.Kind {
	case "":
		return outcomeOK
	case seam.NotFound:
		return outcomeNotFound
	case seam.Duplicate:
		return outcomeDuplicate
	case seam.InvalidInput:
		return outcomeInvalidInput
	case seam.Unauthorized, seam.InvalidToken:
		return outcomeUnauthorized
	case seam.RateLimited:
		return outcomeRateLimited
	case seam.Unavailable:
		if info.Canceled {
			return outcomeCanceled
		}
		return outcomeUnavailable
	}
	return outcomeRefused
}
