// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8sjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const storedHead = `"apiVersion":"access-codes.io/v1alpha1","kind":"AccessCode","metadata":{"name":"guest","uid":"u1","generation":3}`

// TestWhatCanBeReadIsRead: of a stored object, only what can't be read is lost, and its paths are listed.
func TestWhatCanBeReadIsRead(t *testing.T) {
	t.Parallel()
	ends := metav1.NewTime(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Local())
	tests := []struct {
		name, rest string
		paths      []string
		spec       v1alpha1.AccessCodeSpec
		status     v1alpha1.AccessCodeStatus
	}{
		{name: "all is well", rest: `"spec":{"deviceID":"d1","schedule":{"endsAt":"2030-01-01T00:00:00Z"}}`,
			spec: v1alpha1.AccessCodeSpec{DeviceID: "d1", Schedule: &v1alpha1.Schedule{EndsAt: ends}}},
		{name: "a date", rest: `"spec":{"deviceID":"d1","schedule":{"startsAt":"2030-01-01T00:00:00Z","endsAt":"not a date"}}`,
			paths: []string{"spec.schedule.endsAt"},
			spec:  v1alpha1.AccessCodeSpec{DeviceID: "d1", Schedule: &v1alpha1.Schedule{StartsAt: &ends}}},
		{name: "several, in the order of the type", rest: `"spec":{"suspend":"yes","codeLength":"six","deviceID":"d1","deletionPolicy":["Orphan"]}`,
			paths: []string{"spec.codeLength", "spec.deletionPolicy", "spec.suspend"}, spec: v1alpha1.AccessCodeSpec{DeviceID: "d1"}},
		{name: "deep", rest: `"spec":{"codeFrom":{"secretKeyRef":{"name":["a"],"key":"k"}}}`, paths: []string{"spec.codeFrom.secretKeyRef.name"},
			spec: v1alpha1.AccessCodeSpec{CodeFrom: &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Key: "k"}}}},
		{name: "text instead of an object", rest: `"spec":{"deviceID":"d1","schedule":"always"}`, paths: []string{"spec.schedule"},
			spec: v1alpha1.AccessCodeSpec{DeviceID: "d1"}},
		{name: "a PIN without quotes", rest: `"spec":{"code":123456}`, paths: []string{"spec.code"}},
		{name: "a fraction of a digit", rest: `"spec":{"codeLength":4.5}`, paths: []string{"spec.codeLength"}},
		{name: "too much for the type", rest: `"spec":{"codeLength":4294967300}`, paths: []string{"spec.codeLength"}},
		{name: "no spec but text", rest: `"spec":"deviceID","status":{"accessCodeID":"a1"}`, paths: []string{"spec"}, status: v1alpha1.AccessCodeStatus{AccessCodeID: "a1"}},
		{name: "a list as it stands or not at all", rest: `"spec":{"deviceID":"d1"},"status":{"accessCodeID":"a1","conditions":[{"type":"Ready"},{"type":5}]}`,
			paths: []string{"status.conditions"}, spec: v1alpha1.AccessCodeSpec{DeviceID: "d1"}, status: v1alpha1.AccessCodeStatus{AccessCodeID: "a1"}},
		{name: "status", rest: `"spec":{},"status":{"startsAt":"soon","state":"set","backupCode":{"available":"no","accessCodeID":"b1"}}`,
			paths: []string{"status.startsAt", "status.backupCode.available"}, status: v1alpha1.AccessCodeStatus{
				State: "set", BackupCode: &v1alpha1.BackupCodeStatus{AccessCodeID: "b1"},
			}},
		{name: "what no type knows", rest: `"spec":{"new":{"a":[1]},"Suspend":"yes"}`},
		{name: "null everywhere", rest: `"spec":{"deviceID":null,"schedule":null,"codeLength":null},"status":null`},
		{name: "given twice, the last counts", rest: `"spec":{"suspend":"yes","suspend":true}`, paths: []string{}, spec: v1alpha1.AccessCodeSpec{Suspend: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// In a used object: what a decode finds must not depend on what was there before.
			code := v1alpha1.AccessCode{Undecodable: []string{"spec.code"}}
			if err := k8sjson.Unmarshal([]byte(`{`+storedHead+`,`+test.rest+`}`), &code); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(code.Undecodable, test.paths) {
				t.Errorf("paths %q, want %q", code.Undecodable, test.paths)
			}
			if code.Name != "guest" || code.Generation != 3 || code.Kind != "AccessCode" {
				t.Errorf("metadata %+v %+v", code.TypeMeta, code.ObjectMeta)
			}
			if diff := cmp.Diff(test.spec, code.Spec); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.status, code.Status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnreadableObjectInAList: one object that can't be read must not hide the others.
func TestUnreadableObjectInAList(t *testing.T) {
	t.Parallel()
	const codes = `{"items":[{"metadata":{"name":"good","uid":"1"},"spec":{"deviceID":"d1"}},
		{"metadata":{"name":"bad","uid":"2"},"spec":{"deviceID":"d1","suspend":"yes"}}]}`
	const workspaces = `{"items":[{"metadata":{"name":"good","uid":"1"}},
		{"metadata":{"name":"bad","uid":"2"},"spec":{"syncInterval":"soon","auth":{"apiKey":{"secretKeyRef":{"name":5,"key":"k"}}}},"status":{"sandbox":"yes"}}]}`
	var codeList v1alpha1.AccessCodeList
	var workspaceList v1alpha1.SeamWorkspaceList
	if err := k8sjson.Unmarshal([]byte(codes), &codeList); err != nil {
		t.Fatal(err)
	}
	if err := k8sjson.Unmarshal([]byte(workspaces), &workspaceList); err != nil {
		t.Fatal(err)
	}
	code, ws := codeList.Items[1], workspaceList.Items[1]
	if !slices.Equal(code.Undecodable, []string{"spec.suspend"}) || code.Spec.DeviceID != "d1" || codeList.Items[0].Undecodable != nil {
		t.Errorf("got %+v", codeList.Items)
	}
	want := []string{"spec.auth.apiKey.secretKeyRef.name", "spec.syncInterval", "status.sandbox"}
	if !slices.Equal(ws.Undecodable, want) || ws.Spec.Auth.APIKey.SecretKeyRef.Key != "k" {
		t.Errorf("got %+v", workspaceList.Items)
	}
	for path, unreadable := range map[string]bool{
		"spec": true, "spec.auth": true, "spec.auth.apiKey.secretKeyRef.name.x": true, "spec.syncInterval": true,
		"spec.endpoint": false, "spec.auth.apiKey.secretKeyRef.key": false, "spec.authority": false, "status.sand": false,
	} {
		if ws.Unreadable(path) != unreadable {
			t.Errorf("%s: unreadable is %t, want %t", path, !unreadable, unreadable)
		}
	}
	if code.Unreadable("spec.code") || !code.Unreadable("spec.suspend") {
		t.Errorf("paths %q", code.Undecodable)
	}
}

// TestWhatIsNotStoredIsReadAsUsual: a program that reads manifests must learn of its mistakes.
func TestWhatIsNotStoredIsReadAsUsual(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"metadata":{"name":"guest"},"spec":{"suspend":"yes"}}`, `{"spec":{"suspend":"yes"}}`,
		`{"metadata":{"uid":5},"spec":{"suspend":"yes"}}`, `{"metadata":{"uid":"u","labels":"none"},"spec":{}}`,
		`{"metadata":{"uid":"u"},"spec":{"suspend":true}`, `[]`, `"AccessCode"`, ``, `{"metadata":"uid"}`,
	} {
		for _, object := range []any{&v1alpha1.AccessCode{}, &v1alpha1.SeamWorkspace{}} {
			if err := k8sjson.Unmarshal([]byte(text), object); err == nil {
				t.Errorf("%s passed as %+v", text, object)
			}
		}
	}
}

func TestUndecodableIsNoPartOfTheResource(t *testing.T) {
	t.Parallel()
	for _, object := range []any{v1alpha1.AccessCode{Undecodable: []string{"spec.code"}}, v1alpha1.SeamWorkspace{Undecodable: []string{"spec.code"}}} {
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(text)), "undecodable") || strings.Contains(string(text), "spec.code") || strings.Contains(string(text), `"-"`) {
			t.Errorf("written as %s", text)
		}
	}
	code := &v1alpha1.AccessCode{Undecodable: []string{"spec.code"}}
	other := code.DeepCopy()
	other.Undecodable[0] = "spec.suspend"
	if code.Undecodable[0] != "spec.code" {
		t.Error("a copy shares the paths")
	}
}

// FuzzUnmarshal: whatever is stored can be listed; what can be read is read and the rest is named. Run it for longer
// with "make fuzz".
func FuzzUnmarshal(f *testing.F) {
	for _, rest := range []string{
		`"spec":{"deviceID":"d1","code":"1234","schedule":{"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00+14:00"}}`,
		`"spec":{"deviceID":5,"code":1234,"codeLength":"six","schedule":{"endsAt":"not a date"},"suspend":"yes","workspaceRef":{"name":{}}}`,
		`"spec":{"endpoint":7,"auth":{"apiKey":{"secretKeyRef":"x"},"publishableKey":null},"syncInterval":"soon","suspend":[]}`,
		`"spec":[],"status":"none"`, `"spec":null`, `"status":{"conditions":[{"lastTransitionTime":"never"}],"errors":{},"backupCode":{"secretRef":[]}}`,
		`"spec":{"suspend":true,"suspend":"yes"},"spec":{"Suspend":0}`, `"spec":{"codeLength":1e400,"offline":{"oneTimeUse":""}}`,
	} {
		f.Add([]byte(`{` + storedHead + `,` + rest + `}`))
		f.Add([]byte(`{"metadata":{"name":"guest"},` + rest + `}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		type plainCode v1alpha1.AccessCode
		type plainWorkspace v1alpha1.SeamWorkspace
		var code v1alpha1.AccessCode
		var ws v1alpha1.SeamWorkspace
		_, _ = k8sjson.Unmarshal(data, &code), k8sjson.Unmarshal(data, &ws)
		// From here on without what is given twice: of that, the last is read, whatever was wrong with the first.
		var once map[string]any
		if k8sjson.Unmarshal(data, &once) == nil && once != nil {
			data, _ = json.Marshal(once)
		}
		code, ws = v1alpha1.AccessCode{}, v1alpha1.SeamWorkspace{}
		checkFuzzed(t, data, &code, &plainCode{}, func() []string { return code.Undecodable })
		checkFuzzed(t, data, &ws, &plainWorkspace{}, func() []string { return ws.Undecodable })
	})
}

// checkFuzzed compares what an object is decoded to with what its type is without our method.
func checkFuzzed(t *testing.T, data []byte, object, plain any, paths func() []string) {
	t.Helper()
	var head struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		metav1.TypeMeta
	}
	usual, err := k8sjson.Unmarshal(data, plain), k8sjson.Unmarshal(data, object)
	stored := k8sjson.Unmarshal(data, &head) == nil && head.Metadata.UID != ""
	switch {
	case usual == nil:
		same := reflect.DeepEqual(reflect.ValueOf(object).Elem().Convert(reflect.TypeOf(plain).Elem()).Interface(), reflect.ValueOf(plain).Elem().Interface())
		if err != nil || len(paths()) > 0 || !same {
			t.Fatalf("what can be read as usual is read as %+v, %v", object, err)
		}
		return
	case !stored:
		if err == nil {
			t.Fatalf("%q is not stored, cannot be read, and passes as %+v", data, object)
		}
		return
	case err != nil || len(paths()) == 0:
		t.Fatalf("%q is stored, and gives %v and paths %q", data, err, paths())
	}
	checkSalvaged(t, object, paths())
}

// checkSalvaged checks the paths against the fields: each exists, is empty, and is named once. What was read can be written and
// read again.
func checkSalvaged(t *testing.T, object any, paths []string) {
	t.Helper()
	for i, path := range paths {
		field := reflect.ValueOf(object).Elem()
		for name := range strings.SplitSeq(path, ".") {
			if field = fieldNamed(reflect.Indirect(field), name); !field.IsValid() {
				t.Fatalf("no field at %q", path)
			}
		}
		if value := reflect.Indirect(field); value.IsValid() && !value.IsZero() {
			t.Errorf("%s could not be read, and is %+v", path, value)
		}
		if slices.Contains(paths[:i], path) {
			t.Errorf("%s twice", path)
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return // a time that was read may have an offset that can't be written
	}
	again := reflect.New(reflect.TypeOf(object).Elem()).Interface()
	if err := k8sjson.Unmarshal(text, again); err != nil {
		t.Fatalf("what was read is written as %s, which can't be read: %v", text, err)
	}
	if strings.Contains(string(text), `"-00`) {
		return // new year's day of the year 0 in the east is in the year before, which is written and can't be read
	}
	if second, err := json.Marshal(again); err != nil || !bytes.Equal(text, second) {
		t.Errorf("written as %s, then as %s: %v", text, second, err)
	}
}

func fieldNamed(object reflect.Value, name string) reflect.Value {
	if object.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for i := range object.NumField() {
		if tag, _, _ := strings.Cut(object.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return object.Field(i)
		}
	}
	return reflect.Value{}
}
