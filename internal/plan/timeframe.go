// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sosodev/duration"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// unsupportedWindow is the message for a window that a lock can't keep by any of the options that its device lists; "" where one
// may do, or none is listed. Seam itself checks the recurrence rules of an option.
func unsupportedWindow(want Desired, device *seam.Device) string {
	options := device.Properties.OnlineTimeFrameOptions
	if want.Window == nil || want.Offline || len(options) == 0 {
		return ""
	}
	faults := make([]string, 0, len(options))
	for _, option := range options {
		fault := timeFrame(option).fault(want)
		if fault == "" {
			return ""
		}
		if !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	return "The lock can't keep this window, as it takes only " + strings.Join(faults, ", or ") + ": change spec.schedule"
}

// timeFrame is a form that the window of a code may have on a lock.
type timeFrame seam.TimeFrameOption

// fault says what the form asks for that the window lacks, "" where it may fit.
func (f timeFrame) fault(want Desired) string {
	length := want.Window.EndsAt.Sub(want.Window.StartsAt)
	if least, ok := isoDuration(f.MinDuration); ok && length < least {
		return fmt.Sprintf("windows of at least %s", least)
	}
	if most, ok := isoDuration(f.MaxDuration); ok && length > most {
		return fmt.Sprintf("windows of at most %s", most)
	}
	zone := f.zone(want)
	if zone == nil {
		return ""
	}
	starts, ends := clockOf(want.Window.StartsAt, zone), clockOf(want.Window.EndsAt, zone)
	switch {
	case f.MatchingStartEndTime && starts != ends:
		return fmt.Sprintf("windows that end at the time of day at which they begin (%s)", zone)
	case len(f.TimePairs) > 0 && !slices.ContainsFunc(f.TimePairs, func(p seam.TimePair) bool { return p.StartTime == starts && p.EndTime == ends }):
		return fmt.Sprintf("windows from %s (%s)", pairs(f.TimePairs), zone)
	}
	return ""
}

// zone is that of the form's times of day: its own, where that is UTC or the lock's, else nil.
func (f timeFrame) zone(want Desired) *time.Location {
	switch {
	case f.TimeZone == "UTC":
		return time.UTC
	case want.Zone != nil && (f.TimeZone == "" || f.TimeZone == want.Zone.String()):
		return want.Zone
	}
	return nil
}

func clockOf(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

// pairs lists times of day to choose from.
func pairs(of []seam.TimePair) string {
	list := make([]string, 0, len(of))
	for _, p := range of {
		list = append(list, p.StartTime+" to "+p.EndTime)
	}
	return strings.Join(list, ", ")
}

// isoDuration reads an ISO 8601 duration such as PT672H; false for one that is empty, or that can't be read.
func isoDuration(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	d, err := duration.Parse(text)
	if err != nil {
		return 0, false
	}
	return d.ToTimeDuration(), true
}
