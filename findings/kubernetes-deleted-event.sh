#!/usr/bin/env bash
# Kubernetes: a PUT that takes the last finalizer off is answered with what it wrote, and nobody who watches ever sees that.
#
# Seen on 29 November 2026 with k8s.io/apiextensions-apiserver v0.37.2, the newest, and its etcd, on Go 1.26.8.
#
# Guess: an event DELETED has the state right before the deletion, so the documentation, and the PUT that brings the deletion
# about comes before it: what else it changes is written, as with each PUT, and is in the event.
# Seen: with the last finalizer gone the server deletes in place of writing. The answer, 200, shows the object as put; the event
# shows it as it was before the PUT, with its finalizer and the old labels. Only its resource version is new, and the answer's
# is not.
# Output: PUT      lock=shuts finalizers=[example.com/lock] resource version newer
#         MODIFIED lock=shuts finalizers=[example.com/lock] resource version as in the PUT
#         PUT      lock=shut finalizers=[] resource version as before
#         DELETED  lock=shuts finalizers=[example.com/lock] resource version newer
# Why it matters: a last word, such as the time at which a code left the lock, put together with the finalizer's end in order
# to save a write, is lost on all that watch: controllers, backups, audits by watch. Write it first, then release.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get k8s.io/apiextensions-apiserver@v0.37.2 >/dev/null 2>&1

cat >see_test.go <<'GO'
package see

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	"k8s.io/apiextensions-apiserver/test/integration/fixtures"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/storage/etcd3/testserver"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

func TestSee(t *testing.T) {
	ctx, config := t.Context(), serve(t)
	extensions, clients := clientset.NewForConfigOrDie(config), dynamic.NewForConfigOrDie(config)
	definition, err := fixtures.CreateNewV1CustomResourceDefinition(fixtures.NewNoxuV1CustomResourceDefinition(apiextensionsv1.ClusterScoped), extensions, clients)
	check(err)
	kind := schema.GroupVersionKind{Group: definition.Spec.Group, Version: definition.Spec.Versions[0].Name, Kind: definition.Spec.Names.Kind}
	codes := clients.Resource(kind.GroupVersion().WithResource(definition.Spec.Names.Plural))

	code := &unstructured.Unstructured{}
	code.SetGroupVersionKind(kind)
	code.SetName("guest")
	code.SetFinalizers([]string{"example.com/lock"})
	_, err = codes.Create(ctx, code, metav1.CreateOptions{})
	check(err)
	check(codes.Delete(ctx, "guest", metav1.DeleteOptions{}))
	code, err = codes.Get(ctx, "guest", metav1.GetOptions{})
	check(err)
	events, err := codes.Watch(ctx, metav1.ListOptions{ResourceVersion: code.GetResourceVersion()})
	check(err)
	defer events.Stop()

	put := func(lock string) {
		before := code.GetResourceVersion()
		code.SetLabels(map[string]string{"lock": lock})
		code, err = codes.Update(ctx, code, metav1.UpdateOptions{})
		check(err)
		show("PUT", code, map[string]string{before: "as before"})
		event := <-events.ResultChan()
		show(string(event.Type), event.Object.(*unstructured.Unstructured), map[string]string{code.GetResourceVersion(): "as in the PUT"})
	}
	put("shuts")
	code.SetFinalizers(nil)
	put("shut")
}

func show(what string, code *unstructured.Unstructured, versions map[string]string) {
	version, known := versions[code.GetResourceVersion()]
	if !known {
		version = "newer"
	}
	fmt.Printf("see: %-8s lock=%s finalizers=%v resource version %s\n", what, code.GetLabels()["lock"], code.GetFinalizers(), version)
}

// serve serves custom resources, without a cluster and so without admission.
func serve(t *testing.T) *rest.Config {
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	check(os.WriteFile(kubeconfig, []byte(`{apiVersion: v1, kind: Config, current-context: none,
  contexts: [{name: none, context: {cluster: none}}], clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]}`), 0o600))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := options.NewCustomResourceDefinitionsServerOptions(io.Discard, io.Discard)
	server.RecommendedOptions.SecureServing.Listener = listener
	flags := pflag.NewFlagSet("", pflag.PanicOnError)
	server.AddFlags(flags)
	check(flags.Parse([]string{
		"--etcd-servers=" + testserver.RunEtcd(t, nil).Endpoints()[0], "--cert-dir=" + t.TempDir(), "--bind-address=127.0.0.1",
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--authentication-skip-lookup", "--enable-priority-and-fairness=false",
		"--disable-admission-plugins=NamespaceLifecycle,MutatingAdmissionWebhook,ValidatingAdmissionWebhook,ValidatingAdmissionPolicy,MutatingAdmissionPolicy",
	}))
	check(server.Complete())
	check(server.Validate())
	config, err := server.Config()
	check(err)
	made, err := config.Complete().New(genericserver.NewEmptyDelegate())
	check(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- made.GenericAPIServer.PrepareRun().RunWithContext(ctx) }()
	t.Cleanup(func() { stop(); check(<-ended) })
	return made.GenericAPIServer.LoopbackClientConfig
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO

seen=$(go test -count=1 -v . 2>&1 | sed -n 's/^see: //p')
echo "$seen"
diff <(echo "$seen") - <<'WANT'
PUT      lock=shuts finalizers=[example.com/lock] resource version newer
MODIFIED lock=shuts finalizers=[example.com/lock] resource version as in the PUT
PUT      lock=shut finalizers=[] resource version as before
DELETED  lock=shuts finalizers=[example.com/lock] resource version newer
WANT
