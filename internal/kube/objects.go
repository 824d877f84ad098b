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

// Census returns what counts the objects of all kinds for the metrics. leading says whether this replica works: one that
// stands by counts nothing, or all would be there twice.
func Census(leading func() bool, kinds ...func(*metrics.Census)) func() metrics.Census {
	return func() metrics.Census {
		if !leading() {
			return metrics.Census{}
		}
		result := metrics.Census{Codes: map[metrics.Group]int{}, NotOnLock: map[string]int{}, NotOffLock: map[string]int{}}
		for _, count := range kinds {
			count(&result)
		}
		return result
	}
}

// Cached are the cache's own objects of a kind, which nobody may change. To list them would copy each: with ten thousand
// AccessCodes 7 MB at every scrape.
type Cached[T client.Object] struct {
	mu    sync.Mutex
	byKey map[types.NamespacedName]T
}

// Follow has the cache tell of all objects of a kind.
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

// Keep takes in an object, or its newer state.
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

// Drop forgets an object that is gone.
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

// Each calls f with every object. f must be quick: what the cache tells waits meanwhile.
func (c *Cached[T]) Each(f func(T)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, object := range c.byKey {
		f(object)
	}
}
