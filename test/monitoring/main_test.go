// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

const (
	alertsFile    = "../../config/prometheus/alerts.yaml"
	dashboardFile = "../../config/prometheus/dashboard.json"
	monitorFile   = "../../config/prometheus/monitor.yaml"
	pageFile      = "../../docs/monitoring.md"
	recordingFile = "testdata/recording.txt.gz"
)

func readDashboard(t *testing.T) *dashboard.Dashboard {
	t.Helper()
	d, err := dashboard.Read(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// open has a database with what was recorded.
func open(t *testing.T) (*recording.Recording, *recording.Database) {
	t.Helper()
	r, err := recording.Read(recordingFile)
	if err != nil {
		t.Fatal(err)
	}
	target, err := recording.TargetOf(monitorFile)
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Open(t.Context(), t.TempDir(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, d
}
