// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

//go:embed profiles.md
var profiles string

// report is everything that was measured.
type report struct {
	Date     time.Time    `json:"date"`
	Machine  machine      `json:"machine"`
	Settings conditions   `json:"settings"`
	Sizes    []sizeResult `json:"sizes"` // the largest last
}

// write writes the files that were asked for.
func (r *report) write(s settings) error {
	if s.json != "" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return fmt.Errorf("writing %s: %w", s.json, err)
		}
		if err := os.WriteFile(s.json, append(data, '\n'), 0o644); err != nil {
			return fmt.Errorf("writing the figures: %w", err)
		}
	}
	if s.markdown == "" {
		return nil
	}
	if err := os.WriteFile(s.markdown, []byte(r.markdown()), 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// size finds the figures for a number of codes.
func (r *report) size(codes int) *sizeResult {
	for i := range r.Sizes {
		if r.Sizes[i].Codes == codes {
			return &r.Sizes[i]
		}
	}
	return nil
}

func (r *report) largest() *sizeResult { return &r.Sizes[len(r.Sizes)-1] }

// markdown is the page for docs/.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nWritten by `make bench`; `make bench-smoke` asserts the counts with 1,000 codes.\n\n")
	m, s := r.Machine, r.Settings
	client := m.JavaScriptClient
	if client == "" {
		client = "not installed"
	}
	b.WriteString(table{
		header: []string{"measured", "with"},
		rows: [][]string{
			{"on", r.Date.Format("2 January 2006")},
			{"machine", fmt.Sprintf("%s, %d cores, %.0f GiB, %s", m.CPU, m.Cores, m.MemoryGiB, m.System)},
			{"Go", m.Go},
			{"Kubernetes", m.Kubernetes + ": etcd, kube-apiserver and kube-controller-manager on the same machine"},
			{"controller-runtime", m.ControllerRuntime},
			{"official JavaScript client", clientPackage + " " + client},
			{"a request to Seam", s.Latency},
			{"a lock programs, and forgets", s.SetDelay + ", " + s.RemoveDelay},
			{"operator", fmt.Sprintf("--max-concurrent-reconciles=%d, all else as it comes", s.Concurrency)},
		},
	}.String())
	b.WriteString("\n" + r.tables() + "\n" + profiles + "\n" + howMeasured(s))
	return b.String()
}

// tables is what goes to standard output as well.
func (r *report) tables() string {
	var b strings.Builder
	top := r.largest()
	fmt.Fprintf(&b, "## What must hold, with %s codes\n\n", grouped(top.Codes))
	must := table{header: []string{"figure", "bound", "measured", "holds"}}
	for _, v := range top.verdicts(r.Settings.Concurrency, r.size(baseSize)) {
		must.rows = append(must.rows, []string{v.what, v.bound, v.measured, v.answer()})
	}
	b.WriteString(must.String())
	if peers := r.peerTable(); len(peers.rows) > 0 {
		b.WriteString("\n## Beside what one would write instead\n\n" + peers.String())
	}
	b.WriteString("\n## All sizes\n\n" + r.sizeTable().String())
	return b.String()
}

func (r *report) peerTable() table {
	t := table{header: []string{"codes", "who", "in flight", "does", "seconds", "over it, the operator takes", "Seam calls", "per code", "per hour", "429"}}
	for i := range r.Sizes {
		s := &r.Sizes[i]
		for _, p := range s.Peers {
			hour := "–"
			if p.CallsPerHour > 0 {
				hour = grouped(int(p.CallsPerHour))
			}
			row := []string{
				grouped(s.Codes), p.Name, fmt.Sprint(p.Concurrency), p.Does, fmt.Sprintf("%.1f", p.Seconds), s.compared(p),
				callsByPath(p.SeamCalls), perCode(sum(p.SeamCalls), s.Codes), hour, fmt.Sprint(p.RateLimited),
			}
			if p.Unmeasured != "" {
				row = append(row[:4], "not measured: "+p.Unmeasured, "–", "–", "–", "–", "–")
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// compared is the operator's time over that of a peer, for the scenario that is the peer's.
func (s *sizeResult) compared(p peerResult) string {
	scenario := scenarioConverge
	switch {
	case p.CallsPerHour > 0:
		return "–"
	case p.Name == peerPolling:
		scenario = scenarioRestart
	case p.Name == peerGoLimited:
		scenario = scenarioLimits
	}
	ratio := over(s.of(scenario, secondsOf), number{value: p.Seconds, known: true})
	if !ratio.known {
		return "not measured"
	}
	return fmt.Sprintf("%.2f times", ratio.value)
}

func (r *report) sizeTable() table {
	t := table{header: []string{
		"codes", "scenario", "seconds", "p50", "p99", "Seam calls", "per code", "429", "Kubernetes reads", "Kubernetes writes", "by method",
		"operator, CPU s", "control plane, CPU s", "operator, peak MiB",
	}}
	for i := range r.Sizes {
		s := &r.Sizes[i]
		for _, name := range scenarioNames() {
			if f, found := s.Scenarios[name]; found {
				t.rows = append(t.rows, s.row(name, f))
			}
		}
	}
	return t
}

func (s *sizeResult) row(name string, f figures) []string {
	p50, p99 := "–", "–"
	if f.Latency != nil {
		p50, p99 = seconds(f.Latency.P50), seconds(f.Latency.P99)
		name = fmt.Sprintf("%s (%d of %d seen)", name, f.Latency.Count-f.Latency.Missed, f.Latency.Count)
	}
	if f.Unmeasured != "" {
		name += ", not measured in full: " + f.Unmeasured
	}
	return []string{
		grouped(s.Codes), name, fmt.Sprintf("%.1f", f.Seconds), p50, p99, callsByPath(f.SeamCalls), perCode(f.calls(), s.Codes),
		fmt.Sprint(f.RateLimited), grouped(f.KubeReads), grouped(f.KubeWrites), callsByPath(f.KubeRequests),
		fmt.Sprintf("%.1f", f.OperatorCPU), fmt.Sprintf("%.1f", f.ControlPlaneCPU), fmt.Sprintf("%.0f", f.PeakMemory),
	}
}

// seconds writes a percentile.
func seconds(value float64) string {
	if value < 0 {
		return "not seen"
	}
	return fmt.Sprintf("%.2f s", value)
}

func perCode(count, codes int) string { return fmt.Sprintf("%.2f", float64(count)/float64(codes)) }
