// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecorder records what is new on each page, what is gone, and that an operator does not answer.
func TestRecorder(t *testing.T) {
	t.Parallel()
	page := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(page)) }))
	defer server.Close()
	r, out := &recorder{}, &bytes.Buffer{}
	for _, page = range []string{
		"# TYPE codes gauge\ncodes{reason=\"not yet\"} 3\ncodes{reason=\"Set\"} 1\n",
		"# TYPE codes gauge\ncodes{reason=\"Set\"} 4\n",
		"# TYPE codes gauge\ncodes{reason=\"Set\"} 4\n",
	} {
		r.watch(server.URL)
		if err := r.scrape(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	r.watch("")
	if err := r.scrape(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	r.watch(server.URL)
	if err := r.scrape(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`scrape \d{13}`).ReplaceAllString(out.String(), "scrape")
	want := `# scrape
# TYPE codes gauge
codes{reason="not yet"} 3
codes{reason="Set"} 1
# scrape
codes{reason="Set"} 4
# gone codes{reason="not yet"}
# scrape
# scrape
# no answer
# scrape
# TYPE codes gauge
codes{reason="Set"} 4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRecordFlags refuses what would not be one recording of one operator.
func TestRecordFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args  []string
		taken bool
	}{
		{[]string{"-sizes", "100", "-scenarios", "converge,delete"}, true},
		{[]string{"-sizes", "100,1000", "-scenarios", "converge,delete"}, false},
		{[]string{"-sizes", "100", "-scenarios", "converge,shards"}, false},
	} {
		s, err := parseFlags(append(c.args, "-record", "metrics.txt.gz"), io.Discard)
		if (err == nil) != c.taken {
			t.Errorf("%q: %v", c.args, err)
		}
		if c.taken && s.peers {
			t.Errorf("%q: its peers are measured and recorded as if they were idling", c.args)
		}
	}
}
