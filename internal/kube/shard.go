// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// Shard selects, by labels, the objects that this operator serves. The zero value selects all.
//
// AccessCodes of other shards are cached but never written: the controller of SeamWorkspaces must know of all that need one.
// Every shard connects to every SeamWorkspace. Only the shard that a SeamWorkspace's own labels select writes its status and
// finalizers.
type Shard struct {
	// Selector picks the objects; nil picks all.
	Selector labels.Selector
}

// Has says whether an object belongs to this shard.
func (s Shard) Has(object client.Object) bool {
	return s.Selector == nil || s.Selector.Matches(labels.Set(object.GetLabels()))
}

// Predicate passes objects that belong to this shard, or did before an update.
func (s Shard) Predicate() predicate.Predicate {
	passes := predicate.NewPredicateFuncs(s.Has)
	return predicate.Funcs{
		CreateFunc: passes.Create, DeleteFunc: passes.Delete, GenericFunc: passes.Generic,
		UpdateFunc: func(e event.UpdateEvent) bool { return s.Has(e.ObjectOld) || s.Has(e.ObjectNew) },
	}
}

// Moved says whether an update moved an object into this shard or out of it.
func (s Shard) Moved(e event.UpdateEvent) bool { return s.Has(e.ObjectOld) != s.Has(e.ObjectNew) }
