// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/kube"
	release "helm.sh/helm/v4/pkg/release/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/yaml"
)

// patience is how long a condition is waited for before the test gives up on it.
const patience = time.Minute

// cluster is the API server as an administrator sees it, and Helm on it. CRDs are there once for all, so tests that
// install have it one after the other.
type cluster struct {
	client.Client

	t          *testing.T
	kubeconfig string
}

func theCluster(t *testing.T) *cluster {
	t.Helper()
	if apiServer == nil {
		t.Skip("KUBEBUILDER_ASSETS names no API server: run this through \"make test-chart\"")
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(apiServer, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	k := &cluster{Client: c, t: t, kubeconfig: writeKubeconfig(t, apiServer)}
	t.Cleanup(k.clear)
	return k
}

// writeKubeconfig writes how the API server is reached and returns where.
func writeKubeconfig(t *testing.T, c *rest.Config) string {
	t.Helper()
	const name = "test"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: c.Host, CertificateAuthorityData: c.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			Token: c.BearerToken, ClientCertificateData: c.CertData, ClientKeyData: c.KeyData,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// helm is set up anew for each call, as the command is.
func (k *cluster) helm(namespace string) *action.Configuration {
	k.t.Helper()
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Namespace, flags.CacheDir = &k.kubeconfig, &namespace, ptr.To(k.t.TempDir())
	c := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := c.Init(flags, namespace, "secrets"); err != nil {
		k.t.Fatal(err)
	}
	return c
}

// install does what "helm install --create-namespace" does. Nothing runs the Pods, so they are not waited for.
func (k *cluster) install(c *chart.Chart, namespace string, v values) (*release.Release, error) {
	k.t.Helper()
	done, err := k.installation(namespace).RunWithContext(k.t.Context(), c, v)
	if err != nil {
		return nil, err
	}
	return k.aRelease(done), nil
}

// installation is what the command sets up by itself.
func (k *cluster) installation(namespace string) *action.Install {
	k.t.Helper()
	do := action.NewInstall(k.helm(namespace))
	do.ReleaseName, do.Namespace, do.CreateNamespace = releaseName, namespace, true
	do.WaitStrategy, do.Timeout = kube.HookOnlyStrategy, patience
	return do
}

// mustTakeOver does what "helm install --take-ownership --force-conflicts" does.
func (k *cluster) mustTakeOver(c *chart.Chart, namespace string) *release.Release {
	k.t.Helper()
	do := k.installation(namespace)
	do.TakeOwnership, do.ForceConflicts = true, true
	done, err := do.RunWithContext(k.t.Context(), c, values{})
	if err != nil {
		k.t.Fatal(err)
	}
	return k.aRelease(done)
}

// apply does what "kubectl apply" does.
func (k *cluster) apply(all objects) {
	k.t.Helper()
	var namespaces, others strings.Builder
	for name, o := range all {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			k.t.Fatalf("%s: %v", name, err)
		}
		to := &others
		if o.GetKind() == "Namespace" {
			to = &namespaces
		}
		to.WriteString("---\n" + string(text))
	}
	cmd := exec.CommandContext(k.t.Context(), filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), "apply", "-f", "-")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+k.kubeconfig, "KUBECACHEDIR="+k.t.TempDir(), "KUBERC=off")
	cmd.Stdin = strings.NewReader(namespaces.String() + others.String())
	if output, err := cmd.CombinedOutput(); err != nil {
		k.t.Fatalf("kubectl apply: %v\n%s", err, output)
	}
}

func (k *cluster) mustInstall(c *chart.Chart, namespace string, v values) *release.Release {
	k.t.Helper()
	r, err := k.install(c, namespace, v)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func (k *cluster) upgrade(c *chart.Chart, namespace string, v values) *release.Release {
	k.t.Helper()
	do := action.NewUpgrade(k.helm(namespace))
	do.Namespace, do.WaitStrategy, do.Timeout = namespace, kube.HookOnlyStrategy, patience
	done, err := do.RunWithContext(k.t.Context(), releaseName, c, v)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.aRelease(done)
}

// uninstall returns what Helm says was kept.
func (k *cluster) uninstall(namespace string) string {
	k.t.Helper()
	do := action.NewUninstall(k.helm(namespace))
	do.WaitStrategy, do.Timeout = kube.HookOnlyStrategy, patience
	done, err := do.Run(releaseName)
	if err != nil {
		k.t.Fatal(err)
	}
	return done.Info
}

func (k *cluster) aRelease(done any) *release.Release {
	k.t.Helper()
	r, ok := done.(*release.Release)
	if !ok {
		k.t.Fatalf("got a release of type %T", done)
	}
	return r
}

// makeNamespace makes one in which a Pod has to be restricted, as config/manager does.
func (k *cluster) makeNamespace(name string) {
	k.t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := controllerutil.CreateOrUpdate(k.t.Context(), k.Client, namespace, func() error {
		metav1.SetMetaDataLabel(&namespace.ObjectMeta, "pod-security.kubernetes.io/enforce", "restricted")
		return nil
	}); err != nil {
		k.t.Fatal(err)
	}
}

// eventually waits until nothing is wrong any more.
func (k *cluster) eventually(what string, wrong func(context.Context) error) {
	k.t.Helper()
	var last error
	if err := wait.PollUntilContextTimeout(k.t.Context(), 50*time.Millisecond, patience, true,
		func(ctx context.Context) (bool, error) { last = wrong(ctx); return last == nil, nil }); err != nil {
		k.t.Fatalf("%s: %v", what, errors.Join(last, err))
	}
}

// makeCode makes an AccessCode as soon as the API server serves the kind.
func (k *cluster) makeCode(namespace, name string) *unstructured.Unstructured {
	k.t.Helper()
	code := accessCode(namespace, name)
	k.eventually("creating an AccessCode", func(ctx context.Context) error { return k.Create(ctx, code) })
	return code
}

func accessCode(namespace, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "access-codes.io/v1alpha1",
		"kind":       "AccessCode",
		"metadata":   map[string]any{"namespace": namespace, "name": name},
		"spec":       map[string]any{"deviceID": "11111111-1111-4111-8111-111111111111", "code": "482915"},
	}}
}

func (k *cluster) crds(ctx context.Context) []apiextensionsv1.CustomResourceDefinition {
	k.t.Helper()
	var list apiextensionsv1.CustomResourceDefinitionList
	if err := k.List(ctx, &list); err != nil {
		k.t.Fatal(err)
	}
	return list.Items
}

// present says which objects of a release are there.
func (k *cluster) present(r *release.Release) map[string]bool {
	k.t.Helper()
	found := map[string]bool{}
	for name, o := range parseObjects(k.t, r.Manifest) {
		err := k.Get(k.t.Context(), client.ObjectKeyFromObject(o), o)
		if client.IgnoreNotFound(err) != nil {
			k.t.Fatalf("%s: %v", name, err)
		}
		found[name] = err == nil
	}
	return found
}

// clear removes the CRDs and every release that a test has left behind, so that the next one finds nothing. Namespaces
// stay: nobody here removes what is in them.
func (k *cluster) clear() {
	ctx := context.WithoutCancel(k.t.Context())
	for _, o := range k.left(ctx) {
		if err := client.IgnoreNotFound(k.Delete(ctx, o)); err != nil {
			k.t.Errorf("clearing up: %v", err)
		}
	}
	// The API server takes a CRD away in steps, each of which it tries again later each time where its storage is not
	// ready, so that on a busy machine it takes a while.
	var left []client.Object
	if err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 4*patience, true, func(ctx context.Context) (bool, error) {
		left = k.left(ctx)
		return len(left) == 0, nil
	}); err != nil {
		k.t.Errorf("clearing up: %v", err)
		for _, o := range left {
			k.t.Errorf("left: %s %s", o.GetObjectKind().GroupVersionKind().Kind, o.GetName())
		}
	}
}

// left is everything that Helm manages, and its records.
func (k *cluster) left(ctx context.Context) []client.Object {
	k.t.Helper()
	managed := client.MatchingLabels{"app.kubernetes.io/managed-by": "Helm"}
	var found []client.Object
	for kind, selected := range map[schema.GroupVersionKind]client.MatchingLabels{
		apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinitionList"): nil,
		corev1.SchemeGroupVersion.WithKind("SecretList"):                            {"owner": "helm"},
		corev1.SchemeGroupVersion.WithKind("ServiceList"):                           managed,
		corev1.SchemeGroupVersion.WithKind("ServiceAccountList"):                    managed,
		corev1.SchemeGroupVersion.WithKind("ConfigMapList"):                         managed,
		appsv1.SchemeGroupVersion.WithKind("DeploymentList"):                        managed,
		networkingv1.SchemeGroupVersion.WithKind("NetworkPolicyList"):               managed,
		policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudgetList"):             managed,
		rbacv1.SchemeGroupVersion.WithKind("RoleList"):                              managed,
		rbacv1.SchemeGroupVersion.WithKind("RoleBindingList"):                       managed,
		rbacv1.SchemeGroupVersion.WithKind("ClusterRoleList"):                       managed,
		rbacv1.SchemeGroupVersion.WithKind("ClusterRoleBindingList"):                managed,
	} {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := k.List(ctx, list, selected); err != nil {
			k.t.Errorf("clearing up: %v", err)
		}
		for i := range list.Items {
			found = append(found, &list.Items[i])
		}
	}
	return found
}
