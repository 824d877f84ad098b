// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfig is the file with which the demo, and who looks on, speaks to the API server.
func (d *demo) kubeconfig() string { return d.file("kubeconfig") }

// writeKubeconfig writes how a user reaches the API server. The certificate is named and not copied: the API server
// makes it when it starts.
func (d *demo) writeKubeconfig(path, address, user, token, namespace string) error {
	const name = "access-code-demo"
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{
		Server:               "https://" + address,
		CertificateAuthority: filepath.Join(d.certificates(), "apiserver.crt"),
	}
	config.AuthInfos[user] = &api.AuthInfo{Token: token}
	config.Contexts[name] = &api.Context{Cluster: name, AuthInfo: user, Namespace: namespace}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
