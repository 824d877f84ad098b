// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import "testing"

func TestAnnounced(t *testing.T) {
	for output, want := range map[string]string{
		"": "",
		"seamsim: listening on http://127.0.0.1:41":                   "", // half a line
		"seamsim: listening on http://127.0.0.1:4\n":                  "http://127.0.0.1:4",
		"a warning\nseamsim: listening on http://127.0.0.1:4\nmore\n": "http://127.0.0.1:4",
	} {
		if got, err := Announced(output, simulatorListens); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, error %v", output, got, err)
		}
	}
}
