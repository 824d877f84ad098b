// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// The schedule of the page's example.
const (
	monday   = "2026-12-07"
	excepted = "2026-12-10"
	early    = 30 * time.Minute
)

func exampleWeek() schedule.Weekly {
	return schedule.Weekly{
		Windows: []schedule.WeeklyWindow{
			{Days: []string{"Mon", "Thu"}, From: "09:00", To: "13:00"},
			{Days: []string{"Tue"}, From: "08:00", To: "12:00"},
			{Days: []string{"Tue"}, From: "12:00", To: "17:00"},
			{Days: []string{"Fri", "Sat"}, From: "22:00", To: "06:00"},
		},
		Except: []string{excepted},
	}
}

// Measures of the week.
const (
	left      = 120 // of the hours
	hourWide  = 30
	rowHigh   = 28
	barHigh   = 20
	weekHours = weekTop + 40 // top of the rows
)

// drawWeek draws a row for each day.
func drawWeek(c *canvas, zone *time.Location) error {
	from, err := time.ParseInLocation(time.DateOnly, monday, zone)
	if err != nil {
		return fmt.Errorf("reading a day: %w", err)
	}
	to := from.Add(7 * 24 * time.Hour)
	c.title(weekTop, "A week: windows (dark), opened 30 minutes earlier by before: 30m (light)")
	for hour := 0; hour <= 24; hour += 3 {
		x := float64(left + hour*hourWide)
		c.rule(x, weekHours-8, weekHours+7*rowHigh)
		c.small(x, weekHours-12, "middle", fmt.Sprintf("%02d:00", hour))
	}
	for day := range 7 {
		c.write(left-10, rowOf(day)+15, "end", from.Add(time.Duration(day)*24*time.Hour).Format("Mon 2 Jan"), "")
	}
	bare := exampleWeek()
	kept, err := windowsOf(bare, 0, from, to, zone)
	if err != nil {
		return err
	}
	buffered, err := windowsOf(bare, early, from, to, zone)
	if err != nil {
		return err
	}
	bare.Except = nil
	all, err := windowsOf(bare, 0, from, to, zone)
	if err != nil {
		return err
	}
	for _, w := range buffered {
		eachDay(w, from, func(day int, starts, ends float64) {
			c.bar(left+starts*hourWide, rowOf(day), (ends-starts)*hourWide, barHigh, buffer)
		})
	}
	for _, w := range all {
		eachDay(w, from, func(day int, starts, ends float64) {
			x, y, wide := left+starts*hourWide, rowOf(day), (ends-starts)*hourWide
			if !slices.Contains(kept, w) {
				c.frame(x, y, wide, barHigh)
				c.small(x+wide/2, y+14.5, "middle", "excepted")
				return
			}
			c.bar(x, y, wide, barHigh, open)
			if wide >= 4*hourWide {
				c.within(x, y, wide, w.StartsAt.In(zone).Format("15:04")+" to "+w.EndsAt.In(zone).Format("15:04"))
			}
		})
	}
	return nil
}

func rowOf(day int) float64 { return float64(weekHours + day*rowHigh + (rowHigh-barHigh)/2) }

func windowsOf(weekly schedule.Weekly, before time.Duration, from, to time.Time, zone *time.Location) ([]schedule.Window, error) {
	s, err := schedule.New(schedule.Spec{Weekly: &weekly, Before: before}, zone)
	if err != nil {
		return nil, err
	}
	return windowsFrom(s, from, to), nil
}

// eachDay gives the part of a window on each day of a week without a change of the clock, in hours of the day.
func eachDay(w schedule.Window, monday time.Time, draw func(day int, starts, ends float64)) {
	for day := range 7 {
		midnight := time.Duration(day) * 24
		starts := max(w.StartsAt.Sub(monday).Hours()-float64(midnight), 0)
		ends := min(w.EndsAt.Sub(monday).Hours()-float64(midnight), 24)
		if starts < ends {
			draw(day, starts, ends)
		}
	}
}
