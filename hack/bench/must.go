// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"
)

// verdict is one row of the table of bounds.
type verdict struct {
	what, bound, measured string
	// known says that it was measured, holds that it is within the bound.
	known, holds bool
	// smoke says that -smoke asserts it: counts and memory do not depend on how busy the machine is.
	smoke bool
}

func (v verdict) answer() string {
	switch {
	case !v.known:
		return "not measured"
	case v.holds:
		return "yes"
	}
	return "**no**"
}

// number is a figure that may be missing.
type number struct {
	value float64
	known bool
	why   string // it is missing
}

func missing(why string) number { return number{why: why} }

// within makes a verdict on a number that must not be greater than a bound.
func (n number) within(what, boundText string, bound float64, format string) verdict {
	v := verdict{what: what, bound: boundText, known: n.known, holds: n.known && n.value <= bound}
	v.measured = n.why
	if n.known {
		v.measured = fmt.Sprintf(format, n.value)
	}
	return v
}

// asserted marks verdicts that -smoke fails for.
func asserted(verdicts ...verdict) []verdict {
	for i := range verdicts {
		verdicts[i].smoke = true
	}
	return verdicts
}

// over is the ratio of two figures that are both there.
func over(a, b number) number {
	switch {
	case !a.known:
		return a
	case !b.known:
		return b
	case b.value == 0:
		return missing("there is nothing to compare with")
	}
	return number{value: a.value / b.value, known: true}
}

// of reads a figure of a scenario, if that was measured.
func (s *sizeResult) of(scenario string, read func(figures) float64) number {
	f, found := s.Scenarios[scenario]
	switch {
	case !found:
		return missing("it was not asked for")
	case f.Unmeasured != "":
		return missing(f.Unmeasured)
	}
	return number{value: read(f), known: true}
}

// latencyOf reads a percentile; one among those that were missed is more than any bound.
func (s *sizeResult) latencyOf(scenario string) number {
	f, found := s.Scenarios[scenario]
	switch {
	case !found:
		return missing("it was not asked for")
	case f.Latency == nil:
		return missing(f.Unmeasured)
	case f.Latency.Count == 0:
		return missing("none was made: all was over too soon")
	case f.Latency.P99 < 0:
		return number{value: time.Hour.Seconds(), known: true, why: "missed"}
	}
	return number{value: f.Latency.P99, known: true}
}

// peer is the time of a peer.
func (s *sizeResult) peer(name string, concurrency int) number {
	for _, p := range s.Peers {
		if p.Name != name || p.Concurrency != concurrency {
			continue
		}
		if p.Unmeasured != "" {
			return missing(p.Unmeasured)
		}
		return number{value: p.Seconds, known: true}
	}
	return missing("it was not asked for")
}

func secondsOf(f figures) float64 { return f.Seconds }

// verdicts are all lines, for one size.
func (s *sizeResult) verdicts(concurrency int, base *sizeResult) []verdict {
	lines := s.timeVerdicts(concurrency)
	lines = append(lines, s.callVerdicts()...)
	lines = append(lines, s.latencyVerdicts()...)
	lines = append(lines, s.memoryVerdicts()...)
	return append(lines, growthVerdict(base, s))
}

func (s *sizeResult) timeVerdicts(concurrency int) []verdict {
	converge := s.of(scenarioConverge, secondsOf)
	best := s.of(scenarioLimits, func(f figures) float64 { return f.BestPossible })
	limited := s.of(scenarioLimits, secondsOf)
	lines := []verdict{
		over(converge, s.peer(peerGo, concurrency)).within(
			fmt.Sprintf("wall time to converge, limits off, over the bare Go loop with %d in flight", concurrency),
			"at most 3 times", maxOverGoLoop, "%.2f times"),
		over(converge, s.peer(peerJavaScript, few)).within(
			"wall time to converge, limits off, over the JavaScript loop with 10 in flight", "not slower", maxOverJavaScript, "%.2f times"),
		over(limited, best).within("makespan with limits on, over the best that they allow", "at most 1.1 times", maxOverBest, "%.2f times"),
	}
	refused := s.of(scenarioLimits, func(f figures) float64 { return float64(f.RateLimited) })
	stray := s.of(scenarioShards, func(f figures) float64 { return float64(f.Stray) })
	return append(lines, asserted(
		refused.within("answers with status 429, limits on", "none", maxRateLimited, "%.0f"),
		stray.within("two shards, one AccessCode in five changing between them: codes created twice or not at all", "none", maxStray, "%.0f"),
	)...)
}

func (s *sizeResult) callVerdicts() []verdict {
	codes := float64(s.Codes)
	writes := s.of(scenarioConverge, func(f figures) float64 { return float64(f.seamWrites()) / codes })
	reads := s.of(scenarioConverge, func(f figures) float64 { return float64(f.calls()-f.seamWrites()) / codes })
	hour := s.idleHour()
	idleWrites := s.of(scenarioIdle, func(f figures) float64 { return float64(f.KubeWrites) })
	calls := s.of(scenarioRestart, func(f figures) float64 { return float64(f.calls()) })
	restartWrites := s.of(scenarioRestart, func(f figures) float64 { return float64(f.KubeWrites) })
	lines := asserted(
		writes.within("Seam calls per code to converge, writes", "at most 1.1", maxWritesPerCode, "%.2f"),
		reads.within("Seam calls per code to converge, reads", "at most 0.2", maxReadsPerCode, "%.2f"),
		idleWrites.within("Kubernetes writes while idle", "none", maxIdleKubeWrites, "%.0f"),
		calls.within("restart: Seam calls", "at most 120", maxRestartCalls, "%.0f"),
		restartWrites.within("restart: Kubernetes writes", "none", maxRestartKubeWrites, "%.0f"),
	)
	return append(lines,
		hour.within("Seam calls in an idle hour, scaled", "at most 1,000", maxIdleHour, "%.0f"),
		s.of(scenarioRestart, secondsOf).within("restart: until all codes are observed", "at most 15 s", maxRestart.Seconds(), "%.1f s"))
}

// idleHour is scaled from a span that holds one look for drift at least: a shorter one shows the pause between two.
func (s *sizeResult) idleHour() number {
	if f, found := s.Scenarios[scenarioIdle]; found && f.CountedSeconds < idleSpan.Seconds() {
		return missing(fmt.Sprintf("%.0f s were watched, a look at all codes takes %.0f s to come", f.CountedSeconds, idleSpan.Seconds()))
	}
	return s.of(scenarioIdle, func(f figures) float64 { return perHour(f.calls(), f.CountedSeconds) })
}

func (s *sizeResult) latencyVerdicts() []verdict {
	lines := []verdict{
		s.latencyOf(scenarioLock).within("a change at the lock until the status shows it, p99", "poll interval + 1 s = 6 s", maxLockChange.Seconds(), "%.1f s"),
		s.latencyOf(scenarioEdit).within("one edit while all others converge until Seam has it, p99", "at most 2 s", maxEdit.Seconds(), "%.1f s"),
	}
	for i, scenario := range []string{scenarioLock, scenarioEdit} {
		f := s.Scenarios[scenario]
		if f.Latency != nil && f.Latency.P99 < 0 && f.Latency.Count > 0 {
			lines[i].measured = fmt.Sprintf("%d of %d not seen as long as was waited", f.Latency.Missed, f.Latency.Count)
		}
	}
	return lines
}

func (s *sizeResult) memoryVerdicts() []verdict {
	peak := missing("it was not asked for")
	for _, f := range s.Scenarios {
		peak.value, peak.known = max(peak.value, f.PeakMemory), true
	}
	return asserted(peak.within("peak memory of the operator", "150 MiB", maxPeakMiB, "%.0f MiB"))
}

func perHour(count int, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return float64(count) / seconds * time.Hour.Seconds()
}

// overBounds is an error that names what -smoke asserts and does not hold, or was not measured though asked for.
func (r *report) overBounds() error {
	var problems []error
	for i := range r.Sizes {
		s := &r.Sizes[i]
		for _, v := range s.verdicts(r.Settings.Concurrency, nil) {
			if v.smoke && !v.holds && (v.known || v.measured != missing("it was not asked for").why) {
				problems = append(problems, fmt.Errorf("%d codes: %s: %s, bound: %s", s.Codes, v.what, v.measured, v.bound))
			}
		}
	}
	return errors.Join(problems...)
}
