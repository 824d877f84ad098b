// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// stopWithin is how long the operator may take to stop: it finishes the steps that it has begun.
const stopWithin = 20 * time.Second

// account is a ServiceAccount.
type account struct{ namespace, name string }

// user is how the API server calls it.
func (a account) user() string { return "system:serviceaccount:" + a.namespace + ":" + a.name }

// own is the ServiceAccount of config/rbac.
func (h *house) own() account { return account{h.account.Namespace, h.account.Name()} }

// operator is the operator's program, started with a token of an account.
type operator struct {
	*localcluster.Process

	h       *house
	name    string
	metrics string // URL of the metrics, empty when there are none
}

const (
	// withoutMetrics is the flag of an operator that serves none.
	withoutMetrics = "--metrics-bind-address=0"
	// openMetrics is that of one which serves them to everybody.
	openMetrics = "--metrics-secure=false"
)

// program says how the operator is to be started.
type program struct {
	token string
	flags []string
	env   []string
	// unready says that it is not waited for: it is not to get that far.
	unready bool
}

// startOperator starts the operator's program; the test ends it at the latest.
func (h *house) startOperator(t *testing.T, p program) *operator {
	t.Helper()
	// Also the name of the log, so each start has its own.
	o := &operator{h: h, name: "operator-" + strings.ReplaceAll(t.Name(), "/", "-") + "-" + time.Now().Format("150405.000")}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := h.cluster.WriteKubeconfig(kubeconfig, "https://"+h.cluster.Address(), "operator", p.token, ""); err != nil {
		t.Fatal(err)
	}
	var probes, metrics string
	var err error
	o.Process, err = h.cluster.Launch(t.Context(), localcluster.Plan{
		Name: o.name, Path: h.program, Env: p.env,
		Args: func() ([]string, error) {
			addresses, err := localcluster.FreeAddresses(t.Context(), 2)
			if err != nil {
				return nil, err
			}
			probes, metrics = addresses[0], addresses[1]
			return append([]string{
				"--kubeconfig=" + kubeconfig,
				"--health-probe-bind-address=" + probes,
				"--metrics-bind-address=" + metrics,
			}, p.flags...), nil
		},
		Ready: func(ctx context.Context) error {
			if p.unready {
				return localcluster.Answers(ctx, "http://"+probes+"/healthz")
			}
			err := localcluster.Answers(ctx, "http://"+probes+"/readyz")
			if slices.Contains(p.flags, withoutMetrics) {
				return err
			}
			return errors.Join(err, localcluster.Listens(ctx, metrics))
		},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.cluster.Tail(o.name))
	}
	o.metrics = p.metricsURL(metrics)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("The last lines of the operator:\n%s", h.cluster.Tail(o.name))
		}
		_ = o.Kill()
	})
	return o
}

func (p program) metricsURL(address string) string {
	switch {
	case slices.Contains(p.flags, withoutMetrics):
		return ""
	case slices.Contains(p.flags, openMetrics):
		return "http://" + address + "/metrics"
	}
	return "https://" + address + "/metrics"
}

// stop ends it as a Deployment does.
func (o *operator) stop(t *testing.T) {
	t.Helper()
	if err := o.Stop(stopWithin); err != nil {
		t.Error(err)
	}
}

// log is all that it has said.
func (o *operator) log(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(o.h.cluster.Log(o.name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// makeAccount makes a ServiceAccount and returns it with a token of it.
func (h *house) makeAccount(t *testing.T, namespace, name string) (account, string) {
	t.Helper()
	object := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	h.create(t, object)
	var token authenticationv1.TokenRequest
	if err := h.SubResource("token").Create(t.Context(), object, &token); err != nil {
		t.Fatal(err)
	}
	return account{namespace, name}, token.Status.Token
}
