// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package localcluster runs a Kubernetes control plane, and programs against it, on this machine: for the demo, for
// benchmarks and for tests.
//
// Everything listens on 127.0.0.1, on ports that are free, and dies with its parent. Nothing is safe from a crash of
// the machine: what etcd stores is thrown away.
package localcluster

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/keyutil"
)

// Names of the programs of a control plane.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Kubectl           = "kubectl"
)

// controllers are the controllers of Kubernetes that are needed here: they empty deleted namespaces, delete what a deleted
// object owned, and create the ServiceAccount of a namespace.
const controllers = "namespace-controller,garbage-collector-controller,serviceaccount-controller"

// Options are the folders of a control plane and how it is run.
type Options struct {
	// Binaries is the folder with etcd, kube-apiserver, kubectl and, where wanted, kube-controller-manager.
	Binaries string
	// Dir is where data, logs and kubeconfigs go; the caller removes it.
	Dir string
	// APIServerFlags are added to the command line of kube-apiserver, such as those of an audit log.
	APIServerFlags []string
	// Failed is called when a program ends unexpectedly; may be nil.
	Failed func(error)
}

// Cluster is a control plane and the programs that were launched beside it.
type Cluster struct {
	*Family

	options   Options
	token     string // the administrator's
	address   string
	storage   string
	apiServer *Process
}

// New returns a cluster that has yet to be started.
func New(options Options) *Cluster {
	return &Cluster{Family: NewFamily(options.Dir, options.Failed), options: options, token: rand.Text()}
}

// StartAPIServer starts etcd and kube-apiserver and writes the kubeconfig of an administrator. The API server is ready
// when it returns.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	if err := c.startEtcd(ctx); err != nil {
		return err
	}
	if err := writeKeys(c.keys()); err != nil {
		return err
	}
	if err := c.writePrivate(c.tokens(), c.token+",admin,admin,system:masters\n"); err != nil {
		return err
	}
	return c.launchAPIServer(ctx, func() error {
		addresses, err := FreeAddresses(ctx, 1)
		if err != nil {
			return err
		}
		c.address = addresses[0]
		return c.WriteKubeconfig(c.Kubeconfig(), c.url(), "admin", c.token, "")
	})
}

// RestartAPIServer kills kube-apiserver, as a crash would, and starts it again at the same address on the same etcd. It is
// ready when RestartAPIServer returns.
func (c *Cluster) RestartAPIServer(ctx context.Context) error {
	if err := c.apiServer.Kill(); err != nil {
		return err
	}
	return c.launchAPIServer(ctx, func() error { return nil })
}

// launchAPIServer starts kube-apiserver. Before each attempt it calls settle, which decides on the address.
func (c *Cluster) launchAPIServer(ctx context.Context, settle func() error) error {
	var err error
	c.apiServer, err = c.Launch(ctx, Plan{
		Name: APIServer, Path: c.program(APIServer),
		Args: func() ([]string, error) {
			if err := settle(); err != nil {
				return nil, err
			}
			return c.apiServerArgs()
		},
		Ready: func(ctx context.Context) error {
			_, err := c.Kubectl(ctx, "get", "--raw", "/readyz")
			return err
		},
	})
	return err
}

func (c *Cluster) apiServerArgs() ([]string, error) {
	host, port, err := net.SplitHostPort(c.address)
	if err != nil {
		return nil, fmt.Errorf("choosing a port: %w", err)
	}
	return append([]string{
		"--etcd-servers=" + c.storage,
		"--bind-address=" + host,
		"--secure-port=" + port,
		// Its own address need not be known to anybody, which spares it looking for a network.
		"--advertise-address=" + host,
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--cert-dir=" + c.certificates(),
		"--authorization-mode=RBAC",
		"--token-auth-file=" + c.tokens(),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.keys(),
		"--service-account-signing-key-file=" + c.keys(),
		"--profiling=false",
	}, c.options.APIServerFlags...), nil
}

func (c *Cluster) startEtcd(ctx context.Context) error {
	_, err := c.Launch(ctx, Plan{
		Name: Etcd, Path: c.program(Etcd),
		Args: func() ([]string, error) {
			addresses, err := FreeAddresses(ctx, 2)
			if err != nil {
				return nil, err
			}
			c.storage = "http://" + addresses[0]
			peers := "http://" + addresses[1]
			return []string{
				"--data-dir=" + c.file("etcd"),
				"--listen-client-urls=" + c.storage,
				"--advertise-client-urls=" + c.storage,
				"--listen-peer-urls=" + peers,
				"--initial-advertise-peer-urls=" + peers,
				"--initial-cluster=default=" + peers,
				"--unsafe-no-fsync", // what it stores is thrown away
			}, nil
		},
		Ready: func(ctx context.Context) error { return Answers(ctx, c.storage+"/health") },
	})
	return err
}

// StartControllers starts kube-controller-manager with the controllers of namespaces, of garbage and of ServiceAccounts.
// Install CRDs first: the garbage collector looks for new kinds only now and then.
func (c *Cluster) StartControllers(ctx context.Context) error {
	_, err := c.Launch(ctx, Plan{
		Name: ControllerManager, Path: c.program(ControllerManager),
		Args: func() ([]string, error) {
			return []string{
				"--kubeconfig=" + c.Kubeconfig(),
				"--controllers=" + controllers,
				"--secure-port=0", // nobody asks it anything
				"--leader-elect=false",
				"--profiling=false",
			}, nil
		},
		Ready: func(ctx context.Context) error {
			_, err := c.Kubectl(ctx, "-n", "default", "get", "serviceaccount", "default")
			return err
		},
	})
	return err
}

// Config is an administrator's client configuration, without a limit of requests.
func (c *Cluster) Config() *rest.Config {
	return &rest.Config{
		Host:            c.url(),
		BearerToken:     c.token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: c.certificate()},
		QPS:             -1,
	}
}

// Address is host and port of the API server.
func (c *Cluster) Address() string { return c.address }

// Storage is the URL of etcd.
func (c *Cluster) Storage() string { return c.storage }

func (c *Cluster) url() string { return "https://" + c.address }

// program is the path of a program of Kubernetes.
func (c *Cluster) program(name string) string { return filepath.Join(c.options.Binaries, name) }

// file is a path in the cluster's folder.
func (c *Cluster) file(names ...string) string {
	return filepath.Join(append([]string{c.options.Dir}, names...)...)
}

func (c *Cluster) keys() string   { return c.file("service-account.key") }
func (c *Cluster) tokens() string { return c.file("tokens.csv") }

// certificates is where the API server puts the certificate that it makes for itself.
func (c *Cluster) certificates() string { return c.file("certificates") }
func (c *Cluster) certificate() string  { return filepath.Join(c.certificates(), "apiserver.crt") }

func (c *Cluster) writePrivate(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// writeKeys writes the key that signs and proves tokens of ServiceAccounts.
func writeKeys(path string) error {
	key, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return fmt.Errorf("making the key of the ServiceAccounts: %w", err)
	}
	if err := keyutil.WriteKey(path, key); err != nil {
		return fmt.Errorf("writing the key of the ServiceAccounts: %w", err)
	}
	return nil
}
