// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"k8s.io/apimachinery/pkg/util/cache"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// deliveredTTL is as long as a copy of a message can pass for new: from the most that its time may be ahead to the
	// most that it may be behind.
	deliveredTTL = 2 * maxSkew
	// maxDelivered bounds the messages that are remembered. When more come within deliveredTTL, the one that came longest
	// ago may be delivered twice.
	maxDelivered = 4096
)

// messageKey is the id of a message and the workspace at whose path it came. Whoever knows the secret of one workspace must
// not be able to hold back messages of another.
type messageKey struct {
	workspace v1alpha1.WorkspaceKey
	id        string
}

// deliveredMessages are the newest messages that were delivered. It is safe for concurrent use.
type deliveredMessages struct{ cache *cache.LRUExpireCache }

func newDeliveredMessages(clock cache.Clock) deliveredMessages {
	return deliveredMessages{cache.NewLRUExpireCacheWithClock(maxDelivered, clock)}
}

func (d deliveredMessages) has(key messageKey) bool {
	_, ok := d.cache.Get(key)
	return ok
}

func (d deliveredMessages) add(key messageKey) { d.cache.Add(key, struct{}{}, deliveredTTL) }
