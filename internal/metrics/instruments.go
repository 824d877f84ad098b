// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package metrics has the metrics of the operator: what they are called and what they count. It knows nothing of
// Kubernetes.
package metrics

import (
	"cmp"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// Instruments are the metrics of one operator, all of them one prometheus.Collector to register. They are safe for
// concurrent use.
type Instruments struct {
	// kept are those that count as things happen; they are fields below, too.
	kept []prometheus.Collector
	// gauges are read off at a scrape.
	gauges gauges

	requests        *prometheus.CounterVec
	durations       *prometheus.HistogramVec
	waits           *prometheus.HistogramVec
	timeToSet       prometheus.Observer
	driftFound      *prometheus.CounterVec
	driftCorrected  *prometheus.CounterVec
	backupsPulled   *prometheus.CounterVec
	removalFailures *prometheus.CounterVec
}

var _ prometheus.Collector = &Instruments{}

// New returns instruments that have counted nothing yet. version is that of the operator, and revision the commit that it
// was built from.
func New(version, revision string) *Instruments {
	build, set := buildInfo.gauge(), timeToSet.histogram()
	i := &Instruments{
		gauges:          newGauges(),
		requests:        seamRequests.counter(),
		durations:       seamDuration.histogram(),
		waits:           limiterWait.histogram(),
		timeToSet:       set.WithLabelValues(),
		driftFound:      driftFound.counter(),
		driftCorrected:  driftCorrected.counter(),
		backupsPulled:   backupsPulled.counter(),
		removalFailures: removalFailures.counter(),
	}
	i.kept = []prometheus.Collector{
		build, set, i.requests, i.durations, i.waits, i.driftFound, i.driftCorrected, i.backupsPulled, i.removalFailures,
	}
	// They begin at 0, or the waits of the first batch would be no increase.
	for _, verb := range []string{"create", "update", "delete"} {
		i.waits.WithLabelValues(verb)
	}
	build.WithLabelValues(cmp.Or(version, unknown), cmp.Or(revision, unknown), runtime.Version()).Set(1)
	return i
}

// unknown stands for what a build does not know of itself.
const unknown = "unknown"

// Describe implements prometheus.Collector.
func (i *Instruments) Describe(descs chan<- *prometheus.Desc) {
	for _, collector := range i.kept {
		collector.Describe(descs)
	}
	i.gauges.describe(descs)
}

// Collect implements prometheus.Collector.
func (i *Instruments) Collect(metrics chan<- prometheus.Metric) {
	for _, collector := range i.kept {
		collector.Collect(metrics)
	}
	i.gauges.collect(metrics)
}

// Request counts an exchange with Seam.
func (i *Instruments) Request(info seam.Info) {
	i.requests.WithLabelValues(info.Path, http.MethodPost, outcomeOf(info)).Inc()
	i.durations.WithLabelValues(info.Path).Observe(info.Duration.Seconds())
}

// Waits counts a call of a verb that was told to wait so long.
func (i *Instruments) Waits(verb string, wait time.Duration) {
	i.waits.WithLabelValues(verb).Observe(wait.Seconds())
}

// Set counts an AccessCode whose code works on the lock so long after that was asked for.
func (i *Instruments) Set(after time.Duration) { i.timeToSet.Observe(after.Seconds()) }

// DriftFound counts a code that is not as it was left.
func (i *Instruments) DriftFound(namespace string) { i.driftFound.WithLabelValues(namespace).Inc() }

// DriftCorrected counts one of those that is as wanted again.
func (i *Instruments) DriftCorrected(namespace string) {
	i.driftCorrected.WithLabelValues(namespace).Inc()
}

// BackupPulled counts a backup code that was pulled.
func (i *Instruments) BackupPulled(namespace string) {
	i.backupsPulled.WithLabelValues(namespace).Inc()
}

// RemovalFailed counts a code that was to leave its lock and which Seam did not say it would take off.
func (i *Instruments) RemovalFailed(namespace string) {
	i.removalFailures.WithLabelValues(namespace).Inc()
}

// Serve has the counters of a namespace begin at 0, so that the first thing to be counted is seen as an increase.
func (i *Instruments) Serve(namespace string) {
	for _, counter := range i.ofNamespaces() {
		counter.WithLabelValues(namespace)
	}
}

// Forget drops the counters of a namespace, so that namespaces which come and go don't add up.
func (i *Instruments) Forget(namespace string) {
	for _, counter := range i.ofNamespaces() {
		counter.DeleteLabelValues(namespace)
	}
}

func (i *Instruments) ofNamespaces() []*prometheus.CounterVec {
	return []*prometheus.CounterVec{i.driftFound, i.driftCorrected, i.backupsPulled, i.removalFailures}
}
