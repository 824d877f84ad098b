#!/usr/bin/env bash
# controller-runtime: from the 26th priority on, workqueue_depth takes items off a series on which they were never put.
#
# Seen on 29 November 2026 with sigs.k8s.io/controller-runtime v0.25.2, the newest, on Go 1.26.8. Priorities are any int.
#
# Guess: what is beyond the bound on the label's values goes to a series for the rest, and the older series stay right.
# Seen: at the 26th priority all of them, the first 25 too, become exceeded_cardinality_limit, for the process's life. Who
# was counted before is taken off there: the series of 25 priorities stand still, with whatever was in them, and that of the
# rest goes below zero. Only the sum over the label priority is the length.
# Output: 26 in the queue: priority 0: 1, priority 24: 1, exceeded_cardinality_limit: 1, sum 26
#         0 in the queue: priority 0: 1, priority 24: 1, exceeded_cardinality_limit: -25, sum 0
# Why it matters: who derives a priority from a time, say a code whose guest comes sooner goes first, gets an alert on a
# backlog that is not there, and none on one that is. Use few priorities, or sum before comparing.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get sigs.k8s.io/controller-runtime@v0.25.2 >/dev/null 2>&1

cat >see.go <<'GO'
package main

import (
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

func main() {
	queue := priorityqueue.New[int]("codes")
	for priority := range 26 {
		queue.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, priority)
	}
	show(queue.Len())
	for range 26 {
		item, _ := queue.Get()
		queue.Done(item)
	}
	show(queue.Len())
}

func show(length int) {
	families, err := metrics.Registry.Gather()
	if err != nil {
		panic(err)
	}
	depths, sum := map[string]float64{}, 0.0
	for _, family := range families {
		if family.GetName() != "workqueue_depth" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "priority" {
					depths[label.GetValue()] = metric.GetGauge().GetValue()
				}
			}
			sum += metric.GetGauge().GetValue()
		}
	}
	const rest = "exceeded_cardinality_limit"
	fmt.Printf("%d in the queue: priority 0: %v, priority 24: %v, %s: %v, sum %v\n", length, depths["0"], depths["24"], rest, depths[rest], sum)
}
GO

seen=$(go run .)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
26 in the queue: priority 0: 1, priority 24: 1, exceeded_cardinality_limit: 1, sum 26
0 in the queue: priority 0: 1, priority 24: 1, exceeded_cardinality_limit: -25, sum 0
WANT
