// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package metrics

import "github.com/prometheus/client_golang/prometheus"

// Limit is how far a SeamWorkspace has used one of Seam's limits.
type Limit struct {
	Namespace, Workspace, Verb string
	// Left is how many calls its busiest device may still make in this minute.
	Left int
	// Waiting is how many callers wait in a queue.
	Waiting int
}

// Objects are the counts of Kubernetes objects at one time.
type Objects struct {
	Workspaces []Workspace
	Codes      map[Group]int
	// NotOnLock and NotOffLock are counts by namespace. Each namespace with AccessCodes has both, even where they are 0.
	NotOnLock, NotOffLock map[string]int
}

// Workspace is a SeamWorkspace and whether it is Ready.
type Workspace struct {
	Namespace, Name string
	Ready           bool
}

// Group is a set of AccessCodes that are counted together. State and Reason come from fixed lists.
type Group struct {
	Namespace, State, Reason string
}

// gauges are computed at each scrape. Between two scrapes they cost nothing.
type gauges struct {
	limits  func() []Limit
	objects func() Objects

	workspaceUp, waiting, budget, codes, notOnLock, notOffLock *prometheus.Desc
}

func newGauges() gauges {
	return gauges{
		limits: func() []Limit { return nil }, objects: func() Objects { return Objects{} },
		workspaceUp: workspaceUp.desc(), waiting: limiterWaiting.desc(), budget: limiterBudget.desc(),
		codes: accessCodes.desc(), notOnLock: notOnLock.desc(), notOffLock: notOffLock.desc(),
	}
}

// Watch sets the functions that a scrape calls for the values of the gauges. Call it before the first scrape.
func (i *Instruments) Watch(limits func() []Limit, objects func() Objects) {
	i.gauges.limits, i.gauges.objects = limits, objects
}

func (g *gauges) describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{g.workspaceUp, g.waiting, g.budget, g.codes, g.notOnLock, g.notOffLock} {
		descs <- desc
	}
}

func (g *gauges) collect(metrics chan<- prometheus.Metric) {
	emit := func(desc *prometheus.Desc, value int, labels ...string) {
		// The one error is a label that is no UTF-8: names of Kubernetes and fixed words are.
		if metric, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...); err == nil {
			metrics <- metric
		}
	}
	waiting := map[string]int{}
	for _, l := range g.limits() {
		waiting[l.Verb] += l.Waiting
		emit(g.budget, l.Left, l.Namespace, l.Workspace, l.Verb)
	}
	for verb, n := range waiting {
		emit(g.waiting, n, verb)
	}
	objects := g.objects()
	for _, w := range objects.Workspaces {
		up := 0
		if w.Ready {
			up = 1
		}
		emit(g.workspaceUp, up, w.Namespace, w.Name)
	}
	for group, n := range objects.Codes {
		emit(g.codes, n, group.Namespace, group.State, group.Reason)
	}
	for namespace, n := range objects.NotOnLock {
		emit(g.notOnLock, n, namespace)
	}
	for namespace, n := range objects.NotOffLock {
		emit(g.notOffLock, n, namespace)
	}
}
