// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// namespace is where the samples are applied.
const namespace = "bookings"

// The windows of the samples, in the simulator's time.
const (
	windowAhead = 2 * time.Hour
	windowLasts = 4 * time.Hour
	// offlineLasts, with the hour that the provider may add, ends within the window of the time-bound sample: nobody
	// can take an offline code off earlier.
	offlineLasts = 3 * time.Hour
	// backupLasts is longer than the demo goes, past the next change of the clock: code and backup are there to be deleted.
	backupLasts = 400 * 24 * time.Hour
)

// windowsFrom are the windows of the samples as seen from a moment.
func windowsFrom(now time.Time) windows {
	now = now.Truncate(time.Minute) // Seam takes whole minutes
	starts := now.Add(windowAhead)
	return windows{
		bound:   window{starts, starts.Add(windowLasts)},
		backup:  window{now, now.Add(backupLasts)},
		offline: window{now, now.Add(offlineLasts)},
	}
}

// demo is one run.
type demo struct {
	parts   parts
	dir     string // temporary
	out     *console
	cluster *localcluster.Cluster
	sim     *simulator
	samples []sample
	cast    cast
	staying bool
	shown   table // what was printed last of the AccessCodes
}

func newDemo(p parts, dir string, stdout io.Writer, fail func(error)) *demo {
	out := &console{w: stdout, fail: fail, blank: true, bold: isTerminal(stdout)}
	cluster := localcluster.New(localcluster.Options{Binaries: p.k8s, Dir: dir, Failed: fail})
	return &demo{parts: p, dir: dir, out: out, cluster: cluster, sim: &simulator{out: out}}
}

// show starts everything, then goes through the stages or, with stay, waits to be ended.
func (d *demo) show(ctx context.Context, stay bool) error {
	began := time.Now()
	d.staying = stay
	if err := d.start(ctx); err != nil {
		return err
	}
	if stay {
		return d.stay(ctx)
	}
	if err := d.play(ctx); err != nil {
		return err
	}
	d.out.heading("Done")
	d.out.say("Shown in %s, each step as Kubernetes and the simulator both saw it: codes set on locks, a PIN changed,\n"+
		"a code put back that was taken off, one taken over, a backup pulled, an offline code, a window from before its\n"+
		"start to after its end, a weekly code over a change of the clock, its PIN replaced, and nothing left behind.",
		time.Since(began).Round(time.Second))
	return nil
}

// start brings everything up to where a user would begin: the operator runs and the workspace is connected.
func (d *demo) start(ctx context.Context) error {
	d.out.heading("Starting Kubernetes, the simulator of Seam and the operator")
	d.out.say("etcd and kube-apiserver start, on free ports and with their data in %s.", d.dir)
	// So that commands can name it as a person in the checkout would.
	if err := os.Symlink(d.parts.config(), d.file("config")); err != nil {
		return fmt.Errorf("preparing the temporary folder: %w", err)
	}
	for _, step := range []func(context.Context) error{
		d.startAPIServer, d.installCRDs, d.cluster.StartControllers, d.startSimulator, d.startOperator, d.writeSamples, d.connect,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startAPIServer starts what the kinds are installed on, for an administrator at home in the namespace of the samples.
func (d *demo) startAPIServer(ctx context.Context) error {
	if err := d.cluster.StartAPIServer(ctx); err != nil {
		return err
	}
	return d.cluster.WriteKubeconfig(d.cluster.Kubeconfig(), d.server(), "admin", d.cluster.Config().BearerToken, namespace)
}

// server is the URL of the API server.
func (d *demo) server() string { return "https://" + d.cluster.Address() }

func (d *demo) installCRDs(ctx context.Context) error {
	d.out.say("kube-apiserver runs: %s\n", d.server())
	if err := d.kubectl(ctx, "apply", "-k", "config/crd"); err != nil {
		return err
	}
	return d.cluster.Established(ctx)
}

// writeSamples writes the samples, adapted, to where the commands name them.
func (d *demo) writeSamples(ctx context.Context) error {
	d.out.say("The simulator runs: %s (what stands as curl below, the demo sends itself)", d.sim.url)
	d.out.say("The operator runs, as its own ServiceAccount with the roles of config/rbac.\n")
	state, err := d.sim.state(ctx)
	if err != nil {
		return err
	}
	d.samples, err = readSamples(d.parts.config("samples"), surroundings{
		endpoint: d.sim.url,
		apiKey:   sim.SeedAPIKey,
		locks:    []string{sim.SeedNativeLockID, sim.SeedJustInTimeLockID, sim.SeedOfflineCodeLockID},
		windows:  windowsFrom(state.Now),
	})
	if err != nil {
		return err
	}
	if d.cast, err = castOf(d.samples); err != nil {
		return err
	}
	if err := os.Mkdir(d.file("samples"), 0o700); err != nil {
		return fmt.Errorf("writing the samples: %w", err)
	}
	for _, s := range d.samples {
		if s.imports() != "" {
			continue // what it takes over is not there yet
		}
		if err := d.writePrivate(s.path(), string(s.text)); err != nil {
			return err
		}
	}
	return nil
}

// connect applies what leads to Seam and waits until Seam has taken the credentials.
func (d *demo) connect(ctx context.Context) error {
	d.out.say("The samples are those of config/samples with the simulator's address, API key and device ids.\n")
	for _, args := range [][]string{
		{"create", "namespace", namespace},
		append([]string{"-n", namespace, "apply"}, d.sampleFiles(true)...),
		{"-n", namespace, "wait", "--for=condition=Ready", "seamworkspace/" + v1alpha1.DefaultWorkspaceName, "--timeout=60s"},
		{"-n", namespace, "get", "seamworkspaces"},
	} {
		if err := d.kubectl(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// sampleFiles are arguments for kubectl apply: the listed files that lead to Seam, or the other listed ones.
func (d *demo) sampleFiles(credentials bool) []string {
	var args []string
	for _, s := range d.samples {
		if s.credentials == credentials && !s.beside {
			args = append(args, "-f", s.path())
		}
	}
	return args
}

// apply applies the sample of one AccessCode.
func (d *demo) apply(ctx context.Context, code *v1alpha1.AccessCode) error {
	return d.kubectl(ctx, "-n", namespace, "apply", "-f", d.sampleOf(code).path())
}

// sampleOf is the sample that declares an AccessCode of the cast.
func (d *demo) sampleOf(code *v1alpha1.AccessCode) sample {
	return d.samples[slices.IndexFunc(d.samples, func(s sample) bool { return s.code == code })]
}

// printLogs prints, for whoever looks for the cause of a failure, the last lines of the operator and of what has ended
// by itself.
func (d *demo) printLogs() {
	names := append(d.cluster.Troubled(), operatorName)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if tail := d.cluster.Tail(name); tail != "" {
			d.out.heading("The last lines of " + name)
			d.out.indented(tail)
		}
	}
}

// file is a path in the temporary folder.
func (d *demo) file(names ...string) string {
	return filepath.Join(append([]string{d.dir}, names...)...)
}

func (d *demo) writePrivate(name, content string) error {
	if err := os.WriteFile(d.file(name), []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
