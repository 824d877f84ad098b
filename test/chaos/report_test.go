// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// matrix counts cases by operation and by what went wrong.
type matrix struct {
	mu     sync.Mutex
	cases  map[[2]string]int
	passed map[[2]string]int
	// withoutStatus counts the cases in which Seam left out the status of codes.
	withoutStatus int
	// failures are the names of the cases that have not passed.
	failures []string
}

func (m *matrix) add(f fault, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cases == nil {
		m.cases, m.passed = map[[2]string]int{}, map[[2]string]int{}
	}
	cell := [2]string{f.op.name, f.kind.name}
	m.cases[cell]++
	if err == nil {
		m.passed[cell]++
	}
	if f.withoutStatus {
		m.withoutStatus++
	}
}

// failed remembers the name of a case that has not passed.
func (m *matrix) failed(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, name)
}

// publish prints the table, and writes it to the file that FAULT_MATRIX names.
func (m *matrix) publish(t *testing.T) {
	t.Helper()
	table := m.table()
	t.Log("\n" + table)
	for _, name := range m.failures {
		t.Log("failed: " + name)
	}
	if path := os.Getenv("FAULT_MATRIX"); path != "" {
		if err := os.WriteFile(path, []byte(preface+table), 0o600); err != nil {
			t.Error(err)
		}
	}
}

const preface = `# Fault matrix

Written by ` + "`make test-chaos`" + `: the real operator between a proxy before the real API server and one before the simulator
of Seam, with one thing going wrong at one step. A case has passed when afterwards there is exactly one live code as spec
wants it, or none where the AccessCode is gone, nothing at Seam that nobody owns, status that says so, and another look
that changes nothing; and when there were not two live codes at any time in between. Cells are cases passed of cases.

`

// table has a row for each kind and a column for each operation.
func (m *matrix) table() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	ops, names := []string{}, []string{}
	for _, op := range operations() {
		ops = append(ops, op.name)
	}
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	names = append(names, restartBefore, restartAfter)
	var b strings.Builder
	for i, op := range ops {
		fmt.Fprintf(&b, "%d. %s\n", i+1, op)
	}
	b.WriteString("\n| what goes wrong |")
	for i := range ops {
		fmt.Fprintf(&b, " %d |", i+1)
	}
	b.WriteString(" all |\n| --- |" + strings.Repeat(" --- |", len(ops)+1) + "\n")
	total := [2]int{}
	for _, k := range names {
		row := [2]int{}
		fmt.Fprintf(&b, "| %s |", k)
		for _, op := range ops {
			cases, passed := m.cases[[2]string{op, k}], m.passed[[2]string{op, k}]
			row[0], row[1] = row[0]+passed, row[1]+cases
			fmt.Fprintf(&b, " %s |", cell(passed, cases))
		}
		fmt.Fprintf(&b, " %s |\n", cell(row[0], row[1]))
		total[0], total[1] = total[0]+row[0], total[1]+row[1]
	}
	fmt.Fprintf(&b, "\n%d cases, %d passed; in %d of them Seam left out the status of codes.\n", total[1], total[0], m.withoutStatus)
	return b.String()
}

func cell(passed, cases int) string {
	if cases == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", passed, cases)
}
