// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package monitoring holds the alerts and the dashboard of config/prometheus to what the operator really serves: its
// metrics during a run of hack/bench, recorded in testdata and asked by the engine of Prometheus.
package monitoring
