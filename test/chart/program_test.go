// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestOperatorRuns installs the chart and runs the operator's program with the flags and as the account of the
// Deployment: it becomes ready, takes the lease, and is refused nothing.
func TestOperatorRuns(t *testing.T) {
	path := os.Getenv("OPERATOR")
	if path == "" {
		t.Skip("OPERATOR names no program of the operator: run this through \"make test-chart\"")
	}
	for name, v := range map[string]values{
		"as it comes":     nil,
		"some namespaces": readValues(t, "namespaces.yaml"),
		// The flags of everything, without what takes the Prometheus operator.
		"every flag": parseValues(t, `
shardSelector: access-codes.io/shard!=east
allowedEndpoints: [https://connect.getseam.com, https://seam.example.com]
maxConcurrentReconciles: 8
logLevel: debug
extraArgs: [--zap-encoder=console]
webhook: {enabled: true}
metrics: {secure: false}
`),
	} {
		t.Run(name, func(t *testing.T) {
			k := theCluster(t)
			for _, namespace := range []string{"bookings", "cleaning"} {
				k.makeNamespace(namespace)
			}
			r := k.mustInstall(loadChart(t), home, v)
			d := get[appsv1.Deployment](t, parseObjects(t, r.Manifest), theDeployment)
			k.eventually("the kinds being served", func(ctx context.Context) error {
				list := &unstructured.UnstructuredList{}
				list.SetGroupVersionKind(accessCode("", "").GroupVersionKind())
				return k.List(ctx, list)
			})
			o := k.startOperator(path, d)
			k.eventually("the operator getting ready", o.ready)
			k.eventually("the operator taking the lease", k.leaseIsHeld)
			log := o.stop()
			if strings.Contains(log, "forbidden") {
				t.Errorf("the operator was refused something:\n%s", log)
			}
		})
	}
}

func (k *cluster) leaseIsHeld(ctx context.Context) error {
	var list coordinationv1.LeaseList
	if err := k.List(ctx, &list, client.InNamespace(home)); err != nil {
		return err
	}
	for _, lease := range list.Items {
		if holder := lease.Spec.HolderIdentity; holder != nil && *holder != "" {
			return nil
		}
	}
	return errors.New("nobody holds a lease")
}

// operator is a process of the operator's program.
type operator struct {
	k      *cluster
	cmd    *exec.Cmd
	probes string
	output *bytes.Buffer // to be read when it has ended
	ended  chan struct{}
	err    error // how it has ended
}

// startOperator takes all from the Deployment but addresses that are free here, and what a Pod would have.
func (k *cluster) startOperator(path string, d *appsv1.Deployment) *operator {
	k.t.Helper()
	o := &operator{k: k, probes: k.freeAddress(), output: &bytes.Buffer{}, ended: make(chan struct{})}
	var args []string
	for _, arg := range d.Spec.Template.Spec.Containers[0].Args {
		if flag, _, _ := strings.Cut(arg, "="); strings.HasSuffix(flag, "-bind-address") {
			arg = flag + "=" + k.freeAddress()
			if flag == "--health-probe-bind-address" {
				arg = flag + "=" + o.probes
			}
		}
		args = append(args, arg)
	}
	kubeconfig := writeKubeconfig(k.t, k.accountConfig(d.Namespace, d.Spec.Template.Spec.ServiceAccountName))
	args = append(args, "--kubeconfig="+kubeconfig, "--leader-elect-namespace="+d.Namespace)
	o.cmd = exec.CommandContext(context.WithoutCancel(k.t.Context()), path, args...)
	o.cmd.Stdout, o.cmd.Stderr = o.output, o.output
	if err := o.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	go func() {
		defer close(o.ended)
		o.err = o.cmd.Wait()
	}()
	k.t.Cleanup(func() {
		_ = o.cmd.Process.Kill()
		<-o.ended
		if k.t.Failed() {
			k.t.Logf("The operator, with %q:\n%s", args, o.output)
		}
	})
	return o
}

// accountConfig is how a ServiceAccount reaches the API server.
func (k *cluster) accountConfig(namespace, name string) *rest.Config {
	k.t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	token := &authenticationv1.TokenRequest{}
	if err := k.SubResource("token").Create(k.t.Context(), account, token); err != nil {
		k.t.Fatal(err)
	}
	c := rest.AnonymousClientConfig(apiServer)
	c.BearerToken = token.Status.Token
	return c
}

func (k *cluster) freeAddress() string {
	k.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(k.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// ready asks as the kubelet would.
func (o *operator) ready(ctx context.Context) error {
	select {
	case <-o.ended:
		o.k.t.Fatalf("it has ended: %v", o.err)
	default:
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+o.probes+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", response.Status)
	}
	return nil
}

// stop ends it as a Deployment does and returns what it has said.
func (o *operator) stop() string {
	o.k.t.Helper()
	if err := o.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		o.k.t.Error(err)
	}
	<-o.ended
	if o.err != nil {
		o.k.t.Errorf("the operator ended with %v", o.err)
	}
	return o.output.String()
}
