// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table is what "kubectl get" prints, read as a person reads it.
type table struct {
	header []string
	rows   []map[string]string // by column
	lines  []string            // as printed: of the header, and of each row
}

// parseTable reads a table by the places of its headings. Cells may be empty; headings are one word each.
func parseTable(text string) table {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	t := table{header: strings.Fields(lines[0]), lines: lines}
	var starts []int
	from := 0
	for _, name := range t.header {
		from += strings.Index(lines[0][from:], name)
		starts = append(starts, from)
		from += len(name)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range t.header {
			end := len(line)
			if i+1 < len(starts) {
				end = min(end, starts[i+1])
			}
			if starts[i] < end {
				row[name] = strings.TrimSpace(line[starts[i]:end])
			}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// cell is what stands in a column of the row with a name, "" when there is no such row.
func (t table) cell(name, column string) string {
	for _, row := range t.rows {
		if row["NAME"] == name {
			return row[column]
		}
	}
	return ""
}

// changes are the lines of the rows that are not as they were, below those of the header, and who is gone; empty when all
// is as before.
func (t table) changes(before table) string {
	known := map[string]string{}
	for _, row := range before.rows {
		known[row["NAME"]] = before.essence(row)
	}
	var text strings.Builder
	for i, row := range t.rows {
		was, there := known[row["NAME"]]
		delete(known, row["NAME"])
		if there && was == t.essence(row) {
			continue
		}
		if text.Len() == 0 {
			fmt.Fprintln(&text, t.lines[0])
		}
		fmt.Fprintln(&text, t.lines[i+1])
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		fmt.Fprintf(&text, "%s is gone\n", name)
	}
	return text.String()
}

// essence of a row is all but the age, which changes by itself.
func (t table) essence(row map[string]string) string {
	var text strings.Builder
	for _, column := range t.header {
		if column != "AGE" {
			fmt.Fprintf(&text, "%s=%q ", column, row[column])
		}
	}
	return text.String()
}

// names are those of the rows, sorted.
func (t table) names() []string {
	var names []string
	for _, row := range t.rows {
		names = append(names, row["NAME"])
	}
	slices.Sort(names)
	return names
}
