// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/test/contract"
)

// Tester is what a world needs of a *testing.T, or of a *rapid.T.
type Tester interface {
	contract.TB

	Context() context.Context
	Log(args ...any)
	Logf(format string, args ...any)
	Error(args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// CheckConditions checks that conditions keep the rules of kstatus.
func CheckConditions(t Tester, generation, observed int64, conditions []metav1.Condition) {
	t.Helper()
	status := func(conditionType string) metav1.ConditionStatus {
		if c := apimeta.FindStatusCondition(conditions, conditionType); c != nil {
			return c.Status
		}
		return ""
	}
	ready, paused := status(v1alpha1.ConditionReady), status(v1alpha1.ConditionSuspended)
	busy, stuck := status(v1alpha1.ConditionReconciling), status(v1alpha1.ConditionStalled)
	explained := (busy != "" || stuck != "") != (kube.ReadyReason(conditions) == v1alpha1.ReasonSuspended) // suspended before it began
	rules := []struct {
		broken bool
		rule   string
	}{
		{ready == "", "Ready exists"},
		{!absentOrTrue(busy, stuck, paused), "Reconciling, Stalled and Suspended stand only while they are true"},
		{busy != "" && stuck != "", "Reconciling and Stalled never stand together"},
		{(ready == metav1.ConditionTrue) == explained, "one of them stands if, and only if, Ready is not True"},
		{observed > generation, "observedGeneration is never ahead"},
	}
	for _, rule := range rules {
		if rule.broken {
			t.Errorf("conditions break the rule %q: %+v", rule.rule, conditions)
		}
	}
	for _, c := range conditions {
		if c.ObservedGeneration > generation || c.Reason == "" || len(c.Message) > 4*kube.MaxMessage {
			t.Errorf("condition %+v: observed generation ahead of %d, no reason, or too long", c, generation)
		}
	}
}

func absentOrTrue(statuses ...metav1.ConditionStatus) bool {
	return !slices.ContainsFunc(statuses, func(s metav1.ConditionStatus) bool { return s != "" && s != metav1.ConditionTrue })
}
