// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecording checks that the recording shows the run: the number of codes, each set, changed and deleted.
func TestRecording(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	codes, err := strconv.ParseFloat(r.About["codes"], 64)
	if err != nil {
		t.Fatalf("the recording says of itself %q", r.About)
	}
	for expr, least := range map[string]float64{
		`sum(access_code_operator_accesscodes{namespace="bench"})`:                                      codes,
		`sum(access_code_operator_accesscodes{namespace="bench", reason="Set"})`:                        codes,
		`sum(max_over_time(access_code_operator_time_to_set_seconds_count[1h]))`:                        codes,
		`sum(max_over_time(access_code_operator_seam_requests_total{path="/access_codes/create"}[1h]))`: codes,
		`sum(max_over_time(access_code_operator_seam_requests_total{path="/access_codes/delete"}[1h]))`: codes,
		`sum(max_over_time(access_code_operator_drift_corrected_total[1h]))`:                            1,
		`sum(access_code_operator_accesscodes_not_off_lock)`:                                            1,
		`sum(access_code_operator_limiter_waiting)`:                                                     1,
	} {
		highest := 0.0
		for _, series := range ask(t, r, d, expr) {
			for _, p := range series.Floats {
				highest = max(highest, p.F)
			}
		}
		if highest < least {
			t.Errorf("%s comes to %g at most, want %g", expr, highest, least)
		}
	}
}

// TestNoPIN looks for what only codes have. The PINs of a run have six figures, as nothing in a label has.
func TestNoPIN(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	labels := 0
	for _, series := range ask(t, r, d, `last_over_time({__name__=~".+"}[1h])`) {
		for name, value := range series.Metric.Map() {
			labels++
			digits := strings.FieldsFunc(value, func(c rune) bool { return c < '0' || c > '9' })
			for _, figures := range digits {
				if len(figures) == 6 && name != "le" {
					t.Errorf("%s has %d figures in label %s", series.Metric.Get("__name__"), len(figures), name)
				}
			}
		}
	}
	if labels == 0 {
		t.Error("there are no labels")
	}
}

// TestQuietRun has no alert fire in a run in which nothing is wrong, whatever they are pending for.
func TestQuietRun(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	evaluated := newEvaluator(t, d.Engine, d.Storage, r.Every())
	pending := map[string]bool{}
	for _, page := range r.Pages {
		evaluated.at(t, page.At)
		for _, alert := range evaluated.active() {
			pending[alert] = true
		}
		if diff := cmp.Diff([]string(nil), evaluated.summaries()); diff != "" {
			t.Errorf("at %s:\n%s", page.At, diff)
		}
	}
	// Codes are not on their locks while they are being set: the rules do see the run.
	if !pending["AccessCodeNotOnLock namespace=bench: pending"] {
		t.Errorf("no code was ever late: %v", pending)
	}
}
