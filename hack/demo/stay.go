// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// stay prints what one needs to go on by hand, and keeps the operator up until the demo is ended.
func (d *demo) stay(ctx context.Context) error {
	d.sayHow()
	d.out.say("\nTake the operator away, at any moment, and change something meanwhile: no code is lost or made twice. It is\n"+
		"started again after %s.\n", restartAfter)
	return d.keep(ctx, d.cluster.Process(operatorName), d.launchOperator, restartAfter)
}

// sayHow prints where everything is.
func (d *demo) sayHow() {
	d.out.heading("Up, until Ctrl-C")
	d.out.say("In another terminal, for kubectl on this API server, namespace %s:\n", namespace)
	d.out.say("export KUBECONFIG=%s KUBECACHEDIR=%s PATH=%s:$PATH\n",
		localcluster.Quoted(d.cluster.Kubeconfig()), localcluster.Quoted(d.cluster.KubectlCache()), localcluster.Quoted(d.parts.k8s))
	d.out.say("Locks that can be used as spec.deviceID:\n")
	for _, device := range sim.SeedDevices() {
		if device.WorkspaceID == sim.SeedWorkspaceID && device.ID != sim.SeedThermostatID {
			d.out.say("  %s  %s", device.ID, device.Name)
		}
	}
	d.out.say(example, sim.SeedNativeLockID)
	d.out.say(atTheSimulator, d.sim.url)
	d.out.say("Samples that fit: %s\nLog of the operator: %s", d.file("samples"), d.cluster.Log(operatorName))
}

const example = `
An example to paste:

kubectl apply -f - <<'END'
apiVersion: access-codes.io/v1alpha1
kind: AccessCode
metadata:
  name: visitor
spec:
  deviceID: %s
  displayName: Visitor
  code: "135790"
END
kubectl wait --for=condition=Ready accesscode/visitor --timeout=60s
kubectl get accesscodes
kubectl patch accesscode visitor --type=merge -p '{"spec":{"code":"246801"}}'
kubectl wait --for=jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'=Set accesscode/visitor --timeout=60s
kubectl describe accesscode visitor
kubectl delete accesscode visitor
`

const atTheSimulator = `The simulator of Seam, with what is on the locks, and what can be done there:

SIM=%s
curl -s $SIM/_sim/state
curl -X POST $SIM/_sim/clock/advance -d '{"by":"72h"}'
curl -X POST $SIM/_sim/codes/$(kubectl get accesscode visitor -o 'jsonpath={.status.accessCodeID}')/take-off
kubectl annotate --overwrite accesscode visitor access-codes.io/reconcile-requested-at="$(date)"
`
