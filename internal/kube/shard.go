// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// Shard is the part of all objects that this operator serves, by their labels. AccessCodes of other shards are in the
// cache, too, for what they need of a SeamWorkspace, but are not touched. Every shard connects to every SeamWorkspace;
// the one that a SeamWorkspace belongs to by its own labels writes its status and finalizers. The zero value is
// everything.
type Shard struct {
	// Selector picks the objects; nil picks all.
	Selector labels.Selector
}

// Has says whether an object is of this shard.
func (s Shard) Has(object client.Object) bool {
	return s.Selector == nil || s.Selector.Matches(labels.Set(object.GetLabels()))
}

// Predicate passes what is of this shard, comes to it, or leaves it.
func (s Shard) Predicate() predicate.Predicate {
	passes := predicate.NewPredicateFuncs(s.Has)
	return predicate.Funcs{
		CreateFunc: passes.Create, DeleteFunc: passes.Delete, GenericFunc: passes.Generic,
		UpdateFunc: func(e event.UpdateEvent) bool { return s.Has(e.ObjectOld) || s.Has(e.ObjectNew) },
	}
}

// Moved passes what comes to this shard or leaves it.
func (s Shard) Moved(e event.UpdateEvent) bool { return s.Has(e.ObjectOld) != s.Has(e.ObjectNew) }
