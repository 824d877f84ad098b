// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// grown is a figure that may not grow faster than the codes.
type grown struct {
	name     string
	scenario string
	read     func(figures) float64
}

func grownFigures() []grown {
	figure := func(name, scenario string, read func(figures) float64) grown { return grown{name, scenario, read} }
	calls := func(f figures) float64 { return float64(f.calls()) }
	kubeWrites := func(f figures) float64 { return float64(f.KubeWrites) }
	cpu := func(f figures) float64 { return f.OperatorCPU }
	return []grown{
		figure("converge: wall time", scenarioConverge, secondsOf),
		figure("converge: Seam calls", scenarioConverge, calls),
		figure("converge: Kubernetes writes", scenarioConverge, kubeWrites),
		figure("converge: processor time", scenarioConverge, cpu),
		figure("converge: peak memory", scenarioConverge, func(f figures) float64 { return f.PeakMemory }),
		figure("idle: Seam calls", scenarioIdle, calls),
		figure("idle: processor time", scenarioIdle, cpu),
		figure("restart: wall time", scenarioRestart, secondsOf),
		figure("restart: Seam calls", scenarioRestart, calls),
		figure("delete: wall time", scenarioDelete, secondsOf),
		figure("delete: Seam calls", scenarioDelete, calls),
		figure("limits on: makespan", scenarioLimits, secondsOf),
		figure("limits on: Seam calls", scenarioLimits, calls),
	}
}

// growthVerdict names the figure that grows fastest between two sizes, and how fast it grows compared with the number of codes.
func growthVerdict(base, top *sizeResult) verdict {
	v := verdict{what: "growth from 1,000 to 10,000 codes, in the figure that grows fastest", bound: "linear (1.0, and a tenth for noise) or better"}
	if base == nil || top == nil || base.Codes >= top.Codes {
		v.measured = "it was not asked for"
		return v
	}
	worst, name, skipped := 0.0, "", 0
	for _, figure := range grownFigures() {
		ratio := over(top.of(figure.scenario, figure.read), base.of(figure.scenario, figure.read))
		if !ratio.known {
			skipped++
			continue
		}
		if growth := ratio.value / (float64(top.Codes) / float64(base.Codes)); growth > worst {
			worst, name = growth, figure.name
		}
	}
	if name == "" {
		v.measured = "no figure is there for both"
		return v
	}
	v.known, v.holds = true, worst <= maxGrowth
	v.measured = fmt.Sprintf("%.2f times as fast as the codes (%s)", worst, name)
	if skipped > 0 {
		v.measured += fmt.Sprintf("; %d figures are not there for both, or zero", skipped)
	}
	return v
}
