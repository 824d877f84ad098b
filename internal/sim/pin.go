// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a PIN in the OpenAPI document, in digits.
const (
	minPIN = 4
	maxPIN = 12
)

// refusal says why the device cannot take a PIN, empty when it can. It never repeats
// the PIN.
func (d *device) refusal(pin string) string {
	if len(d.SupportedCodeLengths) > 0 && !slices.Contains(d.SupportedCodeLengths, len(pin)) {
		return fmt.Sprintf("Device supports PIN codes of %s digits", joinInts(d.SupportedCodeLengths))
	}
	for _, c := range d.CodeConstraints {
		if violates(c.ConstraintType, pin) {
			return "PIN code violates the device's constraint " + c.ConstraintType
		}
		if c.ConstraintType == "unique_first_four_digits" && d.hasPrefix(pin[:4], pin) {
			return "PIN code violates the device's constraint " + c.ConstraintType
		}
	}
	return ""
}

func (d *device) hasPrefix(prefix, except string) bool {
	for pin := range d.pins {
		if pin != except && strings.HasPrefix(pin, prefix) {
			return true
		}
	}
	return false
}

// choosePIN picks a free PIN that fits. Where the device does not have the preferred length, it takes the shortest. It tries at
// random first; a full search then decides whether there is any left.
func (d *device) choosePIN(preferred int) (string, *apiError) {
	pin, found := searchPIN(d.lengthFor(preferred), func(pin string) bool { return d.free(pin) && d.refusal(pin) == "" })
	if !found {
		return "", invalidInput("No PIN code is left that suits the device")
	}
	return pin, nil
}

// searchPIN looks for a PIN that suits. Lengths beyond the API's own limit, which report_device_constraints allows, are not
// searched.
func searchPIN(length int, suits func(pin string) bool) (string, bool) {
	if length > maxPIN {
		return "", false
	}
	space := 1
	for range length {
		space *= 10
	}
	start := rand.IntN(space)
	const stride = 7_919 // prime to every power of ten: visits each PIN once
	for i := range min(space, 1_000_000) {
		if pin := fmt.Sprintf("%0*d", length, (start+i*stride)%space); suits(pin) {
			return pin, true
		}
	}
	return "", false
}

func (d *device) lengthFor(preferred int) int {
	if len(d.SupportedCodeLengths) == 0 {
		if preferred >= minPIN && preferred <= maxPIN {
			return preferred
		}
		return minPIN
	}
	if slices.Contains(d.SupportedCodeLengths, preferred) {
		return preferred
	}
	return slices.Min(d.SupportedCodeLengths)
}

func (d *device) free(pin string) bool {
	return d.pins[pin] == nil && d.foreign[pin] == nil
}

// assignPIN chooses a PIN as a provider does.
func (w *world) assignPIN(c *accessCode) {
	if pin, err := c.device.choosePIN(0); err == nil {
		c.device.changePIN(c, pin)
	}
}

func joinInts(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
