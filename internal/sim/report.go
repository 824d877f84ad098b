// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"math"
	"net/http"
	"strings"
)

func constraintRoutes() []route {
	return []route{endpoint("/access_codes/report_device_constraints", creates(), parseReport, reportConstraints)}
}

// reportInput is what a customer knows of a lock that the service cannot find out.
type reportInput struct {
	deviceID string
	lengths  []int
}

// parseReport reads a list of lengths, or makes one of the two bounds.
func parseReport(in *input) reportInput {
	p := reportInput{deviceID: in.requiredID("device_id"), lengths: in.lengths("supported_code_lengths")}
	shortest, longest := in.length("min_code_length"), in.length("max_code_length")
	bounds := in.has("min_code_length") || in.has("max_code_length")
	switch {
	case bounds == in.has("supported_code_lengths"):
		in.reject("Either 'supported_code_lengths' or 'min_code_length' and 'max_code_length' must be provided")
	case bounds && in.has("min_code_length") != in.has("max_code_length"):
		in.reject("Both 'min_code_length' and 'max_code_length' must be provided if one is")
	case shortest > longest:
		in.note("min_code_length", "Must not be greater than max_code_length")
	case bounds:
		for n := shortest; n <= longest; n++ {
			p.lengths = append(p.lengths, n)
		}
	case len(p.lengths) == 0:
		in.note("supported_code_lengths", "Array must contain at least 1 element(s)")
	}
	return p
}

// reportConstraints stores what the lock accepts. SmartThings is the only provider that can't find out by itself.
func reportConstraints(c *call, p reportInput) (result, *apiError) {
	d := c.device(p.deviceID)
	switch {
	case d == nil:
		return nil, deviceNotFound(p.deviceID)
	case !strings.HasPrefix(d.Type, "smartthings_"):
		return nil, fail(http.StatusBadRequest, "device_type_not_supported", "Constraints can be reported for SmartThings devices only")
	}
	d.SupportedCodeLengths = p.lengths
	return result{}, nil
}

// length is an optional number of digits.
func (in *input) length(name string) int {
	value, ok := in.values[name]
	if !ok {
		return 0
	}
	return in.digits(name, value)
}

// lengths is a list of such numbers.
func (in *input) lengths(name string) []int {
	value, ok := in.values[name]
	if !ok {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		in.note(name, "Expected array, received "+jsonType(value))
	}
	list := make([]int, len(items))
	for i, item := range items {
		list[i] = in.digits(name, item)
	}
	return list
}

// digits has bounds that are wider than those of a PIN.
func (in *input) digits(name string, value any) int {
	number, ok := value.(float64)
	switch {
	case !ok:
		in.note(name, "Expected number, received "+jsonType(value))
	case number < 4 || number > 20 || number != math.Trunc(number):
		in.note(name, "Must be a whole number from 4 to 20")
	default:
		return int(number)
	}
	return 0
}
