// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
	"github.com/access-codes/access-code-operator/test/monitoring/names"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

// unseen are the selections of which nothing can be in the recording. One that is there after all must go from here.
func unseen() map[string]string {
	return map[string]string{
		`access_code_operator_seam_requests_total{outcome="unauthorized"}`: "the key of the run is good",
		`access_code_operator_seam_requests_total{outcome="rate_limited"}`: "the operator keeps within the limits, and nobody else is there",
	}
}

// still are the panels on which nothing moves in the recording, for all that they have data.
func still() map[string]string {
	return map[string]string{
		"Workspaces not connected": "the key of the run is good",
		"Backup codes pulled":      "the run asks for none",
		"Failed removals":          "the simulated locks let every code go",
	}
}

// query is one of a dashboard or an alert.
type query struct {
	where string
	expr  string
	uses  []string // the labels of the result that its texts name
}

func (q query) parse(t *testing.T) parser.Expr {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(q.expr)
	if err != nil {
		t.Fatalf("%s: %v", q.where, err)
	}
	return expr
}

var (
	legendLabel     = regexp.MustCompile(`{{\s*(\w+)\s*}}`)
	annotationLabel = regexp.MustCompile(`\$labels\.(\w+)`)
)

func named(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// panelQueries are those of one panel.
func panelQueries(p dashboard.Panel, r *recording.Recording) []query {
	var all []query
	for _, target := range p.Targets {
		all = append(all, query{
			where: fmt.Sprintf("panel %q, %s", p.Title, target.RefID), expr: dashboard.Filled(target.Expr, r.Every()),
			uses: named(legendLabel, target.LegendFormat),
		})
	}
	return all
}

// variableQuery is what the values of a variable of the dashboard are taken from.
var variableQuery = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

func allQueries(t *testing.T, r *recording.Recording) []query {
	t.Helper()
	var all []query
	d := readDashboard(t)
	for _, p := range d.Panels {
		all = append(all, panelQueries(p, r)...)
	}
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		parts := variableQuery.FindStringSubmatch(v.Query)
		if parts == nil {
			t.Fatalf("variable %s: %q is not understood", v.Name, v.Query)
		}
		all = append(all, query{"variable " + v.Name, dashboard.Filled(parts[1], r.Every()), parts[2:]})
	}
	for _, rule := range allRules(t) {
		q := query{where: "alert " + rule.Alert, expr: rule.Expr}
		for _, text := range rule.Annotations {
			q.uses = append(q.uses, named(annotationLabel, text)...)
		}
		all = append(all, q)
	}
	return all
}

// TestNames fails where a query, a legend or the text of an alert names a metric or a label that the operator has not.
func TestNames(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	for _, q := range allQueries(t, r) {
		has, err := names.Check(q.parse(t), d.Series)
		if err != nil {
			t.Errorf("%s: %v", q.where, err)
		}
		for _, label := range q.uses {
			if !slices.Contains(has, label) {
				t.Errorf("%s names label %q, and what it asks for has %q", q.where, label, has)
			}
		}
	}
}

// TestSelections has each selection of each query find something, so that no value in one is misspelt either.
func TestSelections(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	met := map[string]bool{}
	for _, q := range allQueries(t, r) {
		for _, s := range selections(t, q) {
			found := len(ask(t, r, d, s.String())) > 0
			name := nameUnseen(t, s)
			met[name] = true
			switch {
			case name == "" && !found:
				t.Errorf("%s: nothing is ever %s", q.where, s)
			case name != "" && found:
				t.Errorf("%s is there: take it from the list", name)
			}
		}
	}
	for name := range unseen() {
		if !met[name] {
			t.Errorf("%s is asked for nowhere: take it from the list", name)
		}
	}
}

// selections are those in a query, without offsets.
func selections(t *testing.T, q query) []*parser.VectorSelector {
	t.Helper()
	var all []*parser.VectorSelector
	parser.Inspect(q.parse(t), func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			all = append(all, &parser.VectorSelector{Name: s.Name, LabelMatchers: s.LabelMatchers})
		}
		return nil
	})
	return all
}

// nameUnseen is what a selection is listed as among those that are unseen, empty where it is not.
func nameUnseen(t *testing.T, s *parser.VectorSelector) string {
	t.Helper()
	for name := range unseen() {
		if sameSelection(t, name, s) {
			return name
		}
	}
	return ""
}

// sameSelection compares selections without the matchers that choose everything.
func sameSelection(t *testing.T, text string, s *parser.VectorSelector) bool {
	t.Helper()
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	for _, m := range s.LabelMatchers {
		if m.Value == ".*" {
			continue
		}
		own++
		if !slices.ContainsFunc(matchers, func(o *labels.Matcher) bool { return o.String() == m.String() }) {
			return false
		}
	}
	return own == len(matchers)
}

// TestPanelData has each query of the dashboard give data, and each panel show something that moves.
func TestPanelData(t *testing.T) {
	t.Parallel()
	r, d := open(t)
	still := still()
	for _, p := range readDashboard(t).Panels {
		moves, unseen := false, false
		for _, q := range panelQueries(p, r) {
			if selectsUnseen(t, q) {
				unseen = true
				continue
			}
			data := ask(t, r, d, q.expr)
			if !slices.ContainsFunc(data, hasNumber) {
				t.Errorf("%s has no data: %s", q.where, q.expr)
			}
			moves = moves || slices.ContainsFunc(data, hasMore)
		}
		_, listed := still[p.Title]
		if shown := p.Type != dashboard.Row && !unseen; shown && moves == listed {
			t.Errorf("panel %q: something moves: %t; listed as still: %t", p.Title, moves, listed)
		}
		delete(still, p.Title)
	}
	for title := range still {
		t.Errorf("panel %q is listed as still and not there", title)
	}
}

func selectsUnseen(t *testing.T, q query) bool {
	t.Helper()
	return slices.ContainsFunc(selections(t, q), func(s *parser.VectorSelector) bool { return nameUnseen(t, s) != "" })
}

func hasNumber(s promql.Series) bool {
	return slices.ContainsFunc(s.Floats, func(p promql.FPoint) bool { return !math.IsNaN(p.F) })
}

func hasMore(s promql.Series) bool {
	return slices.ContainsFunc(s.Floats, func(p promql.FPoint) bool { return p.F > 0 })
}

// ask runs a query over all of the recording. Not even a remark of the engine's is taken.
func ask(t *testing.T, r *recording.Recording, d *recording.Database, expr string) promql.Matrix {
	t.Helper()
	matrix, remarks, err := d.Range(t.Context(), r, expr)
	if err != nil || len(remarks) > 0 {
		t.Errorf("%s: error %v, remarks %q", expr, err, remarks)
	}
	return matrix
}
