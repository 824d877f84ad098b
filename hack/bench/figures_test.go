// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSummarize(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100-i) * time.Second // in no order that helps
	}
	for name, tc := range map[string]struct {
		samples []time.Duration
		missed  int
		want    latencies
	}{
		"none":              {nil, 0, latencies{P50: -1, P99: -1}},
		"one":               {hundred[99:], 0, latencies{Count: 1, P50: 1, P99: 1}},
		"two":               {hundred[98:], 0, latencies{Count: 2, P50: 1, P99: 2}},
		"a hundred":         {hundred, 0, latencies{Count: 100, P50: 50, P99: 99}},
		"one missed":        {hundred[1:], 1, latencies{Count: 100, Missed: 1, P50: 50, P99: 99}},
		"two missed":        {hundred[2:], 2, latencies{Count: 100, Missed: 2, P50: 50, P99: -1}},
		"most missed":       {hundred[:1], 3, latencies{Count: 4, Missed: 3, P50: -1, P99: -1}},
		"half missed, even": {hundred[98:], 2, latencies{Count: 4, Missed: 2, P50: 2, P99: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(&tc.want, summarize(tc.samples, tc.missed)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBestMakespan(t *testing.T) {
	const latency, lock = 50 * time.Millisecond, 2 * time.Second
	for codes, want := range map[int]time.Duration{
		0:  0,
		1:  latency + lock,
		10: latency + lock,
		11: time.Minute + latency + lock,
		20: time.Minute + latency + lock,
		21: 2*time.Minute + latency + lock,
	} {
		if got := bestMakespan(codes, latency, lock); got != want {
			t.Errorf("%d codes on a device: got %s, want %s", codes, got, want)
		}
	}
}

const metricsPage = `# HELP rest_client_requests_total Number of HTTP requests, partitioned by status code, method, and host.
# TYPE rest_client_requests_total counter
rest_client_requests_total{code="200",host="127.0.0.1:6443",method="GET"} 12
rest_client_requests_total{code="200",host="127.0.0.1:6443",method="PATCH"} 1.2345e+04
rest_client_requests_total{code="409",host="127.0.0.1:6443",method="PATCH"} 5
rest_client_requests_total{code="201",host="127.0.0.1:6443",method="POST"} 7
rest_client_request_retries_total{code="500",method="GET"} 99
workqueue_adds_total{name="accesscode"} 3
`

func TestParseRequests(t *testing.T) {
	got, err := parseRequests(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kubeRequests{"GET": 12, "PATCH": 12350, "POST": 7}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.reads() != 12 || got.writes() != 12357 {
		t.Errorf("got %d reads and %d writes", got.reads(), got.writes())
	}
	since := got.minus(kubeRequests{"GET": 12, "PATCH": 12000})
	if diff := cmp.Diff(kubeRequests{"PATCH": 350, "POST": 7}, since); diff != "" {
		t.Errorf("since (-want +got):\n%s", diff)
	}
	for name, page := range map[string]string{
		"no value":  `rest_client_requests_total{method="GET"}` + "\n",
		"no number": `rest_client_requests_total{method="GET"} many` + "\n",
		"no method": `rest_client_requests_total{code="200"} 1` + "\n",
	} {
		if _, err := parseRequests(page); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestParseProc(t *testing.T) {
	used, err := parseStat("4711 (a (very) odd name) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0\n")
	if want := 1750 * time.Millisecond; err != nil || used != want {
		t.Errorf("got %s, %v, want %s", used, err, want)
	}
	peak, err := parsePeak("Name:\toperator\nVmPeak:\t 9999999 kB\nVmHWM:\t   65536 kB\nVmRSS:\t 1 kB\n")
	if err != nil || peak != 64<<20 {
		t.Errorf("got %d, %v, want 64 MiB", peak, err)
	}
	if _, err := parseStat("4711 (short) S 1\n"); err == nil {
		t.Error("too few fields: got no error")
	}
	for _, text := range []string{"VmRSS:\t1 kB\n", "VmHWM:\t1 MB\n", "VmHWM:\tmuch kB\n"} {
		if _, err := parsePeak(text); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}

func TestTable(t *testing.T) {
	got := table{header: []string{"a", "b"}, rows: [][]string{{"1", "x|y"}, {"two\nlines"}}}.String()
	want := "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| two lines |  |\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNumbersInTables(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	counts := map[string]int{"/access_codes/get": 1000, "/access_codes/create": 2, "/events/list": 1}
	if got, want := callsByPath(counts), "1,003 (create 2, get 1,000, events/list 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := callsByPath(nil); got != "0" {
		t.Errorf("got %q for no calls", got)
	}
}

// Of each device a plain loop in order finds room within the limits: no PIN twice, and no more codes than it holds.
func TestCodesFor(t *testing.T) {
	devices := []string{"a", "b", "c"}
	codes := codesFor(devices, 30, true)
	pins, perDevice, chosen, names := map[string]bool{}, map[string]int{}, 0, map[string]bool{}
	for _, c := range codes {
		perDevice[c.deviceID]++
		names[c.name] = true
		if c.pin == "" {
			chosen++
			continue
		}
		if pins[c.deviceID+c.pin] || len(c.pin) != 6 {
			t.Errorf("PIN %q of %q is taken or too short", c.pin, c.deviceID)
		}
		pins[c.deviceID+c.pin] = true
	}
	if diff := cmp.Diff(map[string]int{"a": 10, "b": 10, "c": 10}, perDevice); diff != "" {
		t.Errorf("codes on devices (-want +got):\n%s", diff)
	}
	if chosen != 1 || len(names) != 30 {
		t.Errorf("got %d PINs to choose and %d names", chosen, len(names))
	}
	if pinOf(largestSize) == newPINOf(0) || devicesNeeded(21, 20) != 2 || devicesNeeded(20, 20) != 1 {
		t.Error("PINs before and after meet, or devices are counted wrongly")
	}
}

func TestInParallel(t *testing.T) {
	done := make([]int, 100)
	err := inParallel(t.Context(), 7, len(done), func(_ context.Context, i int) error { done[i]++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i, times := range done {
		if times != 1 {
			t.Errorf("%d was done %d times", i, times)
		}
	}
	want := errors.New("broken")
	err = inParallel(t.Context(), 3, 1000, func(_ context.Context, i int) error {
		if i == 5 {
			return want
		}
		return nil
	})
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func TestSeamWrites(t *testing.T) {
	f := figures{SeamCalls: map[string]int{
		"/access_codes/create": 1, "/access_codes/update": 2, "/access_codes/delete": 4, "/access_codes/generate_code": 8,
		"/access_codes/list": 16, "/events/list": 32, "/access_codes/pull_backup_access_code": 64,
	}}
	if f.seamWrites() != 71 || f.calls() != 127 {
		t.Errorf("got %d writes of %d calls", f.seamWrites(), f.calls())
	}
}
