// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"fmt"
	"os"
)

// EnvCounts is the environment variable that names the file to which each test adds its
// counts: a line a path, with the path and the five numbers of count, separated by tabs.
const EnvCounts = "SEAM_CONTRACT_COUNTS"

// count is what was checked of one path.
type count struct {
	requests int // held to the document
	provoked int // of these, refused by document and handler alike
	answers  int // 200, held to the document
	errors   int // held to the envelope
	spoilt   int // by a fault that a test ordered; not checked
}

type counts map[string]count

func (c counts) add(path string, more count) {
	sum := c[path]
	sum.requests += more.requests
	sum.provoked += more.provoked
	sum.answers += more.answers
	sum.errors += more.errors
	sum.spoilt += more.spoilt
	c[path] = sum
}

// save appends to a file; "" is none. One write a call, so that packages tested side by side
// do not mix their lines.
func (c counts) save(file string) error {
	if file == "" || len(c) == 0 {
		return nil
	}
	var text bytes.Buffer
	for _, path := range sortedKeys(c) {
		n := c[path]
		fmt.Fprintf(&text, "%s\t%d\t%d\t%d\t%d\t%d\n", path, n.requests, n.provoked, n.answers, n.errors, n.spoilt)
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the file that make names
	if err != nil {
		return fmt.Errorf("saving counts: %w", err)
	}
	defer func() { _ = out.Close() }()
	if _, err := out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("saving counts: %w", err)
	}
	return nil
}
