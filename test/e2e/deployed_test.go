// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
)

// deployed is the operator as its Deployment on the API server has it.
type deployed struct {
	account

	token string
	args  []string
	env   []string
}

// readDeployed reads the one Deployment that there is and makes a token of its ServiceAccount.
func (h *house) readDeployed(ctx context.Context) (deployed, error) {
	var list appsv1.DeploymentList
	if err := h.List(ctx, &list); err != nil {
		return deployed{}, fmt.Errorf("looking for the operator's Deployment: %w", err)
	}
	if len(list.Items) != 1 || len(list.Items[0].Spec.Template.Spec.Containers) != 1 {
		return deployed{}, fmt.Errorf("looking for the one Deployment of one container: got %v", list.Items)
	}
	pod := list.Items[0].Spec.Template.Spec
	d := deployed{
		account: account{list.Items[0].Namespace, pod.ServiceAccountName},
		args:    pod.Containers[0].Args,
	}
	for _, e := range pod.Containers[0].Env {
		d.env = append(d.env, e.Name+"="+e.Value)
	}
	var err error
	d.token, err = h.cluster.Token(ctx, d.namespace, d.name)
	return d, err
}

// start is how the kubelet would start it, but for addresses: those are free ones of this machine. The namespace is what
// a Pod finds in a file.
func (d deployed) start() program {
	p := program{token: d.token, env: d.env, flags: []string{"--leader-elect-namespace=" + d.namespace}}
	metrics := false
	for _, arg := range d.args {
		switch flag, _, _ := strings.Cut(arg, "="); flag {
		case "--health-probe-bind-address": // startOperator has one
		case "--metrics-bind-address":
			metrics = true
		case "--webhook-bind-address":
			p.flags = append(p.flags, flag+"=127.0.0.1:0")
		default:
			p.flags = append(p.flags, arg)
		}
	}
	if !metrics {
		p.flags = append(p.flags, withoutMetrics)
	}
	return p
}

// liveAsDeployed runs the operator as it is deployed and takes codes through their life. It is refused nothing.
func (k *tenant) liveAsDeployed() {
	k.t.Helper()
	d, err := k.readDeployed(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	granted := readRoles(k.t)
	k.mayIn(d.account, k.namespace, granted.manager[0])
	k.mayIn(d.account, d.namespace, granted.election[0])
	o := k.startOperator(k.t, d.start())
	l := k.newLife(k.t, o, d.account, d.namespace)
	defer func() {
		for _, denial := range k.audit.denied(k.t, d.account) {
			k.t.Errorf("the operator was refused: %s: %s", denial.permission, denial.message)
		}
	}()
	if err := l.live(); err != nil {
		k.t.Fatal(err)
	}
	o.stop(k.t)
	l.eventually("the lease lapsing", l.lapsed)
}
