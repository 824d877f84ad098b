// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// table is a table in Markdown.
type table struct {
	header []string
	rows   [][]string
}

// String escapes what would end a cell. Rows that are too short are filled up.
func (t table) String() string {
	var b strings.Builder
	line := func(cells []string) {
		for i := range t.header {
			cell := ""
			if i < len(cells) {
				cell = strings.NewReplacer("|", `\|`, "\n", " ").Replace(cells[i])
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	line(t.header)
	b.WriteString(strings.Repeat("| --- ", len(t.header)) + "|\n")
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// callsByPath writes counts with their total first: 12 (get 10, list 2).
func callsByPath(counts map[string]int) string {
	total := sum(counts)
	if total == 0 {
		return "0"
	}
	parts := make([]string, 0, len(counts))
	for _, path := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, strings.TrimPrefix(strings.TrimPrefix(path, "/access_codes"), "/")+" "+grouped(counts[path]))
	}
	return fmt.Sprintf("%s (%s)", grouped(total), strings.Join(parts, ", "))
}

// grouped writes a number as 12,345.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
