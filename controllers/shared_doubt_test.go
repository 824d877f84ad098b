// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func (w *world) order(fault sim.Fault) {
	w.t.Helper()
	if _, err := w.sim.OrderFault(fault); err != nil {
		w.t.Fatal(err)
	}
}

func requestFor(name string) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Namespace: testNamespace, Name: name}}
}
