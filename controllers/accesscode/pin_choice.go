// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"

	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// choose finds a PIN that suits the lock and is neither the present one nor that of the code at Seam, and stores it before
// it is used anywhere. Seam chooses one that is free on the lock. One of a certain length is drawn at random, as is one where
// Seam's does not suit; if that is taken, Seam says so and another is drawn.
func (p pinStore) choose(ctx context.Context, s snapshot, remote *seam.AccessCode) (snapshot, error) {
	value, err := choosePIN(ctx, s, remote)
	if err != nil {
		return s, fmt.Errorf("choosing a PIN: %w", err)
	}
	if _, ok := parsePIN([]byte(string(value))); !ok {
		return s, &seam.Error{Kind: seam.Unavailable, Message: "the PIN that Seam chose is not 4 to 12 digits"}
	}
	chosen, err := p.store(ctx, s.code, s.pin, value)
	if err != nil {
		return s, err
	}
	return s.withPIN(chosen), nil
}

func choosePIN(ctx context.Context, s snapshot, remote *seam.AccessCode) (redact.Secret, error) {
	former := []redact.Secret{s.pin.value}
	if remote != nil {
		former = append(former, remote.Code)
	}
	length := int(ptr.Deref(s.code.Spec.CodeLength, 0))
	if length == 0 {
		value, err := s.session.GenerateCode(ctx, s.code.Spec.DeviceID)
		if err != nil || plan.Misfit(value, 0, s.device) == "" && !slices.Contains(former, value) {
			return value, err
		}
		length = plan.LengthFor(len(value), s.device)
	}
	for {
		value, err := drawPIN(length, s.device)
		if err != nil || !slices.Contains(former, value) {
			return value, err
		}
	}
}

// drawTries is how many random PINs are checked against the rules of a device before it counts as taking none.
const drawTries = 10_000

// drawPIN draws a PIN of so many digits that the device has nothing against.
func drawPIN(digits int, device *seam.Device) (redact.Secret, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	for range drawTries {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			return "", fmt.Errorf("reading random numbers: %w", err)
		}
		if value := redact.Secret(fmt.Sprintf("%0*d", digits, n)); plan.Suits(value, device) {
			return value, nil
		}
	}
	return "", &seam.Error{Kind: seam.InvalidInput, Message: fmt.Sprintf("no PIN of %d digits suits the lock: set another spec.codeLength", digits)}
}
