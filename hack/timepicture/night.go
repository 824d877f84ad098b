// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// night is one in which the clock is changed. Each hour that passes is equally wide, whatever the clock says.
type night struct {
	top              int
	title            string
	evening, morning string // the two days
	repeats          bool   // the hour from two to three comes twice; else it does not come
	hours            int    // from nine in the evening to seven in the morning
}

// nightHour is how wide an hour is.
const nightHour = 64

// windows are those that the picture shows.
func (n night) windows() []schedule.Local {
	return []schedule.Local{
		{Start: n.evening + "T22:00", End: n.morning + "T06:00"},
		{Start: n.morning + "T01:30", End: n.morning + "T03:30"},
		{Start: n.morning + "T02:15", End: n.morning + "T02:45"},
	}
}

func (n night) draw(c *canvas, zone *time.Location) error {
	evening, err := schedule.New(schedule.Spec{Local: &schedule.Local{Start: n.evening + "T21:00", End: n.morning + "T07:00"}}, zone)
	if err != nil {
		return err
	}
	from, rows := evening.First().StartsAt, float64(n.top+50)
	c.title(float64(n.top), n.title)
	n.drawHours(c, zone, from, rows)
	for i, local := range n.windows() {
		s, err := schedule.New(schedule.Spec{Local: &local}, zone)
		if err != nil {
			return err
		}
		w, y := s.First(), rows+float64(i*rowHigh)+(rowHigh-barHigh)/2
		length := w.EndsAt.Sub(w.StartsAt)
		x, wide := left+w.StartsAt.Sub(from).Hours()*nightHour, length.Hours()*nightHour
		c.write(left-10, y+15, "end", clockIn(local.Start)+" to "+clockIn(local.End), "")
		c.bar(x, y, wide, barHigh, open)
		label := fmt.Sprintf("%s to %s, %s", w.StartsAt.In(zone).Format("15:04"), w.EndsAt.In(zone).Format("15:04"), spoken(length))
		if length > 4*time.Hour {
			c.within(x, y, wide, label)
		} else {
			c.small(x+wide+6, y+14.5, "start", label)
		}
	}
	return nil
}

// drawHours marks the hours as the clock shows them, and the hour that it skips or repeats.
func (n night) drawHours(c *canvas, zone *time.Location, from time.Time, rows float64) {
	bottom := rows + float64(len(n.windows())*rowHigh)
	_, changes := from.In(zone).ZoneBounds()
	x := left + changes.Sub(from).Hours()*nightHour
	if n.repeats {
		c.bar(x, rows-8, nightHour, bottom-rows+8, changed)
		c.small(x+nightHour/2, bottom+14, "middle", "02:00 to 03:00 again")
	} else {
		c.bar(x-3, rows-8, 6, bottom-rows+8, changed)
		c.small(x, bottom+14, "middle", "no 02:00 to 03:00")
	}
	for hour := range n.hours + 1 {
		passed := time.Duration(hour) * time.Hour
		x := float64(left + hour*nightHour)
		c.rule(x, rows-8, bottom)
		c.small(x, rows-12, "middle", from.Add(passed).In(zone).Format("15:04"))
	}
}

// clockIn is the time of day in a wall clock such as 2027-03-28T02:15.
func clockIn(wall string) string { return wall[len("2027-03-28T"):] }

// spoken is a length as people say it.
func spoken(length time.Duration) string {
	if length < time.Hour {
		return fmt.Sprintf("%d minutes", int(length.Minutes()))
	}
	if length == time.Hour {
		return "1 hour"
	}
	return fmt.Sprintf("%g hours", length.Hours())
}
