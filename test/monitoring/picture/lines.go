// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"math"
	"regexp"

	"gonum.org/v1/plot/plotter"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
)

// line is one series, by seconds since the recording began. Where it was not there or is no number, it has no points.
type line struct {
	name   string
	points plotter.XYs
}

// last is the latest value.
func (l line) last() float64 { return l.points[len(l.points)-1].Y }

// lines asks all queries of a panel.
func (p *pen) lines(panel dashboard.Panel) ([]line, error) {
	var all []line
	for _, target := range panel.Targets {
		matrix, _, err := p.database.Range(p.ctx, p.recording, dashboard.Filled(target.Expr, p.recording.Every()))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", target.RefID, err)
		}
		for _, series := range matrix {
			l := line{name: legend(target.LegendFormat, series.Metric.Map())}
			for _, sample := range series.Floats {
				if math.IsNaN(sample.F) || math.IsInf(sample.F, 0) {
					continue
				}
				seconds := float64(sample.T-p.recording.Begin().UnixMilli()) / 1000
				l.points = append(l.points, plotter.XY{X: seconds, Y: sample.F})
			}
			if len(l.points) > 0 {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

var placeholder = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// legend fills in labels as Grafana does.
func legend(format string, labels map[string]string) string {
	return placeholder.ReplaceAllStringFunc(format, func(found string) string {
		return labels[placeholder.FindStringSubmatch(found)[1]]
	})
}

// segments cuts a line where it was not there for a step.
func (l line) segments(step float64) []plotter.XYs {
	var cut []plotter.XYs
	begin := 0
	for i := 1; i <= len(l.points); i++ {
		if i == len(l.points) || l.points[i].X-l.points[i-1].X > 1.5*step {
			cut = append(cut, l.points[begin:i])
			begin = i
		}
	}
	return cut
}

// stacked puts lines onto each other, the last on top; what was not there counts as nothing.
func stacked(lines []line, end, step float64) []line {
	sums := make([]float64, int(math.Round(end/step))+1)
	var all []line
	for _, l := range lines {
		at := make([]float64, len(sums))
		for _, p := range l.points {
			at[int(math.Round(p.X/step))] = p.Y
		}
		higher := line{name: l.name}
		for i := range sums {
			sums[i] += at[i]
			higher.points = append(higher.points, plotter.XY{X: float64(i) * step, Y: sums[i]})
		}
		all = append(all, higher)
	}
	return all
}
