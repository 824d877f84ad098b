// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// TestLimits: the busiest device stands for all, and so does one that Seam has asked to leave alone.
func TestLimits(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	session := fake.connected(t, registry)
	stands := func(when string, creates, updates, deletes metrics.Limit) {
		t.Helper()
		want := []metrics.Limit{creates, deletes, updates}
		for i, verb := range []string{"create", "delete", "update"} {
			want[i].Namespace, want[i].Workspace, want[i].Verb = key.Namespace, key.Name, verb
		}
		got := registry.Limits()
		slices.SortFunc(got, func(a, b metrics.Limit) int { return cmp.Compare(a.Verb, b.Verb) })
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	reserve := func(device string, n int) {
		t.Helper()
		for i := range n {
			_, err := session.Reserve(device, fmt.Sprint(device, i))
			if held := err != nil; held != (i >= 10) {
				t.Fatalf("%d on %s: %v", i, device, err)
			}
		}
	}
	stands("at first", metrics.Limit{Left: 10}, metrics.Limit{Left: 10}, metrics.Limit{Left: 20})
	reserve("quiet", 2)
	reserve("lock", 7)
	stands("some calls", metrics.Limit{Left: 3}, metrics.Limit{Left: 10}, metrics.Limit{Left: 20})
	reserve("busy", 13)
	stands("too many", metrics.Limit{Waiting: 3}, metrics.Limit{Left: 10}, metrics.Limit{Left: 20})

	fake.answer(pathDelete, says(http.StatusTooManyRequests, "", "Retry-After", "90"))
	if err := session.Delete(t.Context(), "lock", "code-1"); err == nil {
		t.Fatal("Seam took the call")
	}
	stands("told to wait", metrics.Limit{Waiting: 3}, metrics.Limit{Left: 10}, metrics.Limit{})

	// Nobody has come at their turn, a minute later.
	fake.clock.Step(80 * time.Second)
	stands("later", metrics.Limit{Left: 10}, metrics.Limit{Left: 10}, metrics.Limit{})
	fake.clock.Step(20 * time.Second)
	stands("later still", metrics.Limit{Left: 10}, metrics.Limit{Left: 10}, metrics.Limit{Left: 20})

	if !registry.Serves(key.Namespace) || registry.Serves("elsewhere") {
		t.Error("it does not know which namespaces it serves")
	}
	registry.Forget(key)
	if got := registry.Limits(); len(got) != 0 || registry.Serves(key.Namespace) {
		t.Errorf("forgotten, and still %+v", got)
	}
}

// TestDurationsGoByTheClockOfTheOperator, as all times do.
func TestDurationsGoByTheClockOfTheOperator(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	counted := metrics.New("", "", "")
	registry := workspace.NewRegistry(workspace.Options{Clock: fake.clock, Metrics: counted})
	session := fake.connected(t, registry)
	fake.answer(pathGet, func(w http.ResponseWriter, r *http.Request) {
		fake.clock.Step(7 * time.Second)
		says(http.StatusOK, good[pathGet])(w, r)
	})
	if _, err := session.Find(t.Context(), "code-1"); err != nil {
		t.Fatal(err)
	}
	const name = "access_code_operator_seam_request_duration_seconds"
	if got := sumOf(t, counted, name, pathGet); got != 7 {
		t.Errorf("%v seconds, want 7", got)
	}
}

// sumOf is the sum of a histogram for a path.
func sumOf(t *testing.T, counted *metrics.Instruments, name, path string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(counted); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == name && metric.GetLabel()[0].GetValue() == path {
				return metric.GetHistogram().GetSampleSum()
			}
		}
	}
	t.Fatalf("no %s for %s", name, path)
	return 0
}
