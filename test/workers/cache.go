// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// lagging is the cache of a manager, behind the API server. It learns of a change when the Runner says so, and its event
// handlers are called some time after that. The changes of one object keep their order, those of several do not.
type lagging struct {
	cache.Cache // what the controllers have no use for

	runner *Runner
	stored map[string]client.Object // by kind and key
	// behind are the changes that the cache has yet to learn of, by kind and key of the object.
	behind map[string][]watch.Event
	// told are the calls that event handlers have yet to get, by kind, number of the handler, and key of the object.
	told     map[string][]func()
	watching map[string][]toolscache.ResourceEventHandler // by kind
	indexes  map[string]client.IndexerFunc                // by kind and field
	watches  []watch.Interface
}

// informer is the part of the cache that has the objects of one kind.
type informer struct {
	cache.Informer // what sources have no use for

	cache *lagging
	kind  string
}

// synced tells whether an event handler has been called for all objects that were there; workers start after that.
type synced struct {
	toolscache.ResourceEventHandlerRegistration
}

func (synced) HasSynced() bool { return true }

func newCache(ctx context.Context, r *Runner) (*lagging, error) {
	c := &lagging{
		runner: r, stored: map[string]client.Object{}, behind: map[string][]watch.Event{}, told: map[string][]func(){},
		watching: map[string][]toolscache.ResourceEventHandler{}, indexes: map[string]client.IndexerFunc{},
	}
	for _, list := range r.options.Watched() {
		watched, err := r.options.API.Watch(ctx, list)
		if err != nil {
			return nil, fmt.Errorf("watching: %w", err)
		}
		c.watches = append(c.watches, watched)
		if err := r.options.API.List(ctx, list); err != nil {
			return nil, fmt.Errorf("listing: %w", err)
		}
		err = apimeta.EachListItem(list, func(o runtime.Object) error {
			object := c.kept(o)
			c.stored[c.keyOf(object)] = object
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing: %w", err)
		}
	}
	return c, nil
}

// kept is what the cache stores of an object: of Secrets only the metadata.
func (c *lagging) kept(o runtime.Object) client.Object {
	object, _ := o.DeepCopyObject().(client.Object)
	if secret, ok := object.(*corev1.Secret); ok {
		partial := &metav1.PartialObjectMetadata{ObjectMeta: secret.ObjectMeta}
		partial.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
		return partial
	}
	return object
}

func (c *lagging) kindOf(o runtime.Object) string {
	gvk, err := apiutil.GVKForObject(o, c.runner.options.Scheme)
	if err != nil {
		return fmt.Sprintf("%T", o)
	}
	return strings.TrimSuffix(gvk.Kind, "List")
}

func (c *lagging) keyOf(o client.Object) string {
	return c.kindOf(o) + " " + client.ObjectKeyFromObject(o).String()
}

// has says whether the cache holds objects of the kind of this one.
func (c *lagging) has(o runtime.Object) bool {
	_, secret := o.(*corev1.Secret)
	_, secrets := o.(*corev1.SecretList)
	return !secret && !secrets
}

// hear receives what has changed at the API server since the last time.
func (c *lagging) hear() {
	for _, watched := range c.watches {
		for more := true; more; {
			select {
			case event := <-watched.ResultChan():
				object := c.kept(event.Object)
				key := c.keyOf(object)
				c.behind[key] = append(c.behind[key], watch.Event{Type: event.Type, Object: object})
			default:
				more = false
			}
		}
	}
}

// learn applies the next change of an object to the cache, and queues calls of the event handlers.
func (c *lagging) learn(key string) {
	event := c.behind[key][0]
	if c.behind[key] = c.behind[key][1:]; len(c.behind[key]) == 0 {
		delete(c.behind, key)
	}
	object, _ := event.Object.(client.Object)
	before := c.stored[key]
	tell := func(h toolscache.ResourceEventHandler) { h.OnUpdate(before, object) }
	switch {
	case event.Type == watch.Deleted:
		delete(c.stored, key)
		tell = func(h toolscache.ResourceEventHandler) { h.OnDelete(object) }
	case before == nil:
		tell = func(h toolscache.ResourceEventHandler) { h.OnAdd(object, false) }
	}
	if event.Type != watch.Deleted {
		c.stored[key] = object
	}
	for i, handler := range c.watching[c.kindOf(object)] {
		to := fmt.Sprintf("%s by %d", key, i)
		c.told[to] = append(c.told[to], func() { tell(handler) })
	}
}

// tell calls one event handler with the next change of an object.
func (c *lagging) tell(to string) {
	next := c.told[to][0]
	if c.told[to] = c.told[to][1:]; len(c.told[to]) == 0 {
		delete(c.told, to)
	}
	next()
}

// close ends the watches.
func (c *lagging) close() {
	for _, watched := range c.watches {
		watched.Stop()
	}
}

// GetInformer implements cache.Cache.
func (c *lagging) GetInformer(_ context.Context, o client.Object, _ ...cache.InformerGetOption) (cache.Informer, error) {
	return &informer{cache: c, kind: c.kindOf(o)}, nil
}

// WaitForCacheSync implements cache.Cache.
func (c *lagging) WaitForCacheSync(context.Context) bool { return true }

// IndexField implements client.FieldIndexer.
func (c *lagging) IndexField(_ context.Context, o client.Object, field string, keys client.IndexerFunc) error {
	c.indexes[c.kindOf(o)+" "+field] = keys
	return nil
}

// AddEventHandlerWithOptions implements cache.Informer.
func (i *informer) AddEventHandlerWithOptions(handler toolscache.ResourceEventHandler, _ toolscache.HandlerOptions) (toolscache.ResourceEventHandlerRegistration, error) {
	i.cache.runner.mu.Lock()
	defer i.cache.runner.mu.Unlock()
	i.cache.runner.registered = append(i.cache.runner.registered, registration{kind: i.kind, handler: handler})
	return synced{}, nil
}

// Get implements client.Reader.
func (c *lagging) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	kind := c.kindOf(into)
	stored := c.stored[kind+" "+key.String()]
	if stored == nil {
		return apierrors.NewNotFound(schema.GroupResource{Resource: strings.ToLower(kind)}, key.Name)
	}
	c.runner.sees(key, stored)
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(stored.DeepCopyObject()).Elem())
	return nil
}

// List implements client.Reader.
func (c *lagging) List(_ context.Context, list client.ObjectList, opts ...client.ListOption) error {
	var options client.ListOptions
	options.ApplyOptions(opts)
	kind := c.kindOf(list)
	var items []runtime.Object
	for _, key := range slices.Sorted(maps.Keys(c.stored)) {
		object := c.stored[key]
		if strings.HasPrefix(key, kind+" ") && (options.Namespace == "" || options.Namespace == object.GetNamespace()) && c.selects(kind, object, options) {
			items = append(items, object.DeepCopyObject())
		}
	}
	if err := apimeta.SetList(list, items); err != nil {
		return fmt.Errorf("listing from the cache: %w", err)
	}
	return nil
}

func (c *lagging) selects(kind string, object client.Object, options client.ListOptions) bool {
	if options.FieldSelector == nil {
		return true
	}
	for _, wanted := range options.FieldSelector.Requirements() {
		keys := c.indexes[kind+" "+wanted.Field]
		if keys == nil || !slices.Contains(keys(object), wanted.Value) {
			return false
		}
	}
	return true
}
