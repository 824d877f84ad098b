// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/internal/metrics"
)

// ObjectsCollector returns a function that counts the objects of all kinds for the metrics. leading says whether this replica
// is the leader. Another replica counts nothing: otherwise each object would be counted twice.
func ObjectsCollector(leading func() bool, kinds ...func(*metrics.Objects)) func() metrics.Objects {
	return func() metrics.Objects {
		if !leading() {
			return metrics.Objects{}
		}
		result := metrics.Objects{Codes: map[metrics.Group]int{}, NotOnLock: map[string]int{}, NotOffLock: map[string]int{}}
		for _, count := range kinds {
			count(&result)
		}
		return result
	}
}

// Cached holds the cache's own objects of a kind, without copying them: a List copies each object, 7 MB at every scrape with
// ten thousand AccessCodes. Hazard: the objects must not be changed.
type Cached[T client.Object] struct {
	mu    sync.Mutex
	byKey map[types.NamespacedName]T
}

// Follow has the cache report all objects of a kind, now and as they change.
func (c *Cached[T]) Follow(ctx context.Context, informers cache.Informers, kind T) error {
	informer, err := informers.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
	if err == nil {
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    c.Keep,
			UpdateFunc: func(_, now any) { c.Keep(now) },
			DeleteFunc: c.Drop,
		})
	}
	if err != nil {
		return fmt.Errorf("following %T in the cache: %w", kind, err)
	}
	return nil
}

// Keep stores an object, or its newer state. It ignores other kinds.
func (c *Cached[T]) Keep(o any) {
	object, ok := o.(T)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil {
		c.byKey = map[types.NamespacedName]T{}
	}
	c.byKey[client.ObjectKeyFromObject(object)] = object
}

// Drop removes an object that is gone.
func (c *Cached[T]) Drop(o any) {
	if gone, ok := o.(toolscache.DeletedFinalStateUnknown); ok {
		o = gone.Obj
	}
	object, ok := o.(T)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byKey, client.ObjectKeyFromObject(object))
}

// Each calls f with every object. f must be quick: the cache can't report changes meanwhile.
func (c *Cached[T]) Each(f func(T)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, object := range c.byKey {
		f(object)
	}
}
