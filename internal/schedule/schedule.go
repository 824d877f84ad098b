// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import "time"

// Window is a time in which a code opens its lock: from StartsAt, inclusive, to EndsAt, exclusive, both in UTC. Only weekly
// windows that leave no time out have no begin, or no end: StartsAt, or EndsAt, is then zero.
type Window struct {
	StartsAt, EndsAt time.Time
}

// Contains says whether the window is open at a moment.
func (w Window) Contains(t time.Time) bool {
	return !t.Before(w.StartsAt) && (w.EndsAt.IsZero() || t.Before(w.EndsAt))
}

// Schedule knows all windows of a Spec. It never changes, and may be used by many at once.
type Schedule struct {
	// weekly are the windows of weekly windows; nil where there is a single one.
	weekly *occurrences
	single Window
}

// New makes a Schedule of a Spec. zone is that in which wall clocks are read, and is needed where Spec.NeedsZone says so;
// others ignore it. What is wrong in the Spec is an *Error. A Spec whose windows are all excepted is none of these: a
// running code must end by it. See CheckOpens.
func New(s Spec, zone *time.Location) (*Schedule, error) {
	p, err := parse(s)
	if err != nil {
		return nil, err
	}
	if s.NeedsZone() && zone == nil {
		return nil, invalid("timeZone", "it is missing, and wall clocks have no meaning without: name the lock's place, such as Europe/Berlin")
	}
	if p.weekly != nil {
		return &Schedule{weekly: newOccurrences(*p.weekly, zone, p.before, p.after)}, nil
	}
	window, starts, ends := p.moments, "startsAt", "endsAt"
	if p.local != nil {
		window, starts, ends = p.local.in(zone), "local.start", "local.end"
	}
	window = Window{StartsAt: window.StartsAt.Add(-p.before), EndsAt: window.EndsAt.Add(p.after)}
	switch {
	case window.StartsAt.Year() < firstYear:
		return nil, invalid(starts, "the window would begin before the year %d: write a later begin", firstYear)
	case window.EndsAt.Year() > lastYear:
		return nil, invalid(ends, "the window would end after the year %d: write an earlier end", lastYear)
	}
	return &Schedule{single: window}, nil
}

// What RFC 3339 can write.
const (
	firstYear = 1
	lastYear  = 9999
)

// At is how things stand at a moment: the window that is open, the next one, and the one after that; nil where there is
// none. It takes the same time however far the moment is from the windows.
func (s *Schedule) At(now time.Time) (present, next, afterNext *Window) {
	if s.weekly != nil {
		return s.weekly.at(now)
	}
	window := s.single
	switch {
	case window.Contains(now):
		return &window, nil, nil
	case now.Before(window.StartsAt):
		return nil, &window, nil
	}
	return nil, nil, nil
}

// First is the first of all windows; nil where no window ever opens, or the windows have no startDate to begin with.
func (s *Schedule) First() *Window {
	if s.weekly != nil {
		return s.weekly.firstWindow()
	}
	window := s.single
	return &window
}

// Last is the last of all windows; nil where no window ever opens, or they have no endDate.
func (s *Schedule) Last() *Window {
	if s.weekly != nil {
		return s.weekly.lastWindow()
	}
	window := s.single
	return &window
}

// NeverOpens says that there is no window: no day of weekly windows lies between the dates, or each is excepted.
func (s *Schedule) NeverOpens() bool {
	return s.weekly != nil && s.weekly.empty()
}

// CheckOpens is nil, or an *Error that tells people that, and why, no window ever opens.
func (s *Schedule) CheckOpens() error {
	if !s.NeverOpens() {
		return nil
	}
	if len(s.weekly.except) > 0 {
		return invalid("weekly.except", "no window is left, for each day that has one is excepted or outside startDate and endDate: "+
			"take a day off the list, or move the dates")
	}
	return invalid("weekly.endDate", "no window is left, for no day that has one lies between startDate and endDate: move the dates")
}
