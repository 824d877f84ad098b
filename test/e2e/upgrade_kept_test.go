// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// record is all that an upgrade must leave as it is.
type record struct {
	objects  map[string]*unstructured.Unstructured // by kind and name
	codes    map[string]sim.AccessCode             // at Seam, by id
	requests map[string]int                        // of Seam, by path
	writes   []write                               // of the operator, since the control plane was started
}

// keptKinds are what the operator writes in a namespace that it serves.
func keptKinds() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		v1alpha1.GroupVersion.WithKind("AccessCode"), v1alpha1.GroupVersion.WithKind("SeamWorkspace"),
		{Version: "v1", Kind: "Secret"}, {Group: "events.k8s.io", Version: "v1", Kind: "Event"},
	}
}

// record reads everything as it is now.
func (u *upgrade) record() record {
	u.t.Helper()
	r := record{
		objects: map[string]*unstructured.Unstructured{}, codes: map[string]sim.AccessCode{},
		requests: u.sim.Requests().ByPath, writes: u.audit.written(u.t, u.own()),
	}
	for _, kind := range keptKinds() {
		var list unstructured.UnstructuredList
		list.SetGroupVersionKind(kind)
		if err := u.List(u.t.Context(), &list, client.InNamespace(u.namespace)); err != nil {
			u.t.Fatal(err)
		}
		for i := range list.Items {
			r.objects[kind.Kind+" "+list.Items[i].GetName()] = &list.Items[i]
		}
	}
	for _, code := range u.sim.State().AccessCodes {
		r.codes[code.AccessCodeID] = code
	}
	return r
}

// mustBe compares everything with how it was before, except what is about the AccessCodes that were changed since.
func (r record) mustBe(u *upgrade, before record, changed ...string) {
	u.t.Helper()
	for _, key := range sortedKeys(before.objects, r.objects) {
		_, name, _ := strings.Cut(key, " ")
		owner, _, _ := strings.Cut(name, ".") // an Event is called after what it is about
		if !slices.Contains(changed, owner) {
			u.compareObject(key, before.objects[key], r.objects[key])
		}
	}
	for _, id := range sortedKeys(before.codes, r.codes) {
		u.compareCode(id, before.codes, r.codes, changed)
	}
	if len(changed) > 0 {
		return // what was asked for was written
	}
	for _, p := range slices.Sorted(maps.Keys(r.requests)) {
		more := r.requests[p] - before.requests[p]
		switch {
		case more <= 0 || readsSeam(p):
		case u.retries() && p == "/access_codes/create":
			u.t.Logf("Intended (%s): the earlier version asked %d times to create what Seam refuses", u.intended, more)
		default:
			u.t.Errorf("Seam was asked %d times to %s", more, p)
		}
	}
	for _, w := range r.writes[len(before.writes):] {
		u.judgeWrite(w)
	}
}

// retries says that the earlier version, running again, may retry what has a reason that it does not know. It must come to
// nothing: no code is created, and none is gone.
func (u *upgrade) retries() bool { return u.back && u.intended != "" }

// readsSeam says that a request of a path changes nothing.
func readsSeam(p string) bool { return path.Base(p) == "get" || path.Base(p) == "list" }

// judgeWrite allows what an operator writes whenever it starts: its lease, and reviews of who may read the metrics.
func (u *upgrade) judgeWrite(w write) {
	u.t.Helper()
	switch {
	case w.namespace == u.account.Namespace && (w.resource == "leases" || w.resource == "events"):
	case w.resource == "tokenreviews" || w.resource == "subjectaccessreviews":
	case u.intended != "" && (strings.HasSuffix(w.resource, "/status") || w.resource == "events"),
		u.retries() && w.resource == "accesscodes": // the intention to create, and that it is taken back
		u.t.Logf("Intended (%s): %s", u.intended, w)
	default:
		u.t.Errorf("the operator wrote to Kubernetes: %s", w)
	}
}

func (u *upgrade) compareObject(key string, before, after *unstructured.Unstructured) {
	u.t.Helper()
	event := strings.HasPrefix(key, "Event ")
	switch {
	case before == nil && event && u.intended != "":
		u.t.Logf("Intended (%s): %s was created", u.intended, key)
	case before == nil:
		u.t.Errorf("%s was created", key)
	case after == nil:
		u.t.Errorf("%s was deleted", key)
	case gocmp.Equal(before.Object, after.Object):
	case strings.HasPrefix(key, "Secret "):
		u.t.Errorf("%s was written: resource version %s, before %s", key, after.GetResourceVersion(), before.GetResourceVersion())
	case u.intended != "" && gocmp.Equal(withoutStatus(before), withoutStatus(after)):
		u.t.Logf("Intended (%s): %s was written: %s", u.intended, key, gocmp.Diff(shown(before), shown(after)))
	default:
		u.t.Errorf("%s is not as it was (-before +after): %s", key, gocmp.Diff(shown(before), shown(after)))
	}
}

// withoutStatus is what nobody but a user writes.
func withoutStatus(object *unstructured.Unstructured) map[string]any {
	rest := object.DeepCopy()
	rest.SetResourceVersion("")
	rest.SetManagedFields(nil)
	unstructured.RemoveNestedField(rest.Object, "status")
	return rest.Object
}

// shown is an object without its PIN.
func shown(object *unstructured.Unstructured) map[string]any {
	rest := object.DeepCopy()
	rest.SetManagedFields(nil)
	unstructured.RemoveNestedField(rest.Object, "spec", "code")
	return rest.Object
}

func (u *upgrade) compareCode(id string, before, after map[string]sim.AccessCode, changed []string) {
	u.t.Helper()
	old, was := before[id]
	current, is := after[id]
	for _, code := range []sim.AccessCode{old, current} {
		if code.Name != nil && slices.Contains(changed, *code.Name) {
			return
		}
	}
	switch {
	case !was:
		u.t.Errorf("code %s was created at Seam", id)
	case !is:
		u.t.Errorf("code %s is gone at Seam", id)
	case !gocmp.Equal(old, current):
		if gocmp.Equal(old.Code, current.Code) {
			old.Code, current.Code = nil, nil
			u.t.Errorf("code %s at Seam is not as it was (-before +after): %s", id, gocmp.Diff(old, current))
			return
		}
		u.t.Errorf("code %s has another PIN at Seam", id)
	}
}

func sortedKeys[K cmp.Ordered, V any](ms ...map[K]V) []K {
	all := map[K]struct{}{}
	for _, m := range ms {
		for key := range m {
			all[key] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// busy are the lines of the metrics that tell of work waited for or under way.
func busy(metrics string) []string {
	var lines []string
	for line := range strings.Lines(metrics) {
		name, _, labels := strings.Cut(line, "{")
		counts := name == "workqueue_depth" || name == "controller_runtime_active_workers"
		if labels && counts && !strings.HasSuffix(strings.TrimSpace(line), " 0") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// String sums a record up.
func (r record) String() string {
	kinds := map[string]int{}
	for key := range r.objects {
		kind, _, _ := strings.Cut(key, " ")
		kinds[kind]++
	}
	total := 0
	for _, count := range r.requests {
		total += count
	}
	return fmt.Sprintf("%v, %d codes at Seam, which was asked %d times, %d writes of the operator", kinds, len(r.codes), total, len(r.writes))
}
