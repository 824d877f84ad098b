// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// The tests of this package check the CRDs on a real API server: what it admits, what it refuses and with which message, and
// what it makes of an object.
package v1alpha1_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// cluster is the API server with the CRDs, from TestMain on.
var cluster struct {
	config *rest.Config
	http   *http.Client
	// client decodes into the typed objects, as the operator does.
	client client.Client
	// strict refuses unknown fields, as kubectl does.
	strict client.Client
}

func TestMain(m *testing.M) {
	flag.Parse()
	if fuzz := flag.Lookup("test.fuzz"); fuzz != nil && fuzz.Value.String() != "" {
		os.Exit(m.Run()) // every worker comes through here, and needs no API server
	}
	code, err := runOnCluster(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runOnCluster(m *testing.M) (code int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 1, errors.New(`KUBEBUILDER_ASSETS is not set, so there is no API server to test on: run "make test", ` +
			"or export KUBEBUILDER_ASSETS=$(hack/controlplane/build.sh)")
	}
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join("..", "..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	// Also where the start fails, for it may have come as far as the CRDs.
	defer func() { err = errors.Join(err, environment.Stop()) }()
	config, err := environment.Start()
	if err != nil {
		return 1, fmt.Errorf("starting the API server: %w", err)
	}
	if err := connect(config); err != nil {
		return 1, fmt.Errorf("connecting to the API server: %w", err)
	}
	return m.Run(), nil
}

func connect(config *rest.Config) error {
	// The server's own limits are enough.
	config.QPS = -1
	cluster.config = config
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
	if err != nil {
		return err
	}
	if cluster.http, err = rest.HTTPClientFor(config); err != nil {
		return err
	}
	cluster.client, err = client.New(config, client.Options{Scheme: scheme, HTTPClient: cluster.http})
	if err != nil {
		return err
	}
	cluster.strict = client.WithFieldValidation(cluster.client, metav1.FieldValidationStrict)
	return nil
}

// namespace returns a new namespace.
func namespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "contract-"}}
	if err := cluster.client.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	return ns.Name
}

// manifest returns an object with this spec, in JSON so that a test can say what no Go type would.
func manifest(t *testing.T, kind, ns, spec string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{"spec": fromJSON(t, spec)}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetNamespace(ns)
	object.SetGenerateName("o-")
	return object
}

func fromJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fields
}

// refusal is the error that a refused request must get.
type refusal struct {
	// field is the path that the API server gives as the cause; empty where it gives none.
	field string
	// words stand in the message: what is wrong and the remedy.
	words []string
}

func refused(field string, words ...string) *refusal { return &refusal{field, words} }

// check compares the answer to a request with what was expected; nil expects that it was admitted. Whatever the answer
// says, it must not quote one of the secrets.
func (r *refusal) check(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if r == nil {
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		return
	}
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok {
		t.Fatalf("not refused by the API server: %v", err)
	}
	if !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
		t.Errorf("refused with %q, not because it is invalid: %v", status.ErrStatus.Reason, err)
	}
	for _, word := range r.words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message lacks %q: %s", word, err)
		}
	}
	if fields := causes(status); r.field != "" && !fields[r.field] {
		t.Errorf("the cause is %v, want %q: %s", fields, r.field, err)
	}
	for _, secret := range secrets {
		if strings.Contains(fmt.Sprintf("%+v", status.ErrStatus), secret) {
			t.Errorf("the refusal quotes the PIN: %s", err)
		}
	}
}

func causes(err *apierrors.StatusError) map[string]bool {
	fields := map[string]bool{}
	if details := err.ErrStatus.Details; details != nil {
		for _, cause := range details.Causes {
			fields[cause.Field] = true
		}
	}
	return fields
}

// pins are the PINs in a manifest: the text of spec.code, also where it was left without quotes or put into a list.
func pins(object *unstructured.Unstructured) []string {
	code, ok, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "code")
	if text := strings.Trim(fmt.Sprint(code), "[]"); ok && text != "" {
		return []string{text}
	}
	return nil
}

// decodes checks that the operator can read the objects of a namespace, every field of them.
func decodes(t *testing.T, ns string) {
	t.Helper()
	var codes v1alpha1.AccessCodeList
	var workspaces v1alpha1.SeamWorkspaceList
	for _, list := range []client.ObjectList{&codes, &workspaces} {
		if err := cluster.client.List(t.Context(), list, client.InNamespace(ns)); err != nil {
			t.Fatalf("admitted, but the typed client can't decode it: %v", err)
		}
	}
	for _, code := range codes.Items {
		if len(code.Undecodable) > 0 {
			t.Fatalf("admitted, but the typed client can't decode %q", code.Undecodable)
		}
	}
	for _, ws := range workspaces.Items {
		if len(ws.Undecodable) > 0 {
			t.Fatalf("admitted, but the typed client can't decode %q", ws.Undecodable)
		}
	}
}

// admission is one request that creates an object.
type admission struct {
	name string
	spec string
	want *refusal // nil: admitted
}

// run creates an object for each case.
func run(t *testing.T, kind string, tests []admission) {
	t.Helper()
	ns := namespace(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object := manifest(t, kind, ns, test.spec)
			test.want.check(t, cluster.strict.Create(t.Context(), object), pins(object)...)
			decodes(t, ns)
		})
	}
}
