// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"fmt"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Kubeconfig is the path of the administrator's kubeconfig. WriteKubeconfig may write another one there, such as one
// with a namespace.
func (c *Cluster) Kubeconfig() string { return c.file("kubeconfig") }

// WriteKubeconfig writes a user's kubeconfig for an API server: this one, or a proxy before it. It names the file of the
// certificate instead of copying it, as the API server makes it when it starts; a server whose URL begins with http:// has
// none.
func (c *Cluster) WriteKubeconfig(path, server, user, token, namespace string) error {
	const name = "local"
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{Server: server}
	if !strings.HasPrefix(server, "http://") {
		config.Clusters[name].CertificateAuthority = c.certificate()
	}
	config.AuthInfos[user] = &api.AuthInfo{Token: token}
	config.Contexts[name] = &api.Context{Cluster: name, AuthInfo: user, Namespace: namespace}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
