// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"k8s.io/apimachinery/pkg/util/cache"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// deliveredTTL is how long a copy of a message passes for new: its timestamp may be maxSkew ahead at first and maxSkew
	// behind in the end.
	deliveredTTL = 2 * maxSkew
	// maxDelivered bounds the messages that are remembered. When more arrive within deliveredTTL, the oldest of them may be
	// delivered twice.
	maxDelivered = 4096
)

// messageKey is the id of a message and the workspace at whose path it arrived. So whoever knows the secret of one workspace
// can't suppress messages of another.
type messageKey struct {
	workspace v1alpha1.WorkspaceKey
	id        string
}

// deliveredMessages are the messages that were delivered last. It is safe for concurrent use.
type deliveredMessages struct{ cache *cache.LRUExpireCache }

func newDeliveredMessages(clock cache.Clock) deliveredMessages {
	return deliveredMessages{cache.NewLRUExpireCacheWithClock(maxDelivered, clock)}
}

func (d deliveredMessages) has(key messageKey) bool {
	_, ok := d.cache.Get(key)
	return ok
}

func (d deliveredMessages) add(key messageKey) { d.cache.Add(key, struct{}{}, deliveredTTL) }
