// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// house is a cluster without nodes: what they would run is started beside it.
type house struct {
	*localcluster.Cluster

	parts programs
	dir   string
}

// followOnCluster runs the commands of somebody who has a cluster, an image, an API key and a lock. The image is run by
// nobody, so the operator's program is started, with the account of the Deployment, as soon as that is there. Seam is
// reached under its own name, through a proxy that leads to the simulator.
func followOnCluster(t *testing.T, p programs, s session) {
	t.Helper()
	h := newHouse(t, p)
	sh := h.shell("SEAM_API_KEY="+sim.SeedAPIKey, "LOCK_ID="+sim.SeedNativeLockID)
	deployed := slices.IndexFunc(s.commands, func(c command) bool {
		words := c.words()
		return len(words) > 1 && words[0] == "make" && words[1] == "deploy"
	})
	if deployed < 0 {
		t.Fatalf("%s: nothing deploys the operator", s.name)
	}
	sh.run(t, s.commands[:deployed+1])
	if t.Failed() {
		return
	}
	h.startOperator(t)
	sh.run(t, s.commands[deployed+1:])
	if t.Failed() {
		t.Logf("The last lines of the operator:\n%s", h.Tail("operator"))
	}
}

// followWithoutOperator runs the commands of somebody who has removed the operator too early: objects are being deleted,
// and nobody lets them go. Afterwards they are gone.
func followWithoutOperator(t *testing.T, p programs, s session) {
	t.Helper()
	h := newHouse(t, p)
	if _, err := h.Install(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	remaining, gone := command{page: "before " + s.page, text: remain}, command{page: "after " + s.page, text: none}
	h.shell().run(t, append(append([]command{remaining}, s.commands...), gone))
}

const (
	remain = `kubectl create namespace bookings && kubectl -n bookings create -f - <<'END'
apiVersion: v1
kind: Secret
metadata: {name: seam, finalizers: [access-codes.io/in-use]}
---
apiVersion: access-codes.io/v1alpha1
kind: SeamWorkspace
metadata: {name: default, finalizers: [access-codes.io/in-use]}
spec: {auth: {apiKey: {secretKeyRef: {name: seam, key: apiKey}}}}
---
apiVersion: access-codes.io/v1alpha1
kind: AccessCode
metadata: {name: caretaker, finalizers: [access-codes.io/finalizer]}
spec: {deviceID: 5eed0000-0000-4000-8000-000000000101}
END
kubectl -n bookings delete --wait=false accesscode/caretaker seamworkspace/default secret/seam`

	none = `[ -z "$(kubectl -n bookings get accesscodes,seamworkspaces,secrets -o name)" ]`
)

// shell is one of an administrator.
func (h *house) shell(env ...string) shell {
	return shell{
		exports: fmt.Sprintf("export KUBECONFIG=%s KUBECACHEDIR=%s PATH=%s:$PATH",
			localcluster.Quoted(h.Kubeconfig()), localcluster.Quoted(h.KubectlCache()), localcluster.Quoted(h.parts.kubernetes)),
		env: append(env, "KUBERC=off"),
	}
}

func newHouse(t *testing.T, p programs) *house {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{
		Cluster: localcluster.New(localcluster.Options{Binaries: p.kubernetes, Dir: dir}),
		parts:   p, dir: dir,
	}
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := h.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// startOperator starts what the Deployment would have a node start.
func (h *house) startOperator(t *testing.T) {
	t.Helper()
	account, err := localcluster.OperatorAccount(root)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Token(t.Context(), account.Namespace, account.Name())
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(h.dir, "operator.kubeconfig")
	if err := h.WriteKubeconfig(kubeconfig, "https://"+h.Address(), "operator", token, ""); err != nil {
		t.Fatal(err)
	}
	way := leadTo(t, h.startSimulator(t))
	var probes string
	_, err = h.Launch(t.Context(), localcluster.Plan{
		Name: "operator", Path: h.parts.operator, Env: way,
		Args: func() ([]string, error) {
			addresses, err := localcluster.FreeAddresses(t.Context(), 1)
			if err != nil {
				return nil, err
			}
			probes = addresses[0]
			return []string{"--kubeconfig=" + kubeconfig, "--metrics-bind-address=0", "--health-probe-bind-address=" + probes}, nil
		},
		Ready: func(ctx context.Context) error { return localcluster.Answers(ctx, "http://"+probes+"/readyz") },
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Tail("operator"))
	}
}

// startSimulator returns the simulator's URL.
func (h *house) startSimulator(t *testing.T) string {
	t.Helper()
	url, err := h.LaunchSimulator(t.Context(), h.parts.simulator, "--seed")
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Tail(localcluster.Simulator))
	}
	return url
}
