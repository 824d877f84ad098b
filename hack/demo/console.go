// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// console is what the demo prints to: plain lines, so that they read the same in a terminal and in a log. Only headings are
// bold in a terminal.
type console struct {
	w io.Writer
	// fail ends the demo when nobody reads any more.
	fail func(error)
	// blank says that the last line was empty, so that two never follow each other.
	blank bool
	// bold says that headings stand out.
	bold bool
}

// isTerminal says that a person reads it, who has not asked for plain text.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.blank = bytes.HasSuffix(p, []byte("\n\n")) || string(p) == "\n"
	if err != nil {
		err = fmt.Errorf("writing the output: %w", err)
		c.fail(err)
	}
	return n, err
}

// heading announces a stage.
func (c *console) heading(text string) {
	if !c.blank {
		c.say("")
	}
	text = "=== " + text
	if c.bold {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	fmt.Fprintf(c, "%s\n\n", text)
}

// say prints one line of explanation.
func (c *console) say(format string, args ...any) {
	fmt.Fprintf(c, format+"\n", args...)
}

// text prints output of a program, with a new line at its end.
func (c *console) text(output string) {
	if output = strings.TrimRight(output, "\n"); output != "" {
		fmt.Fprintln(c, output)
	}
}

// indented prints output of a program set off from the demo's own lines.
func (c *console) indented(output string) {
	for line := range strings.Lines(strings.TrimRight(output, "\n") + "\n") {
		fmt.Fprint(c, "    ", line)
	}
}
