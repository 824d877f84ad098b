// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// accessCode reads an AccessCode with the typed client.
func accessCode(t *testing.T, object client.Object) *v1alpha1.AccessCode {
	t.Helper()
	code := &v1alpha1.AccessCode{}
	if err := cluster.client.Get(t.Context(), client.ObjectKeyFromObject(object), code); err != nil {
		t.Fatal(err)
	}
	return code
}

// The operator and the API server leave a spec as it was written, or Argo CD and Flux would fight them for ever.
func TestSpecComesBackAsItWasSent(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	tests := []struct{ name, kind, spec string }{
		{"the least AccessCode", "AccessCode", least["AccessCode"]},
		{"empty objects", "AccessCode", `{"deviceID":"d","offline":{}}`},
		{"what is the default anyway", "AccessCode", `{
			"workspaceRef":{"name":"default"},"deviceID":"d","adoptionPolicy":"Never","deletionPolicy":"Delete",
			"preferNativeScheduling":true,"attemptForOfflineDevice":true,"allowExternalModification":false,"suspend":false,
			"schedule":{"endsAt":"2099-01-01T00:00:00.5+01:00"},"backup":{}}`},
		{"the least SeamWorkspace", "SeamWorkspace", least["SeamWorkspace"]},
		{"a SeamWorkspace with what is the default anyway", "SeamWorkspace", workspaceWith(
			`"endpoint":"https://connect.getseam.com","syncInterval":"600s","events":{"pollInterval":"5000ms"},"suspend":false`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object := manifest(t, test.kind, ns, test.spec)
			if err := cluster.strict.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromJSON(t, test.spec), object.Object["spec"]); diff != "" {
				t.Errorf("spec (-sent +stored):\n%s", diff)
			}
			// Until the operator has seen it, no tool may take its silence for success.
			want := map[string]any{"observedGeneration": int64(-1)}
			if diff := cmp.Diff(want, object.Object["status"]); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusIsASubresource(t *testing.T) {
	t.Parallel()
	object := manifest(t, "AccessCode", namespace(t), least["AccessCode"])
	object.Object["status"] = map[string]any{"state": "set"}
	if err := cluster.strict.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	code := accessCode(t, object)
	if code.Status.State != "" {
		t.Errorf("a create has written status.state %q", code.Status.State)
	}
	code.Status.State, code.Status.ObservedGeneration = "set", 1
	code.Spec.DisplayName = "changed"
	if err := cluster.client.Status().Update(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	code = accessCode(t, object)
	got := []any{code.Status.State, code.Status.ObservedGeneration, code.Spec.DisplayName, code.Generation}
	if diff := cmp.Diff([]any{"set", int64(1), "", int64(1)}, got); diff != "" {
		t.Errorf("after a status update (-want +got):\n%s", diff)
	}
}

type column struct {
	Name, Type string
	Priority   int32
}

func TestColumns(t *testing.T) {
	t.Parallel()
	const status = `{
		"state":"set","accessCodeID":"id","startsAt":"2098-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z",
		"workspaceName":"Sandbox","sandbox":true,"workspaceID":"id",
		"conditions":[
			{"type":"Other","status":"False","reason":"Wrong","message":"wrong","lastTransitionTime":"2026-01-01T00:00:00Z"},
			{"type":"Ready","status":"True","reason":"Set","message":"It works","lastTransitionTime":"2026-01-01T00:00:00Z"}]}`
	tests := []struct {
		kind, resource string
		columns        []column
		cells          map[string]any
	}{
		{
			"AccessCode", "accesscodes",
			[]column{
				{"Name", "string", 0},
				{"Lock", "string", 0},
				{"State", "string", 0},
				{"Ready", "string", 0},
				{"Reason", "string", 0},
				// A date would print as <invalid>: it stands in the future.
				{"Starts", "string", 0},
				{"Ends", "string", 0},
				{"Age", "date", 0},
				{"Device", "string", 1}, {"ID", "string", 1}, {"Opens", "string", 1}, {"Next", "string", 1}, {"Suspended", "string", 1},
				{"Message", "string", 1},
			},
			map[string]any{
				"Device": "d", "Lock": nil, "State": "set", "Ready": "True", "Reason": "Set", "ID": "id", "Opens": nil, "Next": nil, "Suspended": nil, "Message": "It works",
				"Starts": "2098-01-01T00:00:00Z", "Ends": "2099-01-01T00:00:00Z",
			},
		},
		{
			"SeamWorkspace", "seamworkspaces",
			[]column{
				{"Name", "string", 0},
				{"Workspace", "string", 0},
				{"Sandbox", "boolean", 0},
				{"Ready", "string", 0},
				{"Reason", "string", 0},
				{"Age", "date", 0},
				{"ID", "string", 1},
				{"Message", "string", 1},
			},
			map[string]any{"Workspace": "Sandbox", "Sandbox": true, "Ready": "True", "Reason": "Set", "ID": "id", "Message": "It works"},
		},
	}
	for _, test := range tests {
		t.Run(test.kind, func(t *testing.T) {
			columns, cells := printed(t, test.kind, test.resource, status)
			if diff := cmp.Diff(test.columns, columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.cells, cells); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
		})
	}
}

// printed creates an object with a status and returns the columns, and the cells except name and age.
func printed(t *testing.T, kind, resource, status string) (columns []column, cells map[string]any) {
	t.Helper()
	ns := namespace(t)
	object := manifest(t, kind, ns, least[kind])
	if err := cluster.client.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	// Not strict: the status holds the fields of both kinds.
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":`+status+`}`))
	loose := client.WithFieldValidation(cluster.client, metav1.FieldValidationIgnore)
	if err := loose.Status().Patch(t.Context(), object, patch); err != nil {
		t.Fatal(err)
	}
	table := tableOf(t, ns, resource)
	cells = map[string]any{}
	for i, c := range table.ColumnDefinitions {
		columns = append(columns, column{c.Name, c.Type, c.Priority})
		if c.Name != "Name" && c.Name != "Age" {
			cells[c.Name] = table.Rows[0].Cells[i]
		}
	}
	return columns, cells
}

// tableOf asks for a list in the form in which kubectl prints it.
func tableOf(t *testing.T, ns, resource string) *metav1.Table {
	t.Helper()
	address := strings.TrimSuffix(cluster.config.Host, "/") + "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/" + ns + "/" + resource
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	response, err := cluster.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(body, table); err != nil || len(table.Rows) != 1 {
		t.Fatalf("%s answers %s: %v", address, body, err)
	}
	return table
}

func TestSelectableFields(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	for name, state := range map[string]string{"first": "set", "second": "setting"} {
		object := manifest(t, "AccessCode", ns, `{"deviceID":"lock-of-`+name+`"}`)
		object.SetName(name)
		if err := cluster.client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":{"state":"`+state+`","accessCodeID":"id-of-`+name+`"}}`))
		if err := cluster.client.Status().Patch(t.Context(), object, patch); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		field, value string
		want         []string
	}{
		{"spec.deviceID", "lock-of-second", []string{"second"}},
		{"spec.deviceID", "", nil},
		{"status.state", "set", []string{"first"}},
		{"status.state", "gone", nil},
		{"status.accessCodeID", "id-of-second", []string{"second"}},
	}
	for _, test := range tests {
		t.Run(test.field+"="+test.value, func(t *testing.T) {
			var list v1alpha1.AccessCodeList
			err := cluster.client.List(t.Context(), &list, client.InNamespace(ns), client.MatchingFields{test.field: test.value})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, code := range list.Items {
				names = append(names, code.Name)
			}
			if diff := cmp.Diff(test.want, names); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	d, err := discovery.NewDiscoveryClientForConfigAndClient(cluster.config, cluster.http)
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	type resource struct {
		Name, Singular, Kind   string
		Namespaced             bool
		ShortNames, Categories []string
	}
	var got []resource
	for _, r := range list.APIResources {
		got = append(got, resource{r.Name, r.SingularName, r.Kind, r.Namespaced, r.ShortNames, r.Categories})
	}
	slices.SortFunc(got, func(a, b resource) int { return strings.Compare(a.Name, b.Name) })
	want := []resource{
		{"accesscodes", "accesscode", "AccessCode", true, []string{"acode"}, []string{"access-codes"}},
		{"accesscodes/status", "", "AccessCode", true, nil, nil},
		{"seamworkspaces", "seamworkspace", "SeamWorkspace", true, []string{"seamws"}, []string{"access-codes"}},
		{"seamworkspaces/status", "", "SeamWorkspace", true, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

// Server-side apply, which Argo CD and Flux use, comes to the same refusals.
func TestServerSideApply(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	tests := []admission{
		{"the least", `{"deviceID":"d"}`, nil},
		{"a wrong PIN", `{"deviceID":"d","code":"98a7b"}`, refused("spec.code", "4 to 12 digits")},
		{"a PIN without quotes", `{"deviceID":"d","code":98765}`, refused("spec.code", "in quotes")},
		{"a PIN that is a list", `{"deviceID":"d","code":[98765]}`, refused("spec.code", "must be of type")},
		{"a window that ends before it starts", `{"deviceID":"d","schedule":{"startsAt":"2099-01-02T00:00:00Z","endsAt":"2099-01-01T00:00:00Z"}}`, refused("spec.schedule", "must be after")},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object := manifest(t, "AccessCode", ns, test.spec)
			object.SetGenerateName("")
			object.SetName(string(rune('a' + i)))
			err := cluster.strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("test"))
			test.want.check(t, err, pins(object)...)
			decodes(t, ns)
		})
	}
}
