// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// connectLimit is how long the operator may take to check credentials.
const connectLimit = time.Minute

// rig is all that runs for one size: everything is new for the next, so that no size carries another's weight.
type rig struct {
	settings settings
	parts    parts
	dir      string
	log      *progress

	cluster  *localcluster.Cluster
	client   client.Client
	observer *observer
	sim      *simulator
	tenant   tenant // the operator's
	operator *operator
	recorder *recorder // nil: nothing is recorded
	peak     int64     // bytes
}

// progress tells on standard error how far things are.
type progress struct {
	out   io.Writer
	began time.Time
}

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, "%7.1fs  %s\n", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}

// newRig makes a folder and the names; start starts the programs.
func newRig(s settings, p parts, log *progress, failed func(error)) (*rig, error) {
	dir, err := os.MkdirTemp("", "access-code-bench-")
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	cluster := localcluster.New(localcluster.Options{Binaries: p.k8s, Dir: dir, Failed: failed})
	r := &rig{settings: s, parts: p, dir: dir, log: log, cluster: cluster}
	if s.record != "" {
		r.recorder = &recorder{}
	}
	return r, nil
}

// start starts everything and returns once the operator has connected.
func (r *rig) start(ctx context.Context) error {
	r.log.say("starting control plane, simulator and operator")
	if err := r.cluster.StartAPIServer(ctx); err != nil {
		return err
	}
	token, err := r.cluster.Install(ctx, r.parts.project)
	if err != nil {
		return err
	}
	if err := r.cluster.StartControllers(ctx); err != nil {
		return err
	}
	if err := r.cluster.WriteKubeconfig(r.operatorKubeconfig(), r.cluster.Config().Host, operatorName, token, ""); err != nil {
		return err
	}
	if r.sim, err = launchSimulator(ctx, r.cluster.Family, r.parts.simulator, r.settings.latency); err != nil {
		return err
	}
	if err := r.watch(ctx); err != nil {
		return err
	}
	if r.tenant, err = r.sim.workspace(ctx, "operator"); err != nil {
		return err
	}
	if err := r.createWorkspace(ctx, mainNamespace, r.tenant); err != nil {
		return err
	}
	if err := r.startOperator(ctx); err != nil {
		return err
	}
	return r.connected(ctx, mainNamespace)
}

// connected waits until the operator has checked the credentials of a namespace.
func (r *rig) connected(ctx context.Context, namespace string) error {
	key := client.ObjectKey{Namespace: namespace, Name: v1alpha1.DefaultWorkspaceName}
	return until(ctx, connectLimit, "connecting", func(ctx context.Context) (bool, error) {
		var workspace v1alpha1.SeamWorkspace
		if err := r.client.Get(ctx, key, &workspace); err != nil {
			return false, fmt.Errorf("reading the SeamWorkspace: %w", err)
		}
		return apimeta.IsStatusConditionTrue(workspace.Status.Conditions, v1alpha1.ConditionReady), nil
	})
}

// watch makes the client of the user, and the watch.
func (r *rig) watch(ctx context.Context) error {
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
	if err == nil {
		r.client, err = client.New(r.cluster.Config(), client.Options{Scheme: scheme})
	}
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	r.observer, err = startObserver(ctx, r.cluster.Config(), scheme)
	return err
}

func (r *rig) operatorKubeconfig() string { return filepath.Join(r.dir, "operator.kubeconfig") }

// stop ends all programs and removes the folder.
func (r *rig) stop() error {
	err := r.cluster.Stop()
	return errors.Join(err, os.RemoveAll(r.dir))
}

// tails are the ends of the logs of programs in trouble.
func (r *rig) tails() string {
	text := ""
	for _, name := range r.cluster.Troubled() {
		text += fmt.Sprintf("The end of %s:\n%s\n", name, r.cluster.Tail(name))
	}
	return text
}
