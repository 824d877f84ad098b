// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// leftBehind holds the last state of each AccessCode that went before its code. The code is left behind: it is on the lock, and
// no object stands for it. The key is the UID, because another AccessCode of the same name may have come since. It is safe for
// concurrent use.
type leftBehind struct {
	mu    sync.Mutex
	byUID map[types.UID]former
	// trigger enqueues them, by namespace and UID.
	trigger *kube.Trigger[types.NamespacedName]
}

// former is an AccessCode that is gone.
type former struct {
	code    *v1alpha1.AccessCode
	history history
}

func newLeftBehind() *leftBehind {
	return &leftBehind{byUID: map[types.UID]former{}, trigger: kube.NewTrigger[types.NamespacedName]()}
}

func (l *leftBehind) add(code *v1alpha1.AccessCode) {
	l.keep(code, history{uid: code.UID})
	l.trigger.Enqueue(types.NamespacedName{Namespace: code.Namespace, Name: string(code.UID)})
}

// get returns a copy of an AccessCode and its history; nil when it is not, or no longer, left behind.
func (l *leftBehind) get(uid types.UID) (*v1alpha1.AccessCode, history) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.byUID[uid]
	return one.code.DeepCopy(), one.history
}

func (l *leftBehind) keep(code *v1alpha1.AccessCode, history history) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byUID[code.UID] = former{code: code, history: history}
}

func (l *leftBehind) drop(uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byUID, uid)
}

// find returns an AccessCode for which is returns true; nil when there is none. It must not be changed.
func (l *leftBehind) find(is func(*v1alpha1.AccessCode) bool) *v1alpha1.AccessCode {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.byUID {
		if is(one.code) {
			return one.code
		}
	}
	return nil
}

// need says whether the credentials of a SeamWorkspace are needed to take off a code that is left behind.
func (l *leftBehind) need(ws *v1alpha1.SeamWorkspace) bool {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		return c.WorkspaceKey() == ws.Key() || c.Namespace == ws.Namespace && c.Unreadable("spec.workspaceRef")
	}) != nil
}

// own says whether a code at Seam is recorded with an AccessCode that is left behind and that code does not succeed.
func (l *leftBehind) own(id string, code *v1alpha1.AccessCode) bool {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		return c.UID != code.UID && slices.Contains(c.RecordedIDs(), id) && !succeeds(code, c)
	}) != nil
}

// pendingBefore returns an AccessCode that is left behind with a pending create, and whose code could be mistaken for one of the
// given AccessCode; nil when there is none.
func (l *leftBehind) pendingBefore(code *v1alpha1.AccessCode) *v1alpha1.AccessCode {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		intent := intentOf(c)
		return c.UID != code.UID && c.Status.AccessCodeID == "" && c.Spec.DeviceID == code.Spec.DeviceID && intent != nil &&
			(intent.Name == code.RemoteName() || c.RemoteName() == code.RemoteName()) && !succeeds(code, c)
	})
}
