// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package metrics defines the metrics of the operator and counts them. It knows nothing of Kubernetes.
package metrics

import (
	"cmp"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// Instruments are the metrics of one operator, as one prometheus.Collector. They are safe for concurrent use.
type Instruments struct {
	// kept are the counters and histograms below, whose values are kept between scrapes.
	kept []prometheus.Collector
	// gauges are computed at each scrape.
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

// New returns instruments that have counted nothing. version is the operator's, revision the commit that it was built from,
// tzdata the release of its time zones.
func New(version, revision, tzdata string) *Instruments {
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
	// They begin at 0: otherwise Prometheus would see no increase when the first wait is counted.
	for _, verb := range []string{"create", "update", "delete"} {
		i.waits.WithLabelValues(verb)
	}
	build.WithLabelValues(cmp.Or(version, unknown), cmp.Or(revision, unknown), runtime.Version(), cmp.Or(tzdata, unknown)).Set(1)
	return i
}

// unknown is the label value for what the build does not say.
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

// Request counts a request to Seam and its duration.
func (i *Instruments) Request(info seam.Info) {
	i.requests.WithLabelValues(info.Path, http.MethodPost, outcomeOf(info)).Inc()
	i.durations.WithLabelValues(info.Path).Observe(info.Duration.Seconds())
}

// Waits observes how long a call of a verb has to wait for Seam's limits.
func (i *Instruments) Waits(verb string, wait time.Duration) {
	i.waits.WithLabelValues(verb).Observe(wait.Seconds())
}

// Set observes the time from request to working code.
func (i *Instruments) Set(after time.Duration) { i.timeToSet.Observe(after.Seconds()) }

// DriftFound counts a code that was changed, or is gone, since it was as wanted.
func (i *Instruments) DriftFound(namespace string) { i.driftFound.WithLabelValues(namespace).Inc() }

// DriftCorrected counts a code with drift that is as wanted again.
func (i *Instruments) DriftCorrected(namespace string) {
	i.driftCorrected.WithLabelValues(namespace).Inc()
}

// BackupPulled counts a backup code that was pulled.
func (i *Instruments) BackupPulled(namespace string) {
	i.backupsPulled.WithLabelValues(namespace).Inc()
}

// RemovalFailed counts a request to delete a code that Seam refused or did not answer.
func (i *Instruments) RemovalFailed(namespace string) {
	i.removalFailures.WithLabelValues(namespace).Inc()
}

// Serve creates the counters of a namespace at 0, so that Prometheus sees the first count as an increase.
func (i *Instruments) Serve(namespace string) {
	for _, counter := range i.ofNamespaces() {
		counter.WithLabelValues(namespace)
	}
}

// Forget removes the counters of a namespace, so that namespaces that come and go leave no series behind.
func (i *Instruments) Forget(namespace string) {
	for _, counter := range i.ofNamespaces() {
		counter.DeleteLabelValues(namespace)
	}
}

func (i *Instruments) ofNamespaces() []*prometheus.CounterVec {
	return []*prometheus.CounterVec{i.driftFound, i.driftCorrected, i.backupsPulled, i.removalFailures}
}
