// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
)

var chosenSource = dashboard.Datasource{Type: "prometheus", UID: "${datasource}"}

// TestGrid has every panel within the grid, none above another, and no empty line between them.
func TestGrid(t *testing.T) {
	t.Parallel()
	panels := readDashboard(t).Panels
	covered := map[int]int{}
	for i, p := range panels {
		at := p.GridPos
		if at.W < 1 || at.H < 1 || at.X < 0 || at.Y < 0 || at.X+at.W > dashboard.Columns {
			t.Errorf("%q stands outside the grid: %+v", p.Title, at)
		}
		for y := at.Y; y < at.Y+at.H; y++ {
			covered[y] += at.W
		}
		for _, other := range panels[i+1:] {
			if at.Overlaps(other.GridPos) {
				t.Errorf("%q and %q cover each other", p.Title, other.Title)
			}
		}
	}
	for y := range len(covered) {
		if covered[y] != dashboard.Columns {
			t.Errorf("line %d of the grid has %d of %d columns", y, covered[y], dashboard.Columns)
		}
	}
}

// TestPanels has each panel say what it shows and in which unit, and ask the source that is chosen.
func TestPanels(t *testing.T) {
	t.Parallel()
	ids, titles := map[int]bool{}, map[string]bool{}
	for i, p := range readDashboard(t).Panels {
		if ids[p.ID] || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d, %q: id or title is there twice, or missing", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		if i == 0 && p.Type != dashboard.Row {
			t.Error("the first panel is in no row")
		}
		if p.Type == dashboard.Row {
			if p.GridPos.W != dashboard.Columns || p.GridPos.H != 1 || len(p.Targets) > 0 || p.Collapsed {
				t.Errorf("row %q is not as rows are", p.Title)
			}
			continue
		}
		checkPanel(t, p)
	}
}

func checkPanel(t *testing.T, p dashboard.Panel) {
	t.Helper()
	if p.Type != dashboard.TimeSeries && p.Type != dashboard.Stat {
		t.Errorf("%q is a %q, which the picture does not know", p.Title, p.Type)
	}
	if p.Description == "" || p.Unit() == "" || len(p.Targets) == 0 {
		t.Errorf("%q lacks a description, a unit or queries", p.Title)
	}
	if p.Datasource != chosenSource {
		t.Errorf("%q asks %+v", p.Title, p.Datasource)
	}
	var refs []string
	for _, target := range p.Targets {
		if target.Datasource != chosenSource || target.LegendFormat == "" || slices.Contains(refs, target.RefID) {
			t.Errorf("%q %s: source %+v, legend %q, or its letter is there twice", p.Title, target.RefID, target.Datasource, target.LegendFormat)
		}
		if target.Instant != (p.Type == dashboard.Stat) {
			t.Errorf("%q %s asks for one time, or for many, and shows the other", p.Title, target.RefID)
		}
		refs = append(refs, target.RefID)
	}
}

// TestVariables checks what others link to, and what is chosen at the top.
func TestVariables(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	if d.UID != "access-code-operator" {
		t.Errorf("the uid is %q: links to the dashboard break", d.UID)
	}
	got := map[string]string{}
	for _, v := range d.Templating.List {
		got[v.Name] = v.Type
		if v.Type == "query" && v.Datasource != chosenSource {
			t.Errorf("%s asks %+v", v.Name, v.Datasource)
		}
	}
	want := map[string]string{"datasource": "datasource", "job": "query", "namespace": "query"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}
