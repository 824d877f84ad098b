// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// etcd calls the JSON gateway of the etcd behind the API server: nothing there validates.
func etcd(t *testing.T, call string, request, reply any) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	post, err := http.NewRequestWithContext(t.Context(), http.MethodPost, storage.JoinPath(call).String(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, reply)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("etcd %s: status %d, %v: %s", call, answer.StatusCode, err, text)
	}
}

// spoil stores a value in a field of an object, such as "spec.suspend", past the API server.
func (k *cluster) spoil(resource, name, field string, value any) {
	k.t.Helper()
	key := fmt.Appendf(nil, "/registry/access-codes.io/%s/%s/%s", resource, k.namespace, name)
	var found struct{ Kvs []struct{ Value []byte } }
	etcd(k.t, "/v3/kv/range", map[string]any{"key": key}, &found)
	if len(found.Kvs) != 1 {
		k.t.Fatalf("etcd has %d objects at %s", len(found.Kvs), key)
	}
	var object map[string]any
	if err := json.Unmarshal(found.Kvs[0].Value, &object); err != nil {
		k.t.Fatal(err)
	}
	part, name, _ := strings.Cut(field, ".")
	fields, ok := object[part].(map[string]any)
	metadata, ok2 := object["metadata"].(map[string]any)
	generation, ok3 := metadata["generation"].(float64)
	if !ok || !ok2 || !ok3 {
		k.t.Fatalf("etcd has %s", found.Kvs[0].Value)
	}
	fields[name] = value
	metadata["generation"] = generation + 1
	text, err := json.Marshal(object)
	if err != nil {
		k.t.Fatal(err)
	}
	var done struct{}
	etcd(k.t, "/v3/kv/put", map[string]any{"key": key, "value": text}, &done)
}

// says waits until the Ready condition of an object, or an Event where the API server accepts no change of the object, says
// that a field of its spec can't be read.
func (k *cluster) says(name, field string) {
	k.t.Helper()
	k.eventually(name+" saying that "+field+" can't be read", func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &code)
		ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
		if err != nil || ready != nil && tells(ready.Reason, ready.Message, field) {
			return err == nil, err
		}
		return k.recorded(ctx, name, field)
	})
}

func (k *cluster) recorded(ctx context.Context, name, field string) (bool, error) {
	var events eventsv1.EventList
	if err := k.List(ctx, &events, client.InNamespace(k.namespace)); err != nil {
		return false, err
	}
	for _, event := range events.Items {
		if event.Regarding.Name == name && event.Type == "Warning" && tells(event.Reason, event.Note, field) {
			return true, nil
		}
	}
	return false, nil
}

func tells(reason, message, field string) bool {
	return reason == v1alpha1.ReasonInvalidSpec && strings.Contains(message, field) && strings.Contains(message, "can't be read") && strings.Contains(message, "apply")
}

// mend applies a valid value, as a user does.
func (k *cluster) mend(o client.Object, name, field string, value any) {
	k.t.Helper()
	part, rest, _ := strings.Cut(field, ".")
	patch, err := json.Marshal(map[string]any{part: map[string]any{rest: value}})
	if err != nil {
		k.t.Fatal(err)
	}
	o.SetNamespace(k.namespace)
	o.SetName(name)
	if err := k.Patch(k.t.Context(), o, client.RawPatch(types.MergePatchType, patch)); err != nil {
		k.t.Fatal(err)
	}
}

func other(name, pin string) *v1alpha1.AccessCode {
	code := accessCode(name)
	code.Spec.Code = pin
	return code
}

// unreadableField is a value that no AccessCode should have.
type unreadableField struct {
	code, field string
	value       any
	unreadable  string
	cure        any
	stays       bool // a deleted AccessCode, until it is cured
}

var unreadableFields = []unreadableField{
	{code: "date", field: "spec.schedule", value: map[string]any{"endsAt": "not a date"}, unreadable: "spec.schedule.endsAt"},
	{code: "length", field: "spec.codeLength", value: "six", unreadable: "spec.codeLength"},
	{code: "suspend", field: "spec.suspend", value: "yes", unreadable: "spec.suspend", cure: false},
	{code: "name", field: "spec.displayName", value: false, unreadable: "spec.displayName", cure: "Guest"},
	{code: "policy", field: "spec.deletionPolicy", value: []string{"Orphan"}, unreadable: "spec.deletionPolicy", cure: "Delete"},
	{code: "workspace", field: "spec.workspaceRef", value: map[string]any{"name": 5}, unreadable: "spec.workspaceRef.name", stays: true},
}

// each calls do for every unreadable AccessCode, one after the other, so that all are being reconciled at the same time.
func each(do func(p unreadableField)) {
	for _, p := range unreadableFields {
		do(p)
	}
}

func (k *cluster) applyUnreadable() {
	k.t.Helper()
	for i, p := range unreadableFields {
		k.apply(other(p.code, fmt.Sprintf("24681%d", i)))
	}
}

// TestUnreadableObjectBeforeTheStart: objects that exist when the operator starts arrive in one list.
func TestUnreadableObjectBeforeTheStart(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.stop()
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("good"))
	k.applyUnreadable()
	each(func(p unreadableField) { k.spoil("accesscodes", p.code, p.field, p.value) })
	k.start()
	k.becomes("good", v1alpha1.ReasonSet)
	each(func(p unreadableField) { k.says(p.code, p.unreadable) })
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 {
		t.Errorf("%d codes on the lock, want the good one only", len(codes))
	}
	each(func(p unreadableField) { k.mend(&v1alpha1.AccessCode{}, p.code, p.field, p.cure) })
	each(func(p unreadableField) { k.becomes(p.code, v1alpha1.ReasonSet) })
}

// TestUnreadableObjectWhileAtWork: objects that change while the operator runs arrive one by one. What is known of the code
// stays, and is enough to remove it from the lock.
func TestUnreadableObjectWhileAtWork(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace())
	k.applyUnreadable()
	ids := map[string]string{}
	each(func(p unreadableField) { ids[p.code] = k.becomes(p.code, v1alpha1.ReasonSet).Status.AccessCodeID })
	each(func(p unreadableField) { k.spoil("accesscodes", p.code, p.field, p.value) })
	k.apply(accessCode("good"))
	each(func(p unreadableField) { k.says(p.code, p.unreadable) })
	k.becomes("good", v1alpha1.ReasonSet)
	each(func(p unreadableField) { k.mend(&v1alpha1.AccessCode{}, p.code, p.field, p.cure) })
	each(func(p unreadableField) {
		if code := k.becomes(p.code, v1alpha1.ReasonSet); code.Status.AccessCodeID != ids[p.code] {
			t.Errorf("%s: id %q, want %q", p.code, code.Status.AccessCodeID, ids[p.code])
		}
	})

	each(func(p unreadableField) { k.spoil("accesscodes", p.code, p.field, p.value) })
	each(func(p unreadableField) { k.remove(&v1alpha1.AccessCode{}, p.code) })
	each(func(p unreadableField) {
		if p.stays {
			k.says(p.code, "set spec.deletionPolicy to Orphan")
			k.mend(&v1alpha1.AccessCode{}, p.code, p.field, p.cure)
		}
		k.goes(&v1alpha1.AccessCode{}, p.code)
	})
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 || *codes[0].Code != accessCode("").Spec.Code {
		t.Errorf("left on the lock: %+v", codes)
	}
}

// TestUnreadableStatus: a status that can't be read is written again.
func TestUnreadableStatus(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	id := k.becomes("guest", v1alpha1.ReasonSet).Status.AccessCodeID
	for field, value := range map[string]any{
		"status.startsAt": "soon", "status.conditions": []any{map[string]any{"type": "Ready", "lastTransitionTime": "never"}},
		"status.errors": []any{map[string]any{"code": "e", "createdAt": "then"}}, "status.state": 5, "status.observedGeneration": "last",
	} {
		k.spoil("accesscodes", "guest", field, value)
		k.eventually(field+" being told anew", func(ctx context.Context) (bool, error) {
			var code v1alpha1.AccessCode
			err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: "guest"}, &code)
			ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
			return err == nil && len(code.Undecodable) == 0 && ready != nil && ready.Reason == v1alpha1.ReasonSet &&
				code.Status.AccessCodeID == id && code.Status.State == "set", err
		})
	}
	// The id is found by the intention to create the code.
	k.spoil("accesscodes", "guest", "status.accessCodeID", 5)
	k.eventually("the id being found", func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: "guest"}, &code)
		return code.Status.AccessCodeID == id, err
	})
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 {
		t.Errorf("at Seam: %+v", codes)
	}
}

// stillHeld checks that the workspace and its Secret are held for the AccessCodes.
func (k *cluster) stillHeld() {
	k.t.Helper()
	for object, name := range map[client.Object]string{k.credentials(""): "seam", k.workspace(): v1alpha1.DefaultWorkspaceName} {
		if err := k.Get(k.t.Context(), client.ObjectKey{Namespace: k.namespace, Name: name}, object); err != nil {
			k.t.Fatal(err)
		}
		if finalizers := object.GetFinalizers(); len(finalizers) != 1 || finalizers[0] != v1alpha1.InUseFinalizer {
			k.t.Errorf("%T has finalizers %q", object, finalizers)
		}
	}
}

// TestUnreadableWorkspace: the part of a SeamWorkspace that can be read is not used for any call. What is held for its
// AccessCodes stays held, and another workspace goes on.
func TestUnreadableWorkspace(t *testing.T) {
	t.Parallel()
	for _, p := range []struct {
		name, field string
		value       any
		unreadable  string
		cure        func(k *cluster) any
	}{
		{"an interval", "spec.syncInterval", "soon", "spec.syncInterval", func(*cluster) any { return "10m" }},
		{"an endpoint", "spec.endpoint", 5, "spec.endpoint", func(k *cluster) any { return k.endpoint }},
		{"a Secret's name", "spec.auth", map[string]any{"apiKey": map[string]any{"secretKeyRef": map[string]any{"name": 5, "key": "apiKey"}}},
			"spec.auth.apiKey.secretKeyRef.name", func(k *cluster) any { return k.workspace().Spec.Auth }},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			k := newCluster(t)
			second := k.workspace()
			second.Name = "second"
			k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), second, accessCode("guest"))
			k.becomes("guest", v1alpha1.ReasonSet)
			k.spoil("seamworkspaces", v1alpha1.DefaultWorkspaceName, p.field, p.value)
			k.eventually("the workspace saying that "+p.unreadable+" can't be read", func(ctx context.Context) (bool, error) {
				var ws v1alpha1.SeamWorkspace
				err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: v1alpha1.DefaultWorkspaceName}, &ws)
				ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
				if err != nil || ready != nil && tells(ready.Reason, ready.Message, p.unreadable) {
					return err == nil, err
				}
				return k.recorded(ctx, v1alpha1.DefaultWorkspaceName, p.unreadable)
			})
			waiting := k.becomes("guest", v1alpha1.ReasonWorkspaceNotReady)
			if ready := apimeta.FindStatusCondition(waiting.Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(ready.Message, v1alpha1.DefaultWorkspaceName) {
				t.Errorf("message %q", ready.Message)
			}
			k.stillHeld()
			good := other("good", "246810")
			good.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "second"}
			k.apply(good)
			k.becomes("good", v1alpha1.ReasonSet)
			k.remove(&v1alpha1.AccessCode{}, "good")
			k.goes(&v1alpha1.AccessCode{}, "good")
			k.held(&v1alpha1.SeamWorkspace{}, "second", false)
			k.stillHeld()
			k.mend(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, p.field, p.cure(k))
			k.workspaceBecomes(v1alpha1.ReasonConnected)
			k.becomes("guest", v1alpha1.ReasonSet)
		})
	}
}

// TestReferenceThatCannotBeRead: while it can't be read which workspace a code needs, all of them are held for it.
func TestReferenceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	code := accessCode("guest")
	code.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "second"}
	second := k.workspace()
	second.Name = "second"
	k.apply(k.credentials(sim.SeedAPIKey), second, code)
	k.becomes("guest", v1alpha1.ReasonSet)
	k.spoil("accesscodes", "guest", "spec.workspaceRef", map[string]any{"name": 5})
	k.says("guest", "spec.workspaceRef.name")
	k.remove(&v1alpha1.SeamWorkspace{}, "second")
	k.remove(&corev1.Secret{}, "seam")
	k.remove(&v1alpha1.AccessCode{}, "guest")
	k.says("guest", "set spec.deletionPolicy to Orphan")
	k.held(&v1alpha1.SeamWorkspace{}, "second", true)
	k.held(&corev1.Secret{}, "seam", true)

	k.mend(&v1alpha1.AccessCode{}, "guest", "spec.workspaceRef", map[string]any{"name": "second"})
	k.goes(&v1alpha1.AccessCode{}, "guest")
	k.goes(&v1alpha1.SeamWorkspace{}, "second")
	k.goes(&corev1.Secret{}, "seam")
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left on the lock: %+v", codes)
	}
}
