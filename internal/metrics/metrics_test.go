// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// driven returns instruments on which everything was counted once, and the registry that they are in.
func driven(t *testing.T) (*metrics.Instruments, *prometheus.Registry) {
	t.Helper()
	i := metrics.New("v1.2.3", "", "2026f")
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(i); err != nil {
		t.Fatal(err)
	}
	i.Request(seam.Info{Path: "/access_codes/create", Duration: time.Second})
	i.Waits("create", time.Minute)
	i.Set(time.Minute)
	i.DriftFound("bookings")
	i.DriftCorrected("bookings")
	i.BackupPulled("bookings")
	i.RemovalFailed("bookings")
	i.Watch(func() []metrics.Limit {
		return []metrics.Limit{
			{Namespace: "bookings", Workspace: "default", Verb: "create", Left: 4, Waiting: 1},
			{Namespace: "harbour", Workspace: "default", Verb: "create", Left: 10, Waiting: 2},
		}
	}, func() metrics.Objects {
		return metrics.Objects{
			Workspaces: []metrics.Workspace{{Namespace: "bookings", Name: "default", Ready: true}, {Namespace: "harbour", Name: "default"}},
			Codes:      map[metrics.Group]int{{Namespace: "bookings", State: "set", Reason: "Set"}: 5},
			NotOnLock:  map[string]int{"bookings": 0}, NotOffLock: map[string]int{"bookings": 2},
		}
	})
	return i, registry
}

// TestEveryMetricIsAsDefined: names, types, labels and help, and nothing that Prometheus' linter finds fault with.
func TestEveryMetricIsAsDefined(t *testing.T) {
	t.Parallel()
	_, registry := driven(t)
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%+v, %v", problems, err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, d := range metrics.Definitions() {
		labels := slices.Sorted(slices.Values(d.Labels))
		want = append(want, fmt.Sprintf("%s %s %s %s", d.Name, d.Type, strings.Join(labels, ","), d.Help))
		if (len(d.Buckets) > 0) != (d.Type == metrics.Histogram) || !slices.IsSorted(d.Buckets) {
			t.Errorf("%s, a %s, has the buckets %v", d.Name, d.Type, d.Buckets)
		}
	}
	for _, family := range families {
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, label.GetName())
		}
		got = append(got, fmt.Sprintf("%s %s %s %s", family.GetName(), strings.ToLower(family.GetType().String()), strings.Join(labels, ","), family.GetHelp()))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gathered (-defined +gathered):\n%s", diff)
	}
}

// TestEveryLabelIsExplained, and none that there isn't.
func TestEveryLabelIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, label := range metrics.Labels() {
		for name := range strings.SplitSeq(label.Name, ", ") {
			explained[name] = true
		}
	}
	used := map[string]bool{}
	for _, d := range metrics.Definitions() {
		for _, label := range d.Labels {
			used[label] = true
		}
	}
	if diff := cmp.Diff(used, explained); diff != "" {
		t.Errorf("labels (-used +explained):\n%s", diff)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	i, registry := driven(t)
	has := func(name, lines string) {
		t.Helper()
		name = "access_code_operator_" + name
		var head string
		for _, d := range metrics.Definitions() {
			if d.Name == name {
				head = fmt.Sprintf("# HELP %s %s\n# TYPE %s %s\n", name, d.Help, name, d.Type)
			}
		}
		text := ""
		for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
			if line != "" {
				text += name + line + "\n"
			}
		}
		if text != "" {
			text = head + text
		}
		if err := testutil.GatherAndCompare(registry, strings.NewReader(text), name); err != nil {
			t.Error(err)
		}
	}
	has("build_info", fmt.Sprintf(`{goversion=%q,revision=%q,tzdata="2026f",version="v1.2.3"} 1`, runtime.Version(), "unknown"))
	has("limiter_waiting", `{verb="create"} 3`)
	has("limiter_budget_left", `{namespace="bookings",verb="create",workspace="default"} 4`+"\n"+`{namespace="harbour",verb="create",workspace="default"} 10`)
	has("workspace_up", `{namespace="bookings",workspace="default"} 1`+"\n"+`{namespace="harbour",workspace="default"} 0`)
	has("accesscodes", `{namespace="bookings",reason="Set",state="set"} 5`)
	has("accesscodes_not_on_lock", `{namespace="bookings"} 0`)
	has("accesscodes_not_off_lock", `{namespace="bookings"} 2`)

	i.Serve("bookings")
	i.Serve("harbour")
	for _, name := range []string{"drift_found_total", "drift_corrected_total", "backups_pulled_total", "removal_failures_total"} {
		has(name, `{namespace="bookings"} 1`+"\n"+`{namespace="harbour"} 0`)
	}
	i.Forget("bookings")
	i.Forget("never seen")
	has("removal_failures_total", `{namespace="harbour"} 0`)
	i.Forget("harbour")
	has("drift_found_total", "")
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		info seam.Info
		want string
	}{
		{seam.Info{}, "ok"},
		{seam.Info{Kind: seam.NotFound}, "not_found"},
		{seam.Info{Kind: seam.Duplicate}, "duplicate"},
		{seam.Info{Kind: seam.InvalidInput}, "invalid_input"},
		{seam.Info{Kind: seam.Unauthorized}, "unauthorized"},
		{seam.Info{Kind: seam.InvalidToken}, "unauthorized"},
		{seam.Info{Kind: seam.RateLimited}, "rate_limited"},
		{seam.Info{Kind: seam.Unavailable}, "unavailable"},
		{seam.Info{Kind: seam.Unavailable, Canceled: true}, "canceled"},
		{seam.Info{Kind: seam.Refused}, "refused"},
		{seam.Info{Kind: "yet to come"}, "refused"},
	} {
		i := metrics.New("", "", "")
		i.Request(test.info)
		registry := prometheus.NewRegistry()
		if err := registry.Register(i); err != nil {
			t.Fatal(err)
		}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if family.GetName() != "access_code_operator_seam_requests_total" {
				continue
			}
			for _, label := range family.GetMetric()[0].GetLabel() {
				if label.GetName() == "outcome" && label.GetValue() != test.want {
					t.Errorf("%+v counts as %s, want %s", test.info, label.GetValue(), test.want)
				}
			}
		}
	}
}
