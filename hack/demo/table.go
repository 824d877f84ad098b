// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// table is what "kubectl get" prints, read as a person reads it.
type table struct {
	header []string
	rows   []map[string]string // by column
}

// parseTable reads a table by the places of its headings. Cells may be empty; headings are one word each.
func parseTable(text string) table {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	t := table{header: strings.Fields(lines[0])}
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

// essence is all but the age, which changes by itself.
func (t table) essence() string {
	var text strings.Builder
	for _, row := range t.rows {
		for _, column := range t.header {
			if column != "AGE" {
				fmt.Fprintf(&text, "%s=%q ", column, row[column])
			}
		}
		text.WriteString("\n")
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
