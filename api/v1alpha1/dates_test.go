// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// undecodable are times that "format: date-time" lets through and Go can't read. A single object with one of them
// would stop the informer, and with it the operator, for everybody.
var undecodable = []struct{ name, value string }{
	{"lower case", "2099-01-01t00:00:00z"},
	{"lower case, with offset", "2099-01-01t00:00:00+01:00"},
	{"an offset of 25 hours", "2099-01-01T00:00:00+25:00"},
	{"an offset of 61 minutes", "2099-01-01T00:00:00+01:61"},
}

func TestUndecodableTimesAreRefused(t *testing.T) {
	t.Parallel()
	const condition = `{"conditions":[{"type":"Ready","status":"True","reason":"R","message":"","lastTransitionTime":"%s"}]}`
	tests := []struct{ name, kind, field, fields, word string }{
		{"startsAt", "AccessCode", "spec.schedule.startsAt", `{"deviceID":"d","schedule":{"startsAt":"%s","endsAt":"2099-02-01T00:00:00Z"}}`, "spec.schedule.startsAt must be a date and time such as"},
		{"endsAt", "AccessCode", "spec.schedule.endsAt", `{"deviceID":"d","schedule":{"endsAt":"%s"}}`, "spec.schedule.endsAt must be a date and time such as"},
		{"status startsAt", "AccessCode", "status.startsAt", `{"startsAt":"%s"}`, "status.startsAt must be a date and time"},
		{"status endsAt", "AccessCode", "status.endsAt", `{"endsAt":"%s"}`, "status.endsAt must be a date and time"},
		{"error", "AccessCode", "status.errors[0].createdAt", `{"errors":[{"code":"e","createdAt":"%s"}]}`, "createdAt must be a date and time"},
		{"warning", "AccessCode", "status.warnings[0].createdAt", `{"warnings":[{"code":"w","createdAt":"%s"}]}`, "createdAt must be a date and time"},
		{"condition", "AccessCode", "status.conditions", condition, "lastTransitionTime must be a date and time"},
		{"condition of a workspace", "SeamWorkspace", "status.conditions", condition, "lastTransitionTime must be a date and time"},
	}
	ns := namespace(t)
	for _, test := range tests {
		try := statusOf(t, test.kind, ns)
		if test.field[:4] == "spec" {
			try = func(spec string) error {
				return cluster.strict.Create(t.Context(), manifest(t, test.kind, ns, spec))
			}
		}
		t.Run(test.name, func(t *testing.T) {
			(*refusal)(nil).check(t, try(fmt.Sprintf(test.fields, "2099-01-01T00:00:00.123456789+05:30")))
			for _, time := range undecodable {
				t.Run(time.name, func(t *testing.T) {
					refused(test.field, test.word).check(t, try(fmt.Sprintf(test.fields, time.value)))
				})
			}
			decodes(t, ns)
		})
	}
}

// TestOddTimes: whatever unusual time is admitted can be decoded, and read again after Go has written it.
func TestOddTimes(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"2099-12-31T23:59:60Z", "2099-01-01T24:00:00Z", "2099-02-29T00:00:00Z", "2099-01-01T00:00:00,5Z", "2099-01-01T00:00:00x5Z",
		"2099-01-01T00:00:00+24:00", "2099-01-01T00:00:00-23:59", "2099-01-01T00:00:00", "2099-01-01T00:00Z", "2099-01-01 00:00:00Z",
		"2099-01-01", "2099-1-1T0:0:0Z", "2099-01-01T00:00:00.Z", "2099-01-01T00:00:00.0000000000000001Z", "2099-01-01T00:00:00 Z",
		"2099-01-01T00:00:00Z\n", " 2099-01-01T00:00:00Z", "2099-01-01T00:00:00ZZ", "2099-01-01T00:00:00+0100", "2099-01-01T00:00:00Z+01:00",
		"9999-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00",
		"1999-12-31T23:59:59Z", "2000-01-01T00:00:00+01:00", "-2099-01-01T00:00:00Z", "+2099-01-01T00:00:00Z", "", "null", "tomorrow",
	} {
		t.Run(value, func(t *testing.T) {
			ns := namespace(t)
			for _, spec := range []string{
				`{"deviceID":"d","schedule":{"endsAt":%q}}`, `{"deviceID":"d","schedule":{"startsAt":%q,"endsAt":"9999-12-31T23:59:59Z"}}`,
			} {
				object := manifest(t, "AccessCode", ns, fmt.Sprintf(spec, value))
				if err := cluster.strict.Create(t.Context(), object); err != nil {
					if !apierrors.IsInvalid(err) {
						t.Errorf("refused otherwise than as invalid: %v", err)
					}
					continue
				}
				decodes(t, ns)
				code := accessCode(t, object)
				if err := cluster.strict.Update(t.Context(), code); err != nil {
					t.Errorf("admitted, but refused as Go writes it: %v", err)
				}
			}
		})
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	window := func(starts, ends string) string {
		return fmt.Sprintf(`{"deviceID":"d","schedule":{"startsAt":%q,"endsAt":%q}}`, starts, ends)
	}
	after := refused("spec.schedule", "spec.schedule.endsAt must be after spec.schedule.startsAt: move one of them")
	run(t, "AccessCode", []admission{
		{"end after start", window("2026-12-01T15:00:00Z", "2026-12-05T11:00:00Z"), nil},
		{"end a second after start", window("2026-12-01T15:00:00Z", "2026-12-01T15:00:01Z"), nil},
		{"end at start", window("2026-12-01T15:00:00Z", "2026-12-01T15:00:00Z"), after},
		{"end before start", window("2026-12-05T11:00:00Z", "2026-12-01T15:00:00Z"), after},
		{"end at start in another zone", window("2026-12-01T15:00:00Z", "2026-12-01T16:00:00+01:00"), after},
		{"end after start, earlier on the clock of its zone", window("2026-12-01T15:00:00Z", "2026-12-01T14:00:00-02:00"), nil},
		{"no start", `{"deviceID":"d","schedule":{"endsAt":"2026-12-05T11:00:00Z"}}`, nil},
		{"a start of null is no start", `{"deviceID":"d","schedule":{"startsAt":null,"endsAt":"2026-12-05T11:00:00Z"}}`, nil},
		{
			"a start in another century", window("1999-12-01T15:00:00Z", "2026-12-05T11:00:00Z"),
			refused("spec.schedule.startsAt", "spec.schedule.startsAt must be", "years 2000 to 9999"),
		},
		{
			"an end in another century", `{"deviceID":"d","schedule":{"endsAt":"1999-12-05T11:00:00Z"}}`,
			refused("spec.schedule.endsAt", "spec.schedule.endsAt must be", "years 2000 to 9999"),
		},
		{
			"an end beyond what can be written", `{"deviceID":"d","schedule":{"endsAt":"9999-12-31T23:59:59-01:00"}}`,
			refused("spec.schedule.endsAt", "spec.schedule.endsAt must be", "years 2000 to 9999"),
		},
		{
			"a start beyond what can be written", window("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59-02:00"),
			refused("spec.schedule.startsAt", "spec.schedule.startsAt must be", "years 2000 to 9999"),
		},
		{
			"a day", `{"deviceID":"d","schedule":{"endsAt":"2026-12-05"}}`,
			refused("spec.schedule.endsAt", "spec.schedule.endsAt", "date-time"),
		},
		{"a leap day", window("2028-02-29T00:00:00Z", "2028-02-29T23:59:59Z"), nil},
		{"both ends of the world", window("2028-02-29T00:00:00+14:00", "2028-02-29T00:00:00-12:00"), nil},
		{"the hour that is there twice in autumn", window("2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"), nil},
		{
			"a leap day in a year that has none", window("2027-02-29T00:00:00Z", "2027-12-05T11:00:00Z"),
			refused("spec.schedule.startsAt", "spec.schedule.startsAt", "date-time"),
		},
		{
			"a leap second", `{"deviceID":"d","schedule":{"endsAt":"2028-12-31T23:59:60Z"}}`,
			refused("spec.schedule.endsAt", "spec.schedule.endsAt", "date-time"),
		},
		{
			"a number", `{"deviceID":"d","schedule":{"endsAt":1796468400}}`,
			refused("spec.schedule.endsAt", "must be of type date-time"),
		},
	})
}
