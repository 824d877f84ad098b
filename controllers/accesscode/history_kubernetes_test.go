// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// What becomes of a write to Kubernetes.
const (
	writeWell     = "well"
	writeConflict = "conflict"       // refused: somebody else was quicker
	writeRefused  = "refused"        // an error of the API server, before any effect
	writeLost     = "lost after all" // done, and the answer lost
)

// unsteady is Kubernetes as the operator has it in a history: its writes may fail, before or after their effect, reads
// of Secrets may fail, and what it reads of AccessCodes may be of some time ago.
type unsteady struct {
	world  *world
	client client.WithWatch

	writes []string // what becomes of the next writes
	reads  int      // how many reads of Secrets fail
	faults int

	behind map[string]*v1alpha1.AccessCode // what the cache shows, nil while it is up to date
	rounds int                             // until it is up to date again
	index  map[string]client.IndexerFunc
}

var errConnectionLost = errors.New("connection lost")

func newUnsteady(w *world) *unsteady {
	u := &unsteady{world: w, index: map[string]client.IndexerFunc{}}
	err := kube.AddIndexes(w.T.Context(), testworld.IndexerFunc(func(o client.Object, field string, keys client.IndexerFunc) {
		if _, ok := o.(*v1alpha1.AccessCode); ok {
			u.index[field] = keys
		}
	}))
	if err != nil {
		w.T.Fatal(err)
	}
	u.client = interceptor.NewClient(w.Client, interceptor.Funcs{Get: u.get, List: u.list, Create: u.create, Patch: u.patch, SubResourcePatch: u.patchStatus})
	return u
}

// clear has everything go well from now on.
func (u *unsteady) clear() { u.writes, u.reads, u.behind, u.rounds = nil, 0, nil, 0 }

// fallBehind stops the cache for some rounds.
func (u *unsteady) fallBehind(rounds int) {
	u.rounds, u.behind = rounds, map[string]*v1alpha1.AccessCode{}
	var codes v1alpha1.AccessCodeList
	if err := u.world.Client.List(u.world.T.Context(), &codes); err != nil {
		u.world.T.Fatal(err)
	}
	for i := range codes.Items {
		u.behind[codes.Items[i].Name] = &codes.Items[i]
	}
}

func (u *unsteady) catchUp() {
	if u.rounds--; u.rounds <= 0 {
		u.behind = nil
	}
}

func (u *unsteady) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	switch o := o.(type) {
	case *v1alpha1.AccessCode:
		if u.behind == nil {
			break
		}
		old, ok := u.behind[key.Name]
		if !ok {
			return apierrors.NewNotFound(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "accesscodes"}, key.Name)
		}
		old.DeepCopyInto(o)
		return nil
	case *corev1.Secret:
		if u.reads > 0 {
			u.reads--
			u.faults++
			return apierrors.NewInternalError(errConnectionLost)
		}
	}
	return c.Get(ctx, key, o, opts...)
}

func (u *unsteady) list(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
	codes, ok := list.(*v1alpha1.AccessCodeList)
	if !ok || u.behind == nil {
		return c.List(ctx, list, opts...)
	}
	var options client.ListOptions
	options.ApplyOptions(opts)
	matches := func(*v1alpha1.AccessCode) bool { return true }
	if options.FieldSelector != nil {
		wanted := options.FieldSelector.Requirements()[0]
		matches = func(code *v1alpha1.AccessCode) bool {
			return slices.Contains(u.index[wanted.Field](code), wanted.Value)
		}
	}
	codes.Items = nil
	for _, name := range historyNames() {
		if old := u.behind[name]; old != nil && matches(old) {
			codes.Items = append(codes.Items, *old.DeepCopy())
		}
	}
	return nil
}

func (u *unsteady) create(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
	return u.write(o, func(o client.Object) error { return c.Create(ctx, o, opts...) })
}

func (u *unsteady) patch(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
	return u.write(o, func(o client.Object) error { return c.Patch(ctx, o, p, opts...) })
}

func (u *unsteady) patchStatus(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
	return u.write(o, func(o client.Object) error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
}

// write makes a write as it has been ordered to go. One whose answer is lost leaves the caller's object as it was.
func (u *unsteady) write(o client.Object, do func(client.Object) error) error {
	how := writeWell
	if len(u.writes) > 0 {
		how, u.writes = u.writes[0], u.writes[1:]
	}
	if how != writeWell {
		u.faults++
		u.world.T.Logf("the write to %s %s is %s", testworld.KindOf(o), o.GetName(), how)
	}
	switch how {
	case writeConflict:
		return apierrors.NewConflict(schema.GroupResource{Resource: testworld.KindOf(o)}, o.GetName(), errors.New("the object has been modified"))
	case writeRefused:
		return apierrors.NewInternalError(errConnectionLost)
	case writeLost:
		copied, ok := o.DeepCopyObject().(client.Object)
		if !ok {
			return errConnectionLost
		}
		if err := do(copied); err != nil {
			return err
		}
		return errConnectionLost
	}
	return do(o)
}

// collectNamed collects the Secrets that have names of their own (spec.codeSecretName).
func (h *history) collectNamed() {
	var secrets corev1.SecretList
	if err := h.Client.List(h.T.Context(), &secrets, client.InNamespace(testworld.Namespace)); err != nil {
		h.T.Fatal(err)
	}
	for i := range secrets.Items {
		owner := metav1.GetControllerOf(&secrets.Items[i])
		lives := owner != nil && slices.ContainsFunc(h.existing(), func(name string) bool { return h.object(name).UID == owner.UID })
		if owner != nil && owner.Kind == "AccessCode" && !lives {
			h.Delete(&secrets.Items[i], secrets.Items[i].Name)
		}
	}
}
