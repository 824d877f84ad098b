// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// sighting is what was seen of an AccessCode last.
type sighting struct {
	id      string
	ready   bool      // Set, at the generation that the object has
	readyAt time.Time // since when
	reason  string
	// turnedAt is when Ready took another status or reason.
	turnedAt time.Time
}

// observer sees AccessCodes as a user's watch does. Times are those of arrival here.
type observer struct {
	mu   sync.Mutex
	seen map[types.NamespacedName]sighting
}

// startObserver watches until ctx ends, and has seen everything when it returns.
func startObserver(ctx context.Context, config *rest.Config, scheme *runtime.Scheme) (*observer, error) {
	o := &observer{seen: map[types.NamespacedName]sighting{}}
	c, err := cache.New(config, cache.Options{Scheme: scheme, DefaultTransform: cache.TransformStripManagedFields()})
	if err != nil {
		return nil, fmt.Errorf("watching: %w", err)
	}
	go func() { _ = c.Start(ctx) }() // ends with ctx; what it would fail for fails GetInformer too
	informer, err := c.GetInformer(ctx, &v1alpha1.AccessCode{})
	if err != nil {
		return nil, fmt.Errorf("watching: %w", err)
	}
	if _, err := informer.AddEventHandler(o.events()); err != nil {
		return nil, fmt.Errorf("watching: %w", err)
	}
	if !c.WaitForCacheSync(ctx) {
		return nil, errors.New("watching: the watch has not begun")
	}
	return o, nil
}

func (o *observer) events() toolscache.ResourceEventHandler {
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc:    o.note,
		UpdateFunc: func(_, object any) { o.note(object) },
		DeleteFunc: func(object any) {
			if gone, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			if code, ok := object.(*v1alpha1.AccessCode); ok {
				o.forget(types.NamespacedName{Namespace: code.Namespace, Name: code.Name})
			}
		},
	}
}

func (o *observer) note(object any) {
	code, ok := object.(*v1alpha1.AccessCode)
	if !ok {
		return
	}
	now := time.Now()
	key := types.NamespacedName{Namespace: code.Namespace, Name: code.Name}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[key] = o.seen[key].after(code, now)
}

func (o *observer) forget(key types.NamespacedName) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.seen, key)
}

// after is what is known once an object has been seen.
func (s sighting) after(code *v1alpha1.AccessCode, now time.Time) sighting {
	next := sighting{id: code.Status.AccessCodeID, ready: isSet(code), readyAt: s.readyAt, turnedAt: s.turnedAt}
	if next.ready && !s.ready {
		next.readyAt = now
	}
	if c := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady); c != nil {
		next.reason = string(c.Status) + c.Reason
	}
	if next.reason != s.reason {
		next.turnedAt = now
	}
	return next
}

// isSet says that the code works on the lock as the spec now has it.
func isSet(code *v1alpha1.AccessCode) bool {
	c := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.Reason == v1alpha1.ReasonSet &&
		c.ObservedGeneration == code.Generation && code.DeletionTimestamp.IsZero()
}

// progress is how many AccessCodes of a namespace there are, how many of them have become set since a time, and when
// the last did.
func (o *observer) progress(namespace string, since time.Time) (total, set int, last time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key, s := range o.seen {
		if key.Namespace != namespace {
			continue
		}
		total++
		if !s.ready || s.readyAt.Before(since) {
			continue
		}
		set++
		if s.readyAt.After(last) {
			last = s.readyAt
		}
	}
	return total, set, last
}

// get returns what is known of one AccessCode.
func (o *observer) get(namespace, name string) sighting {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[types.NamespacedName{Namespace: namespace, Name: name}]
}
