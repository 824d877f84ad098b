// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// clockTolerance is how long before the intention a code may have been created and still count as ours. The intention is
// written with Seam's own time, known to a second or so.
const clockTolerance = time.Minute

// Intent is the stored intention to create a code. It is written before the call, so that a code whose creation was not recorded
// can be recognised as ours.
type Intent struct {
	// At is when the intention was stored, by Seam's clock, and Tried is when the last create was about to be sent.
	At, Tried time.Time
	// Name is the remote name that the code was to get.
	Name string
	// SamePIN says that the wanted PIN is still the one of that time. Then only a code with that PIN can be ours.
	SamePIN bool
	// Kept is the PIN in our Secret, also where the provider chose it; empty when there is none.
	Kept redact.Secret
}

// Find returns, of the codes of a device, the one that the intention created, and another one that blocks it because it has the
// wanted PIN. claimed says whether a code is recorded with another object; such a code is not ours.
func Find(codes []seam.AccessCode, want Desired, intent *Intent, claimed func(id string) bool) (ours, blocking *seam.AccessCode) {
	for i := range codes {
		code := &codes[i]
		if code.DeviceID != want.DeviceID {
			continue
		}
		samePIN := want.Code != "" && code.Code == want.Code
		switch {
		case intent != nil && intent.fits(code, want) && !claimed(code.AccessCodeID):
			// Where several fit, the one with the wanted PIN, or else with the PIN that we keep, is more certainly ours.
			if ours == nil || intent.proof(code, want) > intent.proof(ours, want) {
				ours = code
			}
		case samePIN:
			blocking = code
		}
	}
	return ours, blocking
}

// proof is how strongly the PIN of a code shows that the code is ours; more is stronger.
func (i *Intent) proof(code *seam.AccessCode, want Desired) int {
	switch {
	case want.Code != "" && code.Code == want.Code:
		return 2
	case i.Kept != "" && code.Code == i.Kept:
		return 1
	}
	return 0
}

func (i *Intent) fits(code *seam.AccessCode, want Desired) bool {
	if code.CreatedAt.Before(i.At.Add(-clockTolerance)) {
		return false
	}
	named := SameName(code.Name, i.Name) || SameName(code.Name, want.Name)
	if isModified(code) || hasError(code, errorModified) {
		// The name or the PIN was changed at the lock since.
		return named || i.SamePIN && want.Code != "" && code.Code == want.Code
	}
	return named && (!i.SamePIN || !codeDiffers(want, code))
}
