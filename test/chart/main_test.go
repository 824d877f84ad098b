// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package chart_test checks that the Helm chart renders what kustomize renders from config/, and that a real API server accepts
// it. Helm and kustomize are their libraries; this is a module of its own, so that the operator needs neither. That the
// operator runs with it is for test/e2e to show.
//
// It is run by "make test-chart". Without KUBEBUILDER_ASSETS, tests that need an API server are skipped.
package chart_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// The checkout, its chart, and what the chart is to be like.
var (
	project = filepath.Join("..", "..")
	charted = filepath.Join(project, "charts", "access-code-operator")
	config  = filepath.Join(project, "config")
)

// apiServer is shared by all tests of this package; nil where they are skipped. The CRDs come from the chart.
var apiServer *rest.Config

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	if os.Getenv("KUBEBUILDER_ASSETS") == "" || os.Getenv(asClient) != "" {
		return m.Run()
	}
	environment := &envtest.Environment{}
	started, err := environment.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the API server (run this through \"make test-chart\", which builds it):", err)
		return 1
	}
	apiServer = started
	code := m.Run()
	if err := environment.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the API server:", err)
		return 1
	}
	return code
}
