// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

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

// takeCensus returns what counts the objects of all kinds for the metrics. leading says whether this replica works: one that
// stands by counts nothing, or all would be there twice.
func takeCensus(leading func() bool, kinds ...func(*metrics.Census)) func() metrics.Census {
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

// cached are the cache's own objects of a kind, which nobody may change. To list them would copy each: with ten thousand
// AccessCodes 7 MB at every scrape.
type cached[T client.Object] struct {
	mu    sync.Mutex
	byKey map[types.NamespacedName]T
}

// follow has the cache tell of all objects of a kind.
func (c *cached[T]) follow(ctx context.Context, informers cache.Informers, kind T) error {
	informer, err := informers.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
	if err == nil {
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    c.keep,
			UpdateFunc: func(_, now any) { c.keep(now) },
			DeleteFunc: c.drop,
		})
	}
	if err != nil {
		return fmt.Errorf("following %T in the cache: %w", kind, err)
	}
	return nil
}

func (c *cached[T]) keep(o any) {
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

func (c *cached[T]) drop(o any) {
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

// each calls f with every object. f must be quick: what the cache tells waits meanwhile.
func (c *cached[T]) each(f func(T)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, object := range c.byKey {
		f(object)
	}
}
