// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command access-code-operator reconciles AccessCodes, which are PINs on locks, through the Seam API.
package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/version"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

const (
	leaderElectionID = "access-code-operator.access-codes.io"
	// gcPercent is how many percent the heap may grow before it is collected, where GOGC does not say. Most of the heap is
	// caches, and the operator needs memory more than processor time.
	gcPercent = 40
	// shutdownTimeout is how long reconciles under way may take to end when the operator is stopped.
	shutdownTimeout = 40 * time.Second
)

// stamp is set by the linker, as <version>@<revision>; see the Makefile.
var stamp string

// options are the command line.
type options struct {
	version         bool
	metricsAddress  string
	metricsSecure   bool
	probeAddress    string
	pprofAddress    string
	leaderElect     bool
	leaderNamespace string
	namespaces      string
	endpoints       string
	webhookAddress  string
	shard           string
	workers         int
	zap             zap.Options
}

func main() {
	var o options
	o.bind(flag.CommandLine)
	flag.Parse()
	zones, err := openZones(os.Getenv("ZONEINFO"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	build := version.Current(stamp)
	build.TimeZones = zones.Release()
	if o.version {
		fmt.Fprintln(os.Stdout, build)
		return
	}
	if err := o.withoutBodies(flag.CommandLine); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&o.zap)))
	if err := run(ctrl.SetupSignalHandler(), o, build, zones); err != nil {
		ctrl.Log.Error(err, "Operator stopped")
		os.Exit(1)
	}
}

func (o *options) bind(flags *flag.FlagSet) {
	flags.BoolVar(&o.version, "version", false, "Print version, revision, Go version, platform and the release of the time zones, and end.")
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", "0", "Address of the metrics endpoint, such as :8443; 0 turns it off.")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", true, "Serve metrics over HTTPS, to those whom the API server allows to read them.")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "Address of the endpoints /healthz and /readyz; 0 turns them off.")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "0", "Address of the profiles of net/http/pprof, such as 127.0.0.1:8083: they ask for no credentials. 0 turns them off.")
	flags.BoolVar(&o.leaderElect, "leader-elect", false, "Work only while holding a lease, so that several replicas can stand by.")
	flags.StringVar(&o.leaderNamespace, "leader-elect-namespace", "", "Namespace of the lease; the operator's own when empty.")
	flags.StringVar(&o.namespaces, "watch-namespaces", "", "Namespaces to serve, separated by commas; all when empty.")
	flags.StringVar(&o.endpoints, "allowed-endpoints", "", "Endpoints that a SeamWorkspace may name, separated by commas, such as https://connect.getseam.com; a host stands for its https address. Every endpoint when empty.")
	flags.StringVar(&o.webhookAddress, "webhook-bind-address", "0", "Address at which Seam's webhooks are received, such as :8082, over HTTP: what ends TLS stands before it. 0 turns it off.")
	flags.StringVar(&o.shard, "shard-selector", "", "Label selector of the AccessCodes to serve and of the SeamWorkspaces to keep, such as access-codes.io/shard=east; everything when empty. Another operator must serve the rest, such as !access-codes.io/shard.")
	flags.IntVar(&o.workers, "max-concurrent-reconciles", 32, "How many AccessCodes are worked on at once.")
	o.zap.BindFlags(flags)
}

// withoutBodies limits the verbosity of the log to the level below that at which the Kubernetes client logs the bodies of
// requests and answers: Secrets are among them.
func (o *options) withoutBodies(flags *flag.FlagSet) error {
	if o.zap.Level == nil || !o.zap.Level.Enabled(-8) {
		return nil
	}
	return flags.Set("zap-log-level", "7")
}

func run(ctx context.Context, o options, build version.Info, zones *schedule.Zones) error {
	ctrl.Log.Info("Operator starts", "version", build.Version, "revision", build.Revision, "go", build.Go, "platform", build.Platform,
		"timeZones", build.TimeZones)
	if o.workers < 1 {
		return fmt.Errorf("--max-concurrent-reconciles must be at least 1, not %d", o.workers)
	}
	endpoints, err := workspace.ParseEndpoints(o.endpoints)
	if err != nil {
		return fmt.Errorf("--allowed-endpoints: %w", err)
	}
	shard, err := o.selector()
	if err != nil {
		return err
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster (--kubeconfig, KUBECONFIG or in-cluster): %w", err)
	}
	config.UserAgent = build.UserAgent()
	managerOptions, err := o.manager()
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, managerOptions)
	if err != nil {
		return fmt.Errorf("setting up the manager: %w", err)
	}
	instruments := metrics.New(build.Version, build.Revision, build.TimeZones)
	if err := ctrlmetrics.Registry.Register(instruments); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	if err := controllers.Setup(ctx, mgr, controllers.Options{
		Registry: workspace.NewRegistry(workspace.Options{
			Clock: clock.RealClock{}, UserAgent: build.UserAgent(), Endpoints: endpoints, Metrics: instruments,
		}),
		Metrics:                 instruments,
		Clock:                   clock.RealClock{},
		Zones:                   zones,
		MaxConcurrentReconciles: o.workers,
		Shard:                   kube.Shard{Selector: shard},
		WebhookAddress:          o.receiverAddress(),
	}); err != nil {
		return err
	}
	if err := addProbes(mgr); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running: %w", err)
	}
	return nil
}

// openZones are the time zones in the program, so that all replicas agree whatever their machines have. ZONEINFO, as Go's
// programs know it, names others: a folder such as /usr/share/zoneinfo, or a zip file of one. It is for those who need a
// release before there is an operator with it.
func openZones(zoneinfo string) (*schedule.Zones, error) {
	if zoneinfo == "" {
		return schedule.EmbeddedZones()
	}
	files, err := filesOf(zoneinfo)
	if err != nil {
		return nil, fmt.Errorf("ZONEINFO %s: %w", zoneinfo, err)
	}
	zones, err := schedule.ZonesFrom(files)
	if err != nil {
		return nil, fmt.Errorf("ZONEINFO %s: %w", zoneinfo, err)
	}
	return zones, nil
}

func filesOf(zoneinfo string) (fs.FS, error) {
	info, err := os.Stat(zoneinfo) //nolint:gosec // it is named by whoever starts the program
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return os.DirFS(zoneinfo), nil
	}
	return zip.OpenReader(zoneinfo) // stays open for as long as the process lives
}

func (o *options) manager() (ctrl.Options, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return ctrl.Options{}, fmt.Errorf("registering kinds: %w", err)
	}
	served := metricsserver.Options{BindAddress: o.metricsAddress, SecureServing: o.metricsSecure}
	if o.metricsSecure {
		served.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	return ctrl.Options{
		Scheme:                 scheme,
		Metrics:                served,
		HealthProbeBindAddress: o.probeAddress,
		PprofBindAddress:       o.pprofAddress,
		// A replica that stands by has its caches and queues filled, so that it takes over at once.
		Controller:                    ctrlconfig.Controller{EnableWarmup: ptr.To(true)},
		LeaderElection:                o.leaderElect,
		LeaderElectionID:              o.leaderElectionID(),
		LeaderElectionNamespace:       o.leaderNamespace,
		LeaderElectionReleaseOnCancel: true, // main returns as soon as the manager has ended
		GracefulShutdownTimeout:       ptr.To(shutdownTimeout),
		Cache: cache.Options{
			DefaultNamespaces:           o.cachedNamespaces(),
			DefaultTransform:            withoutBallast,
			ReaderFailOnMissingInformer: true,
		},
		// What a Secret holds is read from the API server when it is needed and kept nowhere.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	}, nil
}

// receiverAddress is the address at which webhooks are received, empty when they are not.
func (o *options) receiverAddress() string {
	if o.webhookAddress == "0" {
		return ""
	}
	return o.webhookAddress
}

// selector is the label selector of the shard, nil when everything is served.
func (o *options) selector() (labels.Selector, error) {
	if o.shard == "" {
		return nil, nil
	}
	selector, err := labels.Parse(o.shard)
	if err != nil {
		return nil, fmt.Errorf("--shard-selector: %w", err)
	}
	return selector, nil
}

// leaderElectionID gives each shard a lease of its own.
func (o *options) leaderElectionID() string {
	if o.shard == "" {
		return leaderElectionID
	}
	sum := sha256.Sum256([]byte(o.shard))
	return leaderElectionID + "-" + hex.EncodeToString(sum[:4])
}

// withoutBallast removes from an object, before it is cached, what nobody here reads: the copies that tools keep to compare
// with. These are as large as the object and contain the PINs of a Secret.
func withoutBallast(object any) (any, error) {
	if o, ok := object.(metav1.Object); ok {
		o.SetManagedFields(nil)
		annotations := o.GetAnnotations()
		delete(annotations, corev1.LastAppliedConfigAnnotation)
		o.SetAnnotations(annotations)
	}
	return object, nil
}

func (o *options) cachedNamespaces() map[string]cache.Config {
	namespaces := map[string]cache.Config{}
	for namespace := range strings.SplitSeq(o.namespaces, ",") {
		if namespace = strings.TrimSpace(namespace); namespace != "" {
			namespaces[namespace] = cache.Config{}
		}
	}
	return namespaces
}

// addProbes answers /healthz as soon as the process runs, and /readyz once the caches are filled.
func addProbes(mgr ctrl.Manager) error {
	synced := func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("caches", synced)); err != nil {
		return fmt.Errorf("adding probes: %w", err)
	}
	return nil
}
