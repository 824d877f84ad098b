// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/access-codes/access-code-operator/test/monitoring/rulefile"
)

// evaluator lets the rules of the file be evaluated, time after time, as Prometheus does.
type evaluator struct {
	groups []*rules.Group
}

func newEvaluator(t *testing.T, engine *promql.Engine, database storage.Storage, every time.Duration) *evaluator {
	t.Helper()
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc:    rules.EngineQueryFunc(engine, database),
		AppendableV2: database,
		Context:      t.Context(),
		NotifyFunc:   func(context.Context, string, ...*rules.Alert) {},
		GroupLoader:  rulefile.Loader{},
	})
	groups, errs := manager.LoadGroups(every, labels.EmptyLabels(), "", nil, false, alertsFile)
	for _, err := range errs {
		t.Fatal(err)
	}
	return &evaluator{slices.Collect(maps.Values(groups))}
}

// at evaluates all rules.
func (e *evaluator) at(t *testing.T, now time.Time) {
	t.Helper()
	for _, group := range e.groups {
		group.Eval(t.Context(), now)
		for _, rule := range group.Rules() {
			if err := rule.LastError(); err != nil {
				t.Fatalf("%s at %s: %v", rule.Name(), now, err)
			}
		}
	}
}

// active are the alerts that are pending or firing, sorted.
func (e *evaluator) active() []string {
	return e.each(func(a *rules.Alert) string {
		text := a.Labels.Get(labels.AlertName)
		a.Labels.Range(func(l labels.Label) {
			if l.Name != labels.AlertName && l.Name != "severity" {
				text += " " + l.Name + "=" + l.Value
			}
		})
		return text + ": " + a.State.String()
	})
}

// summaries are those of the alerts that fire.
func (e *evaluator) summaries() []string {
	return e.each(func(a *rules.Alert) string {
		if a.State != rules.StateFiring {
			return ""
		}
		return a.Annotations.Get("summary")
	})
}

func (e *evaluator) each(say func(*rules.Alert) string) []string {
	var said []string
	for _, group := range e.groups {
		for _, rule := range group.AlertingRules() {
			for _, alert := range rule.ActiveAlerts() {
				if text := say(alert); text != "" {
					said = append(said, text)
				}
			}
		}
	}
	slices.Sort(said)
	return said
}

// history evaluates the rules minute by minute while the series go on, and returns what was active in each minute.
func history(t *testing.T, minutes int, series []string) (active [][]string, last *evaluator) {
	t.Helper()
	loader, err := promqltest.NewLazyLoader("load 1m\n  "+strings.Join(series, "\n  ")+"\n",
		promqltest.LazyLoaderOpts{EnableAtModifier: true, EnableNegativeOffset: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := loader.Close(); err != nil {
			t.Error(err)
		}
	}()
	last = newEvaluator(t, loader.QueryEngine(), loader.Storage(), time.Minute)
	for minute := range minutes + 1 {
		now := time.Unix(0, 0).UTC().Add(time.Duration(minute) * time.Minute)
		loader.WithSamplesTill(now, func(err error) {
			if err != nil {
				t.Fatal(fmt.Errorf("minute %d: %w", minute, err))
			}
			last.at(t, now)
		})
		active = append(active, last.active())
	}
	return active, last
}
