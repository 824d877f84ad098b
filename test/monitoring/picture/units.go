// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// in says a value in a unit of Grafana's.
func in(unit string, v float64) string {
	plain := strconv.FormatFloat(round(v), 'f', -1, 64)
	switch unit {
	case "s":
		if v > 0 && v < 1 {
			return strconv.FormatFloat(round(v*1000), 'f', -1, 64) + " ms"
		}
		return plain + " s"
	case "bytes":
		return fmt.Sprintf("%.0f MiB", v/(1<<20))
	case "reqps", "ops":
		return plain + "/s"
	case "opm":
		return plain + "/min"
	default:
		return plain
	}
}

// round leaves three figures.
func round(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// niceStep divides a height into four parts or a few more, by a figure that reads well.
func niceStep(height float64, unit string) float64 {
	base := 10.0
	scale := 1.0
	if unit == "bytes" {
		scale = 1 << 20
	}
	rough := height / scale / 4
	power := math.Pow(base, math.Floor(math.Log10(rough)))
	for _, nice := range []float64{1, 2, 2.5, 5, 10} {
		if nice*power >= rough {
			return nice * power * scale
		}
	}
	return base * power * scale
}

func valueTicks(top float64, unit string) []plot.Tick {
	step := niceStep(top, unit)
	var ticks []plot.Tick
	for v := 0.0; v <= top*1.001; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: in(unit, v)})
	}
	return ticks
}

// timeTicks are whole minutes.
func timeTicks(end float64) []plot.Tick {
	every := 60 * math.Ceil(end/60/8)
	var ticks []plot.Tick
	for s := 0.0; s <= end; s += every {
		ticks = append(ticks, plot.Tick{Value: s, Label: fmt.Sprintf("%.0f min", s/60)})
	}
	return ticks
}
