// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Schedule says when a code works, in exactly one of three forms: two moments
// (endsAt, with or without startsAt), two times on the clock at the lock
// (local), or windows that come again each week (weekly). Seam works in whole
// minutes.
//
// +kubebuilder:validation:ExactlyOneOf=endsAt;local;weekly
// +kubebuilder:validation:XValidation:rule="[has(self.endsAt), has(self.local), has(self.weekly)].exists_one(form, form)",message="spec.schedule has exactly one of endsAt, local and weekly: set one of them, and remove the others"
// +kubebuilder:validation:XValidation:rule="!has(self.startsAt) || has(self.endsAt)",message="spec.schedule.startsAt goes with endsAt only: add spec.schedule.endsAt, or write the start into local.start or weekly"
// +kubebuilder:validation:XValidation:rule="!has(self.startsAt) || !has(self.endsAt) || self.endsAt > self.startsAt",message="spec.schedule.endsAt must be after spec.schedule.startsAt: move one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.timeZone) || !has(self.endsAt)",message="spec.schedule.timeZone goes with local and weekly only: startsAt and endsAt have their zone in themselves, remove timeZone"
type Schedule struct {
	// startsAt is the moment from which the code works, such as
	// "2026-12-01T15:00:00Z" or "2026-12-01T16:00:00+01:00". Only with endsAt. The
	// moment at which the AccessCode was created when left out.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 2000 && self.getFullYear() <= 9999",message="spec.schedule.startsAt must be a date and time such as \"2026-12-01T15:00:00Z\", in the years 2000 to 9999"
	StartsAt *metav1.Time `json:"startsAt,omitempty"`

	// endsAt is the moment at which the code stops working, after startsAt and
	// written like it: with seconds and a zone, in quotes.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 2000 && self.getFullYear() <= 9999",message="spec.schedule.endsAt must be a date and time such as \"2026-12-05T11:00:00Z\", in the years 2000 to 9999"
	EndsAt metav1.Time `json:"endsAt,omitzero"`

	// local is one window between two times on the clock at the lock, such as
	// check-in and check-out.
	// +optional
	Local *LocalWindow `json:"local,omitempty"`

	// weekly has windows that come again each week, such as those of a cleaner. The
	// PIN stays the same from one window to the next, unless spec.rotation says
	// otherwise.
	// +optional
	Weekly *WeeklySchedule `json:"weekly,omitempty"`

	// timeZone is the IANA name of the zone in which local and weekly are read,
	// such as "Europe/Berlin" or "UTC"; not an offset. The zone of the lock, as
	// Seam reports it, when left out. Where Seam reports none, nothing is created
	// and Ready says TimeZoneUnknown.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self != 'Local' && self.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$') && timestamp('2000-01-01T00:00:00Z').getHours(self) >= 0",message="spec.schedule.timeZone must be the IANA name of a time zone, such as \"Europe/Berlin\", \"America/New_York\" or \"UTC\": not an offset, an abbreviation of your own or \"Local\""
	TimeZone string `json:"timeZone,omitempty"`

	// before is how much earlier than written each window opens, as a duration in
	// h, m and s such as "30m" or "1h30m", 24h at most. 0s when left out.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) <= duration('24h')",message="spec.schedule.before must be a duration in h, m and s, such as \"30m\" or \"1h30m\", of 0s to 24h"
	Before *metav1.Duration `json:"before,omitempty"`

	// after is how much later than written each window closes, as a duration such
	// as before, 24h at most. 0s when left out.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) <= duration('24h')",message="spec.schedule.after must be a duration in h, m and s, such as \"30m\" or \"1h30m\", of 0s to 24h"
	After *metav1.Duration `json:"after,omitempty"`
}

// LocalWindow is a window between two times on the clock at the lock. Where the
// clocks are changed, a time that comes twice is the first of the two, and one
// that is skipped moves forward by as much as the clock does.
//
// +kubebuilder:validation:XValidation:rule="self.end > self.start",message="spec.schedule.local.end must be after spec.schedule.local.start: move one of them"
type LocalWindow struct {
	// start is the time at which the code begins to work, such as
	// "2026-12-01T15:00": date and time to the minute, without seconds and zone.
	// +required
	// +kubebuilder:validation:MinLength=16
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="spec.schedule.local.start must be a date and a time to the minute, without zone, such as \"2026-12-01T15:00\", in the years 2000 to 9999"
	Start string `json:"start,omitempty"`

	// end is the time at which the code stops working, after start and written like
	// it.
	// +required
	// +kubebuilder:validation:MinLength=16
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="spec.schedule.local.end must be a date and a time to the minute, without zone, such as \"2026-12-05T11:00\", in the years 2000 to 9999"
	End string `json:"end,omitempty"`
}

// WeeklySchedule is windows that come again each week.
//
// +kubebuilder:validation:XValidation:rule="!has(self.startDate) || !has(self.endDate) || self.endDate >= self.startDate",message="spec.schedule.weekly.endDate must not be before spec.schedule.weekly.startDate: move one of them"
type WeeklySchedule struct {
	// windows are the times of the week, 1 to 16. Windows that overlap or touch,
	// buffers included, are one.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Windows []WeeklyWindow `json:"windows,omitempty"`

	// startDate is the first day on which a window may begin, such as "2026-12-01".
	// Without it windows may begin at once.
	// +optional
	// +kubebuilder:validation:MinLength=10
	// +kubebuilder:validation:MaxLength=10
	// +kubebuilder:validation:XValidation:rule="self.matches('^[2-9]') && !format.date().validate(self).hasValue()",message="spec.schedule.weekly.startDate must be a date such as \"2026-12-01\", in the years 2000 to 9999"
	StartDate string `json:"startDate,omitempty"`

	// endDate is the last day on which a window may begin, written like startDate.
	// Without it there is no last window, and the code never expires.
	// +optional
	// +kubebuilder:validation:MinLength=10
	// +kubebuilder:validation:MaxLength=10
	// +kubebuilder:validation:XValidation:rule="self.matches('^[2-9]') && !format.date().validate(self).hasValue()",message="spec.schedule.weekly.endDate must be a date such as \"2027-06-30\", in the years 2000 to 9999"
	EndDate string `json:"endDate,omitempty"`

	// except are days on which no window begins, such as "2026-12-24", at most 64.
	// A window that began on the day before goes on. A day that is added while its
	// window is open ends that window.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=10
	// +kubebuilder:validation:items:MaxLength=10
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[2-9]') && !format.date().validate(self).hasValue()",message="spec.schedule.weekly.except must have dates such as \"2026-12-24\", in the years 2000 to 9999"
	Except []string `json:"except,omitempty"`
}

// WeeklyWindow is a window on some days of the week, on the clock at the lock.
// Where the clocks are changed, from and to are read like those of local.
type WeeklyWindow struct {
	// days are the days on which the window begins: Mon, Tue, Wed, Thu, Fri, Sat or
	// Sun, each at most once.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	// +kubebuilder:validation:XValidation:rule="self.all(day, self.exists_one(other, other == day))",message="spec.schedule.weekly.windows: days has a day twice: name each day once"
	Days []Weekday `json:"days,omitempty"`

	// from is the time at which the window begins, "00:00" to "23:59".
	// +required
	// +kubebuilder:validation:MinLength=5
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="spec.schedule.weekly.windows: from must be a time such as \"09:00\", \"00:00\" to \"23:59\""
	From string `json:"from,omitempty"`

	// to is the time at which the window ends, "00:00" to "24:00". A time at or
	// before from is on the next day; "24:00" is the end of the day.
	// +required
	// +kubebuilder:validation:MinLength=5
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",message="spec.schedule.weekly.windows: to must be a time such as \"13:00\", \"00:00\" to \"24:00\""
	To string `json:"to,omitempty"`
}

// Weekday is a day of the week.
//
// +kubebuilder:validation:Enum=Mon;Tue;Wed;Thu;Fri;Sat;Sun
type Weekday string

// The days of the week.
const (
	Monday    Weekday = "Mon"
	Tuesday   Weekday = "Tue"
	Wednesday Weekday = "Wed"
	Thursday  Weekday = "Thu"
	Friday    Weekday = "Fri"
	Saturday  Weekday = "Sat"
	Sunday    Weekday = "Sun"
)

// Rotation says when a chosen PIN is replaced by another.
type Rotation struct {
	// every is how long a PIN stays, as a duration such as "720h" (30 days), at
	// least 1h; or "Window" for another PIN in each window of spec.schedule.weekly.
	// A duration is made longer by up to a tenth of it, and an hour at most, so
	// that PINs that were chosen together are not all replaced in one minute.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == 'Window' || self.matches('^([0-9]{1,9}([.][0-9]*)?(h|m|s|ms|us|ns))+$') && duration(self) >= duration('1h')",message="spec.rotation.every must be a duration in h, m and s, such as \"720h\", of at least 1h, or Window"
	Every string `json:"every,omitempty"`
}

// RotationEveryWindow is the value of spec.rotation.every for another PIN in each window.
const RotationEveryWindow = "Window"

// WindowStatus is a time in which the code works, buffers included, in UTC.
type WindowStatus struct {
	// startsAt is when the code begins to work.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="startsAt must be a date and time"
	StartsAt metav1.Time `json:"startsAt,omitzero"`

	// endsAt is when the code stops working.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.getFullYear() >= 0",message="endsAt must be a date and time"
	EndsAt metav1.Time `json:"endsAt,omitzero"`
}
