// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

// operatorCases are of the operator itself.
func operatorCases() []alertCase {
	return append([]alertCase{
		{
			name:   "no operator is scraped for five minutes",
			series: []string{`controller_runtime_max_concurrent_reconciles{controller="accesscode"} 32 stale _x20`},
			active: map[int][]string{
				0: nil,
				1: {"AccessCodeOperatorAbsent controller=accesscode: pending"},
				5: {"AccessCodeOperatorAbsent controller=accesscode: pending"},
				6: {"AccessCodeOperatorAbsent controller=accesscode: firing"},
			},
			summaries: []string{"No AccessCode operator is scraped."},
		},
		{
			name:   "an operator is restarted",
			series: []string{`controller_runtime_max_concurrent_reconciles{controller="accesscode"} 32 stale _ 32x20`},
			active: map[int][]string{2: {"AccessCodeOperatorAbsent controller=accesscode: pending"}, 3: nil, 10: nil},
		},
		{
			name: "two replicas, and none leads for five minutes",
			series: []string{
				there,
				`leader_election_master_status{name="access-code-operator.access-codes.io", pod="a"} 1 0x20`,
				`leader_election_master_status{name="access-code-operator.access-codes.io", pod="b"} 0x20`,
			},
			active: map[int][]string{
				0: nil,
				1: {"AccessCodeOperatorWithoutLeader name=access-code-operator.access-codes.io: pending"},
				5: {"AccessCodeOperatorWithoutLeader name=access-code-operator.access-codes.io: pending"},
				6: {"AccessCodeOperatorWithoutLeader name=access-code-operator.access-codes.io: firing"},
			},
			summaries: []string{"No AccessCode operator holds the lease access-code-operator.access-codes.io."},
		},
		{
			name: "one of two replicas leads, and another program has no leader",
			series: []string{
				there,
				`leader_election_master_status{name="access-code-operator.access-codes.io", pod="a"} 0x20`,
				`leader_election_master_status{name="access-code-operator.access-codes.io", pod="b"} 1x20`,
				`leader_election_master_status{name="kube-controller-manager"} 0x20`,
			},
			active: map[int][]string{0: nil, 20: nil},
		},
	}, reconcileCases()...)
}

func reconcileCases() []alertCase {
	return []alertCase{
		{
			name: "one reconcile in five fails",
			series: []string{
				there,
				`controller_runtime_reconcile_total{controller="accesscode", result="success"} 0+4x40`,
				`controller_runtime_reconcile_total{controller="accesscode", result="error"} 0+1x40`,
				`controller_runtime_reconcile_total{controller="seamworkspace", result="success"} 0+1x40`,
				`controller_runtime_reconcile_total{controller="another", result="error"} 0+1x40`,
			},
			active: map[int][]string{
				0:  nil,
				1:  {"AccessCodeReconcilesFail controller=accesscode: pending"},
				15: {"AccessCodeReconcilesFail controller=accesscode: pending"},
				16: {"AccessCodeReconcilesFail controller=accesscode: firing"},
			},
			summaries: []string{"20% of the reconciles of accesscode fail."},
		},
		{
			name: "one reconcile in twenty fails",
			series: []string{
				there,
				`controller_runtime_reconcile_total{controller="accesscode", result="success"} 0+19x40`,
				`controller_runtime_reconcile_total{controller="accesscode", result="error"} 0+1x40`,
			},
			active: map[int][]string{1: nil, 40: nil},
		},
		{
			name: "a reconcile runs for longer than ten minutes",
			series: []string{
				there,
				`workqueue_longest_running_processor_seconds{controller="accesscode"} 0 540 600 660 720`,
				`workqueue_longest_running_processor_seconds{controller="seamworkspace-feed"} 0x10`,
			},
			active:    map[int][]string{2: nil, 3: {"AccessCodeReconcilesHang controller=accesscode: firing"}},
			summaries: []string{"A reconcile of accesscode has run for 11m 0s."},
		},
		{
			name:      "a reconcile panics",
			series:    []string{there, `controller_runtime_reconcile_panics_total{controller="accesscode"} 0x4 1x100`},
			active:    map[int][]string{4: nil, 5: {"AccessCodeReconcilesPanic controller=accesscode: firing"}},
			summaries: []string{"A reconcile of accesscode has panicked."},
		},
		{
			name:   "a reconcile has panicked an hour ago",
			series: []string{there, `controller_runtime_reconcile_panics_total{controller="accesscode"} 0x4 1x100`},
			active: map[int][]string{70: nil},
		},
	}
}
