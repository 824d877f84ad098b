// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

const listed = `NAME         DEVICE   STATE   READY   REASON      STARTS                 AGE
guest        lock-1   set     True    Set                                10s
guest-1204   lock-2           True    Scheduled   2030-05-06T14:00:00Z   10s
new          lock-2
`

func TestParseTable(t *testing.T) {
	got := parseTable(listed)
	for _, tc := range []struct{ name, column, want string }{
		{"guest", "REASON", "Set"},
		{"guest", "STARTS", ""},
		{"guest", "AGE", "10s"},
		{"guest-1204", "STATE", ""},
		{"guest-1204", "STARTS", "2030-05-06T14:00:00Z"},
		{"new", "DEVICE", "lock-2"},
		{"new", "AGE", ""},
		{"none", "READY", ""},
		{"guest", "NONE", ""},
	} {
		if cell := got.cell(tc.name, tc.column); cell != tc.want {
			t.Errorf("%s %s: got %q, want %q", tc.name, tc.column, cell, tc.want)
		}
	}
	if names := got.names(); !slices.Equal(names, []string{"guest", "guest-1204", "new"}) {
		t.Errorf("got names %q", names)
	}
	if rows := parseTable("").rows; len(rows) > 0 {
		t.Errorf("got rows %v of nothing", rows)
	}
}

func TestChanges(t *testing.T) {
	before := parseTable(listed)
	lines := strings.SplitAfter(listed, "\n")
	for name, tc := range map[string]struct {
		before table
		now    string
		want   string
	}{
		"the first look": {table{}, listed, listed},
		"only the age":   {before, strings.ReplaceAll(listed, "10s", "11s"), ""},
		"one state":      {before, strings.Replace(listed, "set ", "    ", 1), lines[0] + strings.Replace(lines[1], "set ", "    ", 1)},
		"one more":       {parseTable(lines[0] + lines[1] + lines[2]), listed, lines[0] + lines[3]},
		"one is gone":    {before, lines[0] + lines[1] + lines[3], "guest-1204 is gone\n"},
		"all are gone":   {parseTable(lines[0] + lines[1] + lines[3]), "", "guest is gone\nnew is gone\n"},
		"nothing":        {table{}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseTable(tc.now).changes(tc.before); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestExpectation(t *testing.T) {
	row := func(name, reason string) map[string]string { return map[string]string{"NAME": name, "REASON": reason} }
	creating := table{rows: []map[string]string{row("a", "Creating"), row("b", "Set")}}
	set := table{rows: []map[string]string{row("a", "Set"), row("b", "Set")}}
	both := map[string]string{"a": "Set", "b": "Set"}
	before := map[string]string{"a": "Creating"}
	for name, tc := range map[string]struct {
		e      expectation
		tables []table
		want   string // of the last look
	}{
		"met":         {expectation{last: both, before: before}, []table{creating, set}, ""},
		"not yet":     {expectation{last: both}, []table{creating}, `AccessCode "a" is "Creating", not "Set"`},
		"not applied": {expectation{last: both}, []table{{}}, `AccessCode "a" is "", not "Set"`},
		"not seen":    {expectation{last: both, before: before}, []table{set}, `AccessCode "a" was never seen as "Creating"`},
		"gone":        {expectation{}, []table{set, {}}, ""},
		"left":        {expectation{}, []table{set}, `AccessCodes ["a" "b"] are still there`},
	} {
		t.Run(name, func(t *testing.T) {
			tc.e.seen = map[string]bool{}
			got := ""
			for _, look := range tc.tables {
				got = ""
				if err := tc.e.local(look); err != nil {
					got = err.Error()
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
