// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Type is the type of a metric, in the words of Prometheus.
type Type string

// The types in use.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Definition describes a metric. The instruments and docs/metrics.md are generated from the definitions.
type Definition struct {
	Name   string
	Type   Type
	Labels []string
	Help   string
	// Buckets are the upper bounds of a histogram, in seconds.
	Buckets []float64
}

// prefix stands before every name.
const prefix = "access_code_operator_"

var (
	buildInfo = Definition{
		Name: prefix + "build_info", Type: Gauge, Labels: []string{"version", "revision", "goversion", "tzdata"},
		Help: "Always 1; its labels say which build of the operator runs, with which time zones.",
	}
	workspaceUp = Definition{
		Name: prefix + "workspace_up", Type: Gauge, Labels: []string{"namespace", "workspace"},
		Help: "1 while the SeamWorkspace is Ready, which is while Seam takes its credentials, else 0.",
	}
	seamRequests = Definition{
		Name: prefix + "seam_requests_total", Type: Counter, Labels: []string{"path", "method", "outcome"},
		Help: "Requests sent to Seam, by how they ended.",
	}
	seamDuration = Definition{
		Name: prefix + "seam_request_duration_seconds", Type: Histogram, Labels: []string{"path"},
		Help:    "Time from before a request to Seam was sent until its answer was read, or none came.",
		Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
	}
	limiterWait = Definition{
		Name: prefix + "limiter_wait_seconds", Type: Histogram, Labels: []string{"verb"},
		Help:    "How long a call had to wait when Seam's limits for its device left no room, each time that it had to.",
		Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600},
	}
	limiterWaiting = Definition{
		Name: prefix + "limiter_waiting", Type: Gauge, Labels: []string{"verb"},
		Help: "Calls that have a place in the queue of a device, waiting for Seam's limits to leave room.",
	}
	limiterBudget = Definition{
		Name: prefix + "limiter_budget_left", Type: Gauge, Labels: []string{"namespace", "workspace", "verb"},
		Help: "Calls that the busiest device of the workspace still takes in this minute; 0 while it takes none.",
	}
	accessCodes = Definition{
		Name: prefix + "accesscodes", Type: Gauge, Labels: []string{"namespace", "state", "reason"},
		Help: "AccessCodes, by Seam's word for the state of the code and by the reason of the condition Ready.",
	}
	notOnLock = Definition{
		Name: prefix + "accesscodes_not_on_lock", Type: Gauge, Labels: []string{"namespace"},
		Help: "AccessCodes whose code should work now and does not: the window has begun and is not over, or there is none, or none is known yet of a schedule in wall clocks, and Ready is not Set. Of a weekly schedule, each window counts. AccessCodes that are themselves suspended, or being deleted, don't count.",
	}
	notOffLock = Definition{
		Name: prefix + "accesscodes_not_off_lock", Type: Gauge, Labels: []string{"namespace"},
		Help: "AccessCodes whose code should be off its lock and is not known to be: the window is over and Ready is not Expired, or it is being deleted and not to be orphaned. Those for which no code was ever created don't count.",
	}
	timeToSet = Definition{
		Name: prefix + "time_to_set_seconds", Type: Histogram,
		Help:    "Time from when an AccessCode was created, or its spec or PIN seen to be changed, until Ready was Set; for a window ahead, from its beginning. AccessCodes that a restart of the operator interrupted are left out.",
		Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600},
	}
	driftFound = Definition{
		Name: prefix + "drift_found_total", Type: Counter, Labels: []string{"namespace"},
		Help: "Codes found changed, or gone, at Seam or on the lock after they had been as wanted, and which are to be put back.",
	}
	driftCorrected = Definition{
		Name: prefix + "drift_corrected_total", Type: Counter, Labels: []string{"namespace"},
		Help: "Codes found changed or gone that were seen to be as wanted again.",
	}
	backupsPulled = Definition{
		Name: prefix + "backups_pulled_total", Type: Counter, Labels: []string{"namespace"},
		Help: "Backup codes pulled.",
	}
	removalFailures = Definition{
		Name: prefix + "removal_failures_total", Type: Counter, Labels: []string{"namespace"},
		Help: "Requests to take a code off its lock that Seam refused or did not answer. To wait for Seam's limits is no failure.",
	}
)

// Definitions are all metrics, in the order of the documentation.
func Definitions() []Definition {
	return []Definition{
		accessCodes, notOnLock, notOffLock, timeToSet, driftFound, driftCorrected, backupsPulled, removalFailures,
		workspaceUp, seamRequests, seamDuration, limiterWait, limiterWaiting, limiterBudget, buildInfo,
	}
}

// Label is a label and what its values mean.
type Label struct {
	Name, Help string
}

// Labels are the labels of the metrics. None names an AccessCode, a code, a device or a person.
func Labels() []Label {
	return []Label{
		{"namespace", "The namespace of the AccessCodes, or of the SeamWorkspace."},
		{"workspace", "The name of the SeamWorkspace."},
		{"state", "Seam's word, status.state: `unset`, `setting`, `set`, `removing` or `unknown`; `none` where Seam has said nothing yet, `other` for a word that the operator does not know."},
		{"reason", "The reason of Ready, as in [conditions.md](conditions.md); `none` where there is none yet, `other` for one that the operator does not know."},
		{"path", "What was asked of Seam, such as `/access_codes/create`."},
		{"method", "`POST`: Seam's API has no other."},
		{"outcome", "`" + strings.Join(outcomes, "`, `") + "`. `refused`: for a reason of Seam's own; `unavailable`: no usable answer; `canceled`: by the operator, as when it stops."},
		{"verb", "What Seam limits, by device and minute: `create`, `update`, `delete`."},
		{"version, revision, goversion", "Of the build: the operator's version, the commit, and the version of Go."},
		{"tzdata", "The release of the IANA time zones by which schedules are read, such as `2026f`."},
	}
}

func (d Definition) counter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.Name, Help: d.Help}, d.Labels)
}

func (d Definition) gauge() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: d.Name, Help: d.Help}, d.Labels)
}

func (d Definition) histogram() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: d.Name, Help: d.Help, Buckets: d.Buckets}, d.Labels)
}

func (d Definition) desc() *prometheus.Desc {
	return prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
}
