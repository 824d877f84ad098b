// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// The cleaner comes on Mondays and Thursdays. Between two windows the clock went back an hour.
func Example() {
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		fmt.Println(err)
		return
	}
	zone, err := zones.Load("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	cleaner, err := schedule.New(schedule.Spec{
		Weekly: &schedule.Weekly{
			Windows: []schedule.WeeklyWindow{{Days: []string{"Mon", "Thu"}, From: "09:00", To: "13:00"}},
			EndDate: "2026-10-28",
		},
		Before: 30 * time.Minute,
	}, zone)
	if err != nil {
		fmt.Println(err)
		return
	}
	present, next, afterNext := cleaner.At(time.Date(2026, 10, 22, 8, 0, 0, 0, time.UTC))
	fmt.Println(present.StartsAt, present.EndsAt)
	fmt.Println(next.StartsAt, next.EndsAt)
	fmt.Println(afterNext)
	// Output:
	// 2026-10-22 06:30:00 +0000 UTC 2026-10-22 11:00:00 +0000 UTC
	// 2026-10-26 07:30:00 +0000 UTC 2026-10-26 12:00:00 +0000 UTC
	// <nil>
}
