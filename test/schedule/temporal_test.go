// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// envNode names the program node.
const envNode = "NODE"

// temporal is a Node.js that answers questions by means of Temporal.
type temporal struct {
	// Node and TZData are the versions of Node.js and of its zone data.
	Node, TZData string
	// There is false where Node.js has no Temporal of its own.
	There bool

	stdin io.WriteCloser
	lines *bufio.Reader
}

// start begins a Node.js with a Temporal, "native" or "polyfill". It ends with its input, so also when this process is killed.
func start(t *testing.T, which string) *temporal {
	t.Helper()
	node := os.Getenv(envNode)
	if node == "" {
		t.Skip("needs Temporal: make test-schedule")
	}
	cmd := exec.CommandContext(t.Context(), node, "temporal.mjs", which)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // whatever it was that ended it
	})
	answering := &temporal{stdin: stdin, lines: bufio.NewReader(stdout)}
	answering.read(t, answering)
	if !answering.There {
		t.Skipf("Node.js %s has no Temporal of its own", answering.Node)
	}
	return answering
}

func (a *temporal) read(t *testing.T, into any) {
	t.Helper()
	line, err := a.lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("Node.js ends: %v", err)
	}
	if err := json.Unmarshal(line, into); err != nil {
		t.Fatalf("Node.js says %s: %v", line, err)
	}
}

// form is a question on the wire. Times are milliseconds.
type form struct {
	Zone   string     `json:"zone"`
	Now    int64      `json:"now"`
	Before int64      `json:"before"`
	After  int64      `json:"after"`
	Local  *formLocal `json:"local,omitempty"`
	Weekly *formWeek  `json:"weekly,omitempty"`
}

type formLocal struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type formWeek struct {
	Windows   []formWindow `json:"windows"`
	StartDate string       `json:"startDate"`
	EndDate   string       `json:"endDate"`
	Except    []string     `json:"except"`
}

type formWindow struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

func formOf(q question) form {
	f := form{Zone: q.zone.String(), Now: q.now.UnixMilli(), Before: q.spec.Before.Milliseconds(), After: q.spec.After.Milliseconds()}
	if l := q.spec.Local; l != nil {
		f.Local = &formLocal{l.Start, l.End}
	}
	if w := q.spec.Weekly; w != nil {
		f.Weekly = &formWeek{StartDate: w.StartDate, EndDate: w.EndDate, Except: append([]string{}, w.Except...)}
		for _, window := range w.Windows {
			f.Weekly.Windows = append(f.Weekly.Windows, formWindow{window.Days, window.From, window.To})
		}
	}
	return f
}

// answer is the present window, the next one and the one after that, each with its begin and its end, null where it has none.
type answer struct {
	Windows [3]*[2]*int64 `json:"windows"`
	Error   string        `json:"error"`
}

// ask has all questions answered, in their order.
func (a *temporal) ask(t *testing.T, questions []question) []answer {
	t.Helper()
	// Written beside, for a pipe holds little.
	written := make(chan error, 1)
	go func() {
		out := bufio.NewWriter(a.stdin)
		encoder := json.NewEncoder(out)
		for _, q := range questions {
			if err := encoder.Encode(formOf(q)); err != nil {
				written <- err
				return
			}
		}
		written <- out.Flush()
	}()
	answers := make([]answer, len(questions))
	for i := range answers {
		a.read(t, &answers[i])
		if answers[i].Error != "" {
			t.Fatalf("%s: Temporal says %s", questions[i], answers[i].Error)
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	return answers
}

// String is an answer as people read it.
func (a answer) String() string {
	text := ""
	for i, name := range []string{"present", "next", "after next"} {
		text += "  " + name + ": "
		if w := a.Windows[i]; w != nil {
			text += at(w[0]) + " to " + at(w[1])
		}
		text += "\n"
	}
	return text
}

func at(milliseconds *int64) string {
	if milliseconds == nil {
		return "ever"
	}
	return time.UnixMilli(*milliseconds).UTC().Format(time.RFC3339)
}
