// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// census counts AccessCodes and SeamWorkspaces for the metrics.
type census struct {
	registry *workspace.Registry
	clock    clock.PassiveClock
	shard    Shard
	// leading says whether this replica works. One that stands by counts nothing, or all would be there twice.
	leading func() bool

	codes      cached[*v1alpha1.AccessCode]
	workspaces cached[*v1alpha1.SeamWorkspace]
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

// take counts what there is now.
func (c *census) take() metrics.Census {
	if !c.leading() {
		return metrics.Census{}
	}
	result := metrics.Census{Codes: map[metrics.Group]int{}, NotOnLock: map[string]int{}, NotOffLock: map[string]int{}}
	c.workspaces.each(func(ws *v1alpha1.SeamWorkspace) {
		if c.shard.has(ws) {
			up := verdictOf(readyReason(ws.Status.Conditions)) == ready
			result.Workspaces = append(result.Workspaces, metrics.Workspace{Namespace: ws.Namespace, Name: ws.Name, Ready: up})
		}
	})
	now := c.seamTimes()
	c.codes.each(func(code *v1alpha1.AccessCode) {
		if !c.shard.has(code) {
			return
		}
		group := metrics.Group{Namespace: code.Namespace, State: stateWord(code.Status.State), Reason: reasonWord(readyReason(code.Status.Conditions))}
		result.Codes[group]++
		onLock, offLock := missing(code, now(types.NamespacedName{Namespace: code.Namespace, Name: code.WorkspaceName()}))
		result.NotOnLock[code.Namespace] += onLock
		result.NotOffLock[code.Namespace] += offLock
	})
	return result
}

// seamTimes tells Seam's time for each SeamWorkspace, the operator's where none is connected.
func (c *census) seamTimes() func(types.NamespacedName) time.Time {
	known := map[types.NamespacedName]time.Time{}
	return func(key types.NamespacedName) time.Time {
		now, ok := known[key]
		if !ok {
			now = c.clock.Now()
			if live, connected := c.registry.Connected(key); connected {
				now = live.Now()
			}
			known[key] = now
		}
		return now
	}
}

// missing says with a 1 that a code should be on its lock and is not, or that it should be off and is not known to be.
func missing(code *v1alpha1.AccessCode, now time.Time) (fromLock, offLock int) {
	reason, window := readyReason(code.Status.Conditions), windowOf(code)
	switch {
	case !code.DeletionTimestamp.IsZero():
		if holdsFinalizer(code) && !leavesNothing(code) {
			return 0, 1
		}
	case window.Over(now) && !window.EndsAt.IsZero(): // one that can't be read is no end
		if reason != v1alpha1.ReasonExpired && !nothingCreated(code) {
			return 0, 1
		}
	case !code.Spec.Suspend && !window.Ahead(now) && reason != v1alpha1.ReasonSet:
		return 1, 0
	}
	return 0, 0
}
