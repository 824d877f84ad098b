// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// prompt is what a command in a console block stands after.
const prompt = "$ "

// command is one that a page has.
type command struct {
	page string
	line int
	text string
}

// where is its place, for whoever mends it.
func (c command) where() string { return fmt.Sprintf("%s:%d", c.page, c.line) }

// words are those of its first line.
func (c command) words() []string {
	line, _, _ := strings.Cut(c.text, "\n")
	return strings.Fields(line)
}

// here is how the text of a file that is given to a command begins.
var here = regexp.MustCompile(`<<'?([A-Z]+)'?`)

// commands are those of a console block. A line that neither begins with the prompt nor goes on with a command is what a
// command prints, and is not looked at.
func (b block) commands() ([]command, error) {
	var found []command
	end, more := "", false // the line that ends a text, and whether the command goes on in the next line
	for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
		typed, begins := strings.CutPrefix(line, prompt)
		switch {
		case end != "":
			found[len(found)-1].text += "\n" + line
			if line == end {
				end = ""
			}
			continue
		case more:
			found[len(found)-1].text += "\n" + line
		case begins:
			found = append(found, command{b.page, b.line + i, typed})
		default:
			continue
		}
		more = strings.HasSuffix(line, `\`)
		if begun := here.FindStringSubmatch(line); begun != nil {
			end = begun[1]
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("a console block without a command after %q", prompt)
	case end != "" || more:
		return nil, fmt.Errorf("the command in line %d does not come to an end", found[len(found)-1].line)
	}
	return found, nil
}

func TestCommandsOfABlock(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"two, and what one prints":  {"$ a b\nprinted\n$ c\n", []string{"a b", "c"}},
		"one of several lines":      {"$ a \\\n  b \\\n  c\n$ d\n", []string{"a \\\n  b \\\n  c", "d"}},
		"a text that looks like it": {"$ a <<'END'\n$ b\nEND\n$ c <<END\nd\nEND\n", []string{"a <<'END'\n$ b\nEND", "c <<END\nd\nEND"}},
		"none":                      {"a\n", nil},
		"an open text":              {"$ a <<END\nb\n", nil},
		"an open line":              {"$ a \\\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commands, err := block{text: tc.text}.commands()
			var got []string
			for _, c := range commands {
				got = append(got, c.text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || (err == nil) != (tc.want != nil) {
				t.Errorf("error %v, commands (-want +got):\n%s", err, diff)
			}
		})
	}
}
