// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"

	"k8s.io/client-go/util/keyutil"
)

// controllers are those of Kubernetes that the demo needs: a namespace and what is in it go, what a deleted object
// owned goes, and namespaces have their ServiceAccount.
const controllers = "namespace-controller,garbage-collector-controller,serviceaccount-controller"

// startAPIServer starts etcd and kube-apiserver and writes the kubeconfig of an administrator.
func (d *demo) startAPIServer(ctx context.Context) error {
	storage, err := d.startEtcd(ctx)
	if err != nil {
		return err
	}
	token := rand.Text()
	keys := d.file("service-account.key")
	if err := writeKeys(keys); err != nil {
		return err
	}
	if err := d.writePrivate("tokens.csv", fmt.Sprintf("%s,admin,admin,system:masters\n", token)); err != nil {
		return err
	}
	return d.family.launch(ctx, plan{
		name: apiServerName, path: d.parts.of(apiServerName),
		args: func() ([]string, error) {
			addresses, err := freeAddresses(ctx, 1)
			if err != nil {
				return nil, err
			}
			host, port, err := net.SplitHostPort(addresses[0])
			if err != nil {
				return nil, fmt.Errorf("choosing a port: %w", err)
			}
			if err := d.writeKubeconfig(d.kubeconfig(), addresses[0], "admin", token, namespace); err != nil {
				return nil, err
			}
			d.apiServer = addresses[0]
			return []string{
				"--etcd-servers=" + storage,
				"--bind-address=" + host,
				"--secure-port=" + port,
				// Its own address need not be known to anybody, which spares it looking for a network.
				"--advertise-address=" + host,
				"--endpoint-reconciler-type=none",
				"--service-cluster-ip-range=10.0.0.0/24",
				"--cert-dir=" + d.certificates(),
				"--authorization-mode=RBAC",
				"--token-auth-file=" + d.file("tokens.csv"),
				"--service-account-issuer=https://kubernetes.default.svc",
				"--service-account-key-file=" + keys,
				"--service-account-signing-key-file=" + keys,
				"--profiling=false",
			}, nil
		},
		ready: func(ctx context.Context) error {
			_, err := d.kubectl.output(ctx, "get", "--raw", "/readyz")
			return err
		},
	})
}

// startEtcd returns the address of etcd.
func (d *demo) startEtcd(ctx context.Context) (string, error) {
	var storage string
	err := d.family.launch(ctx, plan{
		name: etcdName, path: d.parts.of(etcdName),
		args: func() ([]string, error) {
			addresses, err := freeAddresses(ctx, 2)
			if err != nil {
				return nil, err
			}
			storage = "http://" + addresses[0]
			peers := "http://" + addresses[1]
			return []string{
				"--data-dir=" + d.file("etcd"),
				"--listen-client-urls=" + storage,
				"--advertise-client-urls=" + storage,
				"--listen-peer-urls=" + peers,
				"--initial-advertise-peer-urls=" + peers,
				"--initial-cluster=default=" + peers,
				"--unsafe-no-fsync", // what it stores is thrown away
			}, nil
		},
		ready: func(ctx context.Context) error { return answers(ctx, storage+"/health") },
	})
	return storage, err
}

// startControllers starts kube-controller-manager, after the CRDs are there: the garbage collector looks for kinds
// that are new to it now and then only.
func (d *demo) startControllers(ctx context.Context) error {
	return d.family.launch(ctx, plan{
		name: controllerName, path: d.parts.of(controllerName),
		args: func() ([]string, error) {
			return []string{
				"--kubeconfig=" + d.kubeconfig(),
				"--controllers=" + controllers,
				"--secure-port=0", // nobody asks it anything
				"--leader-elect=false",
				"--profiling=false",
			}, nil
		},
		ready: func(ctx context.Context) error {
			_, err := d.kubectl.output(ctx, "-n", "default", "get", "serviceaccount", "default")
			return err
		},
	})
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

// certificates is where the API server puts the certificate that it makes for itself.
func (d *demo) certificates() string { return d.file("certificates") }

func (d *demo) writePrivate(name, content string) error {
	if err := os.WriteFile(d.file(name), []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
