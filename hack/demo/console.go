// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// console is what the demo prints to: plain lines, so that they read the same in a terminal and in a log.
type console struct {
	w io.Writer
	// fail ends the demo when nobody reads any more.
	fail func(error)
	// blank says that the last line was empty, so that two never follow each other.
	blank bool
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
	fmt.Fprintf(c, "=== %s\n\n", text)
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
