// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zones.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestChangeAfter(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for from, want := range map[string]string{
		"2026-11-29T12:00:00Z": "2027-03-28T01:00:00Z",
		"2027-03-28T00:59:59Z": "2027-03-28T01:00:00Z",
		"2027-03-28T01:00:00Z": "2027-10-31T01:00:00Z",
	} {
		if got, err := changeAfter(moment(t, from), berlin); err != nil || !got.Equal(moment(t, want)) {
			t.Errorf("after %s: got %s, error %v, want %s", from, got, err, want)
		}
	}
	if got, err := changeAfter(moment(t, "2026-11-29T12:00:00Z"), zone(t, "UTC")); err == nil {
		t.Errorf("got a change of UTC at %s", got)
	}
}

// The windows of the sample have to be on both sides of the change.
func TestWeeklySampleSpansTheChange(t *testing.T) {
	c, err := castOf(readOwnSamples(t))
	if err != nil {
		t.Fatal(err)
	}
	change, err := changeAfter(moment(t, "2026-11-29T12:00:00Z"), zone(t, c.weekly.Spec.Schedule.TimeZone))
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]bool{}
	for _, window := range c.weekly.Spec.Schedule.Weekly.Windows {
		for _, day := range window.Days {
			days[string(day)] = true
		}
	}
	before := false
	for at := change.Add(-beforeChange).AddDate(0, 0, 1); at.Before(change.AddDate(0, 0, -1)); at = at.AddDate(0, 0, 1) {
		before = before || days[at.Format("Mon")]
	}
	if !before {
		t.Errorf("%v: none is within %s before the change at %s", days, beforeChange, change)
	}
}

func TestSameOnTheWall(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	before := moment(t, "2027-03-25T08:00:00Z")
	for after, same := range map[string]bool{
		"2027-03-29T07:00:00Z": true,
		"2027-03-29T08:00:00Z": false, // an hour late
		"2027-03-26T08:00:00Z": false, // before the change
	} {
		if err := sameOnTheWall(before, moment(t, after), berlin); (err == nil) != same {
			t.Errorf("%s: got error %v", after, err)
		}
	}
}

func TestReplaces(t *testing.T) {
	old := remoteCode{ID: "a", PIN: "1234"}
	for name, tc := range map[string]struct {
		code remoteCode
		ok   bool
	}{
		"another PIN":  {remoteCode{ID: "a", PIN: "5678"}, true},
		"the same PIN": {remoteCode{ID: "a", PIN: "1234"}, false},
		"another code": {remoteCode{ID: "b", PIN: "5678"}, false},
	} {
		if err := tc.code.replaces(old); (err == nil) != tc.ok {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
