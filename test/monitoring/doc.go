// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package monitoring checks the alerts and the dashboard of config/prometheus against what the operator really serves: its
// metrics during a run of hack/bench, recorded in testdata and queried with the engine of Prometheus.
package monitoring
