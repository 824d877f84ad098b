// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/access-codes/access-code-operator/test/monitoring/names"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	there := recording.Series{
		"calls_total":    {"path": true, "outcome": true, "job": true},
		"seconds_bucket": {"path": true, "le": true, "job": true},
	}
	for expr, want := range map[string]struct {
		labels    []string
		complaint string
	}{
		`sum by (path) (rate(calls_total{outcome="ok"}[5m]))`:                         {[]string{"path"}, ""},
		`sum without (job) (calls_total)`:                                             {[]string{"outcome", "path"}, ""},
		`histogram_quantile(0.9, sum by (le, path) (rate(seconds_bucket[5m])))`:       {[]string{"path"}, ""},
		`rate(calls_total[5m]) / on (path) group_left () sum by (path) (calls_total)`: {[]string{"job", "outcome", "path"}, ""},
		`max_over_time(sum by (job) (calls_total)[1h:5m]) > 0`:                        {[]string{"job"}, ""},
		`rate(call_total[5m])`:                                    {nil, `there is no metric "call_total"`},
		`calls_total{outcom="ok"}`:                                {[]string{"job", "outcome", "path"}, `calls_total has no label "outcom"`},
		`sum by (paths) (calls_total)`:                            {[]string{"paths"}, `nothing has label "paths"`},
		`sum by (path) (sum by (job) (calls_total))`:              {[]string{"path"}, `nothing has label "path"`},
		`calls_total / on (le) calls_total`:                       {[]string{"job", "outcome", "path"}, `nothing has label "le"`},
		`histogram_quantile(0.9, sum by (path) (seconds_bucket))`: {[]string{"path"}, `nothing has label "le"`},
	} {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
		if err != nil {
			t.Fatal(err)
		}
		got, err := names.Check(parsed, there)
		if !slices.Equal(got, want.labels) {
			t.Errorf("%s: got labels %q, want %q", expr, got, want.labels)
		}
		switch {
		case want.complaint == "" && err != nil:
			t.Errorf("%s: %v", expr, err)
		case want.complaint != "" && (err == nil || !strings.Contains(err.Error(), want.complaint)):
			t.Errorf("%s: got %v, want %s", expr, err, want.complaint)
		}
	}
}
