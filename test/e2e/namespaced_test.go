// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestOperatorOfSomeNamespacesLeavesOthersAlone runs the operator for two namespaces, with Roles in these and no ClusterRole.
// It asks for nothing beyond, and leaves a third one alone.
func TestOperatorOfSomeNamespacesLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	h := theHouse(t)
	first, second, third := h.newTenant(t, "some"), h.newTenant(t, "some"), h.newTenant(t, "some")
	who, token := h.makeAccount(t, first.namespace, "operator")
	granted := readRoles(t)
	served := []*tenant{first, second}
	for _, k := range served {
		h.grantIn(t, who, k.namespace, "manager", granted.manager)
	}
	h.grantIn(t, who, first.namespace, "election", granted.election)
	first.mayIn(who, first.namespace, granted.election[0])
	for _, k := range served {
		k.mayIn(who, k.namespace, granted.manager[0])
	}
	o := h.startOperator(t, program{token: token, flags: []string{
		"--watch-namespaces=" + first.namespace + "," + second.namespace,
		"--leader-elect", "--leader-elect-namespace=" + first.namespace,
		// Who may read the metrics is asked in the cluster as a whole.
		withoutMetrics,
	}})

	// The one that is to be left alone has had the longest time when the others are ready.
	for _, k := range []*tenant{third, first, second} {
		k.connect(sim.SeedAPIKey)
		k.create(t, k.code("guest", sim.SeedNativeLockID))
	}
	for _, k := range served {
		k.becomes("guest", v1alpha1.ReasonSet)
	}
	third.isUntouched()
	for _, k := range served {
		if err := h.DeleteAllOf(t.Context(), &v1alpha1.AccessCode{}, client.InNamespace(k.namespace)); err != nil {
			t.Fatal(err)
		}
		k.eventually("the code leaving the lock", (&life{tenant: k}).removed)
	}
	o.stop(t)
	third.isUntouched()
	for _, denial := range h.audit.denied(t, who) {
		t.Errorf("the operator was refused: %s: %s", denial.permission, denial.message)
	}
	if log := o.log(t); strings.Contains(log, "forbidden") {
		t.Errorf("the operator says that it was refused something:\n%s", log)
	}
}

// isUntouched says that the operator has been neither at the objects nor at the simulator.
func (k *tenant) isUntouched() {
	k.t.Helper()
	var code v1alpha1.AccessCode
	var ws v1alpha1.SeamWorkspace
	for object, name := range map[client.Object]string{&code: "guest", &ws: v1alpha1.DefaultWorkspaceName} {
		if err := k.Get(k.t.Context(), client.ObjectKey{Namespace: k.namespace, Name: name}, object); err != nil {
			k.t.Fatal(err)
		}
		if len(object.GetFinalizers())+len(object.GetAnnotations()) > 0 || object.GetGeneration() != 1 {
			k.t.Errorf("%T was touched: %+v", object, object)
		}
	}
	if len(code.Status.Conditions)+len(ws.Status.Conditions) > 0 {
		k.t.Errorf("got conditions %v and %v", code.Status.Conditions, ws.Status.Conditions)
	}
	if asked := k.sim.Requests().Total; asked > 0 {
		k.t.Errorf("the simulator was asked %d times", asked)
	}
}
