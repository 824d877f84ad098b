// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestUnsupportedWindow(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("Asia/Tokyo", 9*60*60)
	// In Tokyo, from 15:00 on one day to 11:00 on another.
	stay := &plan.Window{StartsAt: time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 12, 5, 2, 0, 0, 0, time.UTC)}
	whole := &plan.Window{StartsAt: stay.StartsAt, EndsAt: stay.StartsAt.Add(72 * time.Hour)}
	times := func(pairs ...string) (list []seam.TimePair) {
		for _, pair := range pairs {
			from, to, _ := strings.Cut(pair, "-")
			list = append(list, seam.TimePair{StartTime: from, EndTime: to})
		}
		return list
	}
	type options = []seam.TimeFrameOption
	for _, test := range []struct {
		name, reason string
		window       *plan.Window
		zone         *time.Location
		options      options
		want         string // "" where it may do
	}{
		{"no option", "most locks have none", stay, tokyo, nil, ""},
		{"no window", "an ongoing code has none to keep", nil, tokyo, options{{MaxDuration: "PT1H"}}, ""},
		{"short enough", "", stay, tokyo, options{{MaxDuration: "PT672H"}}, ""},
		{"too long", "", stay, tokyo, options{{MaxDuration: "P2D"}}, "windows of at most 48h"},
		{"too short", "", stay, tokyo, options{{MinDuration: "P1W"}}, "windows of at least 168h"},
		{"no duration", "a lock with odd data is Seam's to judge", stay, tokyo, options{{MaxDuration: "a while"}}, ""},
		{"whole days", "", whole, tokyo, options{{MatchingStartEndTime: true}}, ""},
		{"no whole days", "", stay, tokyo, options{{MatchingStartEndTime: true}}, "at which they begin (Asia/Tokyo)"},
		{"a pair", "", stay, tokyo, options{{TimePairs: times("14:00-10:00", "15:00-11:00"), TimeZone: "Asia/Tokyo"}}, ""},
		{"no pair", "", stay, tokyo, options{{TimePairs: times("14:00-10:00", "16:00-11:00")}}, "windows from 14:00 to 10:00, 16:00 to 11:00 (Asia/Tokyo)"},
		{"a pair in UTC", "", stay, nil, options{{TimePairs: times("06:00-02:00"), TimeZone: "UTC"}}, ""},
		{"no pair in UTC", "", stay, nil, options{{TimePairs: times("15:00-11:00"), TimeZone: "UTC"}}, "(UTC)"},
		{"no zone", "times of day mean nothing then", stay, nil, options{{TimePairs: times("01:00-02:00")}}, ""},
		{"another zone", "it is not the lock's", stay, tokyo, options{{TimePairs: times("01:00-02:00"), TimeZone: "Europe/Berlin"}}, ""},
		{"the second option", "one is enough", stay, tokyo, options{{MaxDuration: "PT1H"}, {MaxDuration: "PT672H"}}, ""},
		{"none of two", "each says why not", stay, tokyo, options{{MaxDuration: "PT1H"}, {MinDuration: "PT672H"}}, "at most 1h0m0s, or windows of at least 672h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			device := deviceWith(nil)
			device.Properties.OnlineTimeFrameOptions = test.options
			desired := want(func(d *plan.Desired) { d.Window, d.Zone = test.window, test.zone })
			got := plan.Unsupported(desired, device)
			if test.want == "" && got != "" || !strings.Contains(got, test.want) || got != "" && !strings.Contains(got, "spec.schedule") {
				t.Errorf("%q, want %q: %s", got, test.want, test.reason)
			}
		})
	}
}
