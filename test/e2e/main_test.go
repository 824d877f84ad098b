// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e_test runs the operator's program, as the ServiceAccount that config/rbac gives it, on a real control
// plane with the controllers of Kubernetes, against the simulator of Seam.
//
// It is run by "make test-e2e", which builds the program, what it is installed with, and the control plane. Elsewhere its
// tests are skipped.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// house is what all tests of this package share: the control plane, and the operator's program.
type house struct {
	client.Client // an administrator's, without a cache

	cluster *localcluster.Cluster
	account localcluster.Account // the operator's own
	token   string               // of that account
	program string               // the operator's
	audit   *auditLog
}

// shared is nil where the tests are skipped.
var shared *house

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	program := os.Getenv("OPERATOR")
	if program == "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "access-code-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a temporary folder:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	failed := make(chan error, 1)
	h := newHouse(program, dir, func(err error) {
		select {
		case failed <- err:
		default: // what failed first is the cause
		}
	})
	code := 1
	if err := h.start(context.Background(), filepath.Join("..", "..")); err != nil {
		fmt.Fprintln(os.Stderr, "starting the control plane (run this through \"make test-e2e\", which builds it):", err)
	} else {
		shared = h
		code = m.Run()
	}
	problem := h.cluster.Stop()
	select {
	case err := <-failed:
		problem = errors.Join(problem, err)
	default:
	}
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		return 1
	}
	return code
}

func newHouse(program, dir string, failed func(error)) *house {
	audit := newAuditLog(filepath.Join(dir, "audit.log"))
	return &house{
		cluster: localcluster.New(localcluster.Options{
			Binaries: os.Getenv("KUBEBUILDER_ASSETS"),
			Dir:      dir,
			APIServerFlags: append(audit.flags(),
				// Without it nobody asks for the permission to update the finalizers of an owner, as OpenShift does.
				"--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
			),
			Failed: failed,
		}),
		program: program,
		audit:   audit,
	}
}

// start brings up the control plane and installs the CRDs and roles of the checkout.
func (h *house) start(ctx context.Context, project string) error {
	return h.startWith(ctx, project, func(ctx context.Context) (err error) {
		h.token, err = h.cluster.Install(ctx, project)
		return err
	})
}

// startWith starts the control plane and installs the operator of the checkout.
func (h *house) startWith(ctx context.Context, project string, install func(context.Context) error) error {
	if err := h.audit.writePolicy(); err != nil {
		return err
	}
	if err := h.cluster.StartAPIServer(ctx); err != nil {
		return err
	}
	err := install(ctx)
	if err != nil {
		return err
	}
	if h.account, err = localcluster.OperatorAccount(project); err != nil {
		return err
	}
	if err := h.cluster.StartControllers(ctx); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("registering kinds: %w", err)
	}
	h.Client, err = client.New(h.cluster.Config(), client.Options{Scheme: scheme})
	return err
}

// theHouse returns what the tests share; where there is nothing, the test is skipped.
func theHouse(t *testing.T) *house {
	t.Helper()
	if shared == nil {
		t.Skip("OPERATOR names no program of the operator: run this through \"make test-e2e\"")
	}
	return shared
}

// makeNamespace makes one and removes it when the test ends, without waiting for that.
func (h *house) makeNamespace(t *testing.T, prefix string) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-"}}
	h.create(t, namespace)
	t.Cleanup(func() { _ = h.Delete(context.WithoutCancel(t.Context()), namespace) })
	return namespace.Name
}

func (h *house) create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := h.Create(t.Context(), object); err != nil {
			t.Fatalf("creating %T %q: %v", object, object.GetName(), err)
		}
	}
}

// events are those of a namespace, as the API that the operator writes them to shows them.
func (h *house) events(ctx context.Context, namespace string) ([]eventsv1.Event, error) {
	var list eventsv1.EventList
	err := h.List(ctx, &list, client.InNamespace(namespace))
	return list.Items, err
}
