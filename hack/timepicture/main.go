// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command timepicture draws docs/time.svg: a week with windows, and the two nights in which the clocks are changed. What it draws is
// computed by the package that the operator uses. Called by "make docs-time".
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: timepicture <file>")
		os.Exit(2)
	}
	picture, err := draw()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(picture), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Where the parts of the picture begin, and how large it is.
const (
	width     = 880
	weekTop   = 20
	springTop = 300
	autumnTop = 490
	height    = 650
)

func draw() (string, error) {
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		return "", err
	}
	zone, err := zones.Load("Europe/Berlin")
	if err != nil {
		return "", err
	}
	var c canvas
	if err := drawWeek(&c, zone); err != nil {
		return "", err
	}
	for _, n := range []night{
		{
			top: springTop, title: "The night to Sunday, 28 March 2027: at 02:00 the clock goes to 03:00",
			evening: "2027-03-27", morning: "2027-03-28", hours: 9,
		},
		{
			top: autumnTop, title: "The night to Sunday, 31 October 2027: at 03:00 the clock goes back to 02:00",
			evening: "2027-10-30", morning: "2027-10-31", repeats: true, hours: 11,
		},
	} {
		if err := n.draw(&c, zone); err != nil {
			return "", err
		}
	}
	return c.svg("A week with windows, and the two nights in which the clocks are changed"), nil
}

// windowsFrom are the windows that are open at a moment or begin before another one.
func windowsFrom(s *schedule.Schedule, from, to time.Time) []schedule.Window {
	var all []schedule.Window
	present, next, _ := s.At(from)
	if present == nil {
		present = next
	}
	for present != nil && present.StartsAt.Before(to) {
		all = append(all, *present)
		_, present, _ = s.At(present.EndsAt)
	}
	return all
}
