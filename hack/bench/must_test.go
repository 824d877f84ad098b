// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// good is a size that holds every bound, so that a test breaks one at a time.
func good(codes int) *sizeResult {
	calls := map[string]int{"/access_codes/create": codes, "/access_codes/list": codes / 10}
	return &sizeResult{
		Codes: codes,
		Scenarios: map[string]figures{
			scenarioConverge: {Seconds: float64(codes) / 100, SeamCalls: calls, KubeWrites: 3 * codes, OperatorCPU: float64(codes) / 100, PeakMemory: 100},
			scenarioIdle:     {CountedSeconds: idleSpan.Seconds(), SeamCalls: map[string]int{"/events/list": 132}},
			scenarioRestart:  {Seconds: 5, SeamCalls: map[string]int{"/access_codes/list": 100}},
			scenarioLock:     {Latency: &latencies{Count: 100, P50: 3, P99: 5.5}},
			scenarioEdit:     {Latency: &latencies{Count: 50, P50: 0.1, P99: 1.5}},
			scenarioDelete:   {Seconds: float64(codes) / 100, SeamCalls: calls},
			scenarioLimits:   {Seconds: 65, BestPossible: 62, SeamCalls: calls},
			scenarioShards:   {Seconds: float64(codes) / 100, SeamCalls: calls},
		},
		Peers: []peerResult{
			{Name: peerGo, Concurrency: 50, Seconds: float64(codes) / 200},
			{Name: peerJavaScript, Concurrency: few, Seconds: float64(codes) / 50},
		},
	}
}

// edited returns a good size with one scenario changed.
func edited(scenario string, edit func(*figures)) *sizeResult {
	s := good(largestSize)
	f := s.Scenarios[scenario]
	edit(&f)
	s.Scenarios[scenario] = f
	return s
}

func TestVerdicts(t *testing.T) {
	slowPeer := good(largestSize)
	slowPeer.Peers[0].Seconds = 20
	noPeer := good(largestSize)
	noPeer.Peers[1].Unmeasured = "no Node.js"
	unasked := good(largestSize)
	delete(unasked.Scenarios, scenarioRestart)
	for name, tc := range map[string]struct {
		size    *sizeResult
		no      []string // beginnings of what does not hold
		unknown []string
	}{
		"all good":          {size: good(largestSize)},
		"Go loop":           {size: slowPeer, no: []string{"wall time to converge, limits off, over the bare Go loop"}},
		"JavaScript loop":   {size: noPeer, unknown: []string{"wall time to converge, limits off, over the JavaScript"}},
		"reads":             {size: edited(scenarioConverge, func(f *figures) { f.SeamCalls = map[string]int{"/access_codes/get": 2001} }), no: []string{"Seam calls per code to converge, reads"}},
		"writes":            {size: edited(scenarioConverge, func(f *figures) { f.SeamCalls = map[string]int{"/access_codes/create": 11_001} }), no: []string{"Seam calls per code to converge, writes"}},
		"429":               {size: edited(scenarioLimits, func(f *figures) { f.RateLimited = 1 }), no: []string{"answers with status 429"}},
		"stray codes":       {size: edited(scenarioShards, func(f *figures) { f.Stray = 1 }), no: []string{"two shards"}},
		"makespan":          {size: edited(scenarioLimits, func(f *figures) { f.Seconds = 69 }), no: []string{"makespan"}},
		"idle calls":        {size: edited(scenarioIdle, func(f *figures) { f.SeamCalls = map[string]int{"/events/list": 184} }), no: []string{"Seam calls in an idle hour"}},
		"idle too short":    {size: edited(scenarioIdle, func(f *figures) { f.CountedSeconds = 60 }), unknown: []string{"Seam calls in an idle hour"}},
		"idle writes":       {size: edited(scenarioIdle, func(f *figures) { f.KubeWrites = 1 }), no: []string{"Kubernetes writes while idle"}},
		"restart calls":     {size: edited(scenarioRestart, func(f *figures) { f.SeamCalls = map[string]int{"/access_codes/get": 121} }), no: []string{"restart: Seam calls"}},
		"restart writes":    {size: edited(scenarioRestart, func(f *figures) { f.KubeWrites = 1 }), no: []string{"restart: Kubernetes writes"}},
		"restart time":      {size: edited(scenarioRestart, func(f *figures) { f.Seconds = 15.1 }), no: []string{"restart: until"}},
		"restart not asked": {size: unasked, unknown: []string{"restart: Seam calls", "restart: Kubernetes writes", "restart: until"}},
		"lock":              {size: edited(scenarioLock, func(f *figures) { f.Latency.P99 = 6.1 }), no: []string{"a change at the lock"}},
		"lock missed":       {size: edited(scenarioLock, func(f *figures) { f.Latency.P99 = -1 }), no: []string{"a change at the lock"}},
		"edit":              {size: edited(scenarioEdit, func(f *figures) { f.Latency.P99 = 2.1 }), no: []string{"one edit"}},
		"edit failed":       {size: edited(scenarioEdit, func(f *figures) { f.Latency, f.Unmeasured = nil, "broken" }), unknown: []string{"one edit"}},
		"memory":            {size: edited(scenarioIdle, func(f *figures) { f.PeakMemory = 151 }), no: []string{"peak memory"}},
		"growth":            {size: edited(scenarioDelete, func(f *figures) { f.Seconds = 1000 }), no: []string{"growth"}},
	} {
		t.Run(name, func(t *testing.T) {
			base := good(baseSize)
			for _, v := range tc.size.verdicts(50, base) {
				want := "yes"
				switch {
				case anyPrefix(v.what, tc.no):
					want = "**no**"
				case anyPrefix(v.what, tc.unknown):
					want = "not measured"
				}
				if got := v.answer(); got != want {
					t.Errorf("%s: got %s (%s), want %s", v.what, got, v.measured, want)
				}
			}
		})
	}
}

func anyPrefix(text string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

func TestOverBounds(t *testing.T) {
	smoke := func(s *sizeResult) error {
		r := report{Sizes: []sizeResult{*s}, Settings: conditions{Concurrency: 50}}
		return r.overBounds()
	}
	if err := smoke(good(baseSize)); err != nil {
		t.Errorf("all good: got error %v", err)
	}
	slow := edited(scenarioRestart, func(f *figures) { f.Seconds = 99 })
	slow.Peers = nil
	if err := smoke(slow); err != nil {
		t.Errorf("slow, and no peers: got error %v", err)
	}
	unasked := good(baseSize)
	delete(unasked.Scenarios, scenarioIdle)
	if err := smoke(unasked); err != nil {
		t.Errorf("not asked for: got error %v", err)
	}
	for name, s := range map[string]*sizeResult{
		"restart: Seam calls":        edited(scenarioRestart, func(f *figures) { f.SeamCalls["/access_codes/get"] = 1000 }),
		"answers with status 429":    edited(scenarioLimits, func(f *figures) { f.Unmeasured = "it took too long" }),
		"peak memory of the operato": edited(scenarioDelete, func(f *figures) { f.PeakMemory = 200 }),
	} {
		if err := smoke(s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func TestFlags(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want func(s settings) bool
	}{
		"defaults":        {nil, func(s settings) bool { return s.full() && s.peers && s.sizes[0] == 100 }},
		"smoke":           {[]string{"-smoke"}, func(s settings) bool { return !s.peers && s.idle == 30*time.Second && s.sizes[0] == baseSize }},
		"smoke with more": {[]string{"-smoke", "-idle", "5s", "-sizes", "10"}, func(s settings) bool { return s.idle == 5*time.Second && s.sizes[0] == 10 }},
		"scenarios":       {[]string{"-scenarios", "idle, limits"}, func(s settings) bool { return s.runs(scenarioLimits) && !s.runs(scenarioEdit) }},
		"kept":            {[]string{"-markdown", "x", "-sizes", "10000,1000"}, func(s settings) bool { return s.sizes[0] == baseSize }},
	} {
		if s, err := parseFlags(tc.args, io.Discard); err != nil || !tc.want(s) {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}

func TestFlagsRefused(t *testing.T) {
	for name, args := range map[string][]string{
		"no number":     {"-sizes", "many"},
		"no codes":      {"-sizes", "0"},
		"no scenario":   {"-scenarios", "party"},
		"argument":      {"100"},
		"no one":        {"-concurrency", "0"},
		"back in time":  {"-idle", "-1s"},
		"smoke, kept":   {"-smoke", "-json", "x"},
		"part, kept":    {"-scenarios", "idle", "-markdown", "x"},
		"small, kept":   {"-sizes", "100", "-markdown", "x"},
		"hurried, kept": {"-idle", "1m", "-markdown", "x"},
	} {
		if _, err := parseFlags(args, io.Discard); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestSighting(t *testing.T) {
	at := time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)
	code := func(generation int64, status metav1.ConditionStatus, reason string) *v1alpha1.AccessCode {
		c := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{Generation: generation}}
		c.Status.AccessCodeID = "id"
		c.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason, ObservedGeneration: 1}}
		return c
	}
	step := func(s sighting, c *v1alpha1.AccessCode, after int, ready bool, readyAfter, turnedAfter int) sighting {
		t.Helper()
		got := s.after(c, at.Add(time.Duration(after)*time.Second))
		seconds := func(x time.Time) int { return int(x.Sub(at).Seconds()) }
		if got.ready != ready || ready && seconds(got.readyAt) != readyAfter || seconds(got.turnedAt) != turnedAfter {
			t.Errorf("after %d s: got %+v", after, got)
		}
		return got
	}
	s := step(sighting{}, code(1, metav1.ConditionFalse, v1alpha1.ReasonSetting), 1, false, 0, 1)
	s = step(s, code(1, metav1.ConditionTrue, v1alpha1.ReasonSet), 2, true, 2, 2)
	s = step(s, code(1, metav1.ConditionTrue, v1alpha1.ReasonSet), 3, true, 2, 2)
	s = step(s, code(2, metav1.ConditionTrue, v1alpha1.ReasonSet), 4, false, 0, 2) // a new spec, not handled yet
	s = step(s, code(1, metav1.ConditionTrue, v1alpha1.ReasonScheduled), 5, false, 0, 5)
	step(s, code(1, metav1.ConditionTrue, v1alpha1.ReasonSet), 6, true, 6, 6)
}

// The report says of everything that it was not measured rather than nothing.
func TestReport(t *testing.T) {
	broken := edited(scenarioLimits, func(f *figures) { f.Unmeasured = "convergence took longer than 5m0s" })
	r := report{Date: time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC), Sizes: []sizeResult{*good(baseSize), *broken}, Settings: conditions{Concurrency: 50}}
	text := r.markdown()
	for _, want := range []string{
		"# Benchmarks", "7 January 2030", "@seamapi/http not installed", "## What must hold, with 10,000 codes",
		"convergence took longer than 5m0s | not measured |", "| 1,000 | converge | 10.0 |", "limits, not measured in full: convergence",
		"| 10,000 | JavaScript loop | 10 |", "| 0.50 times |", "## How it is measured",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "%!") {
		t.Errorf("a format does not fit:\n%s", text)
	}
}
