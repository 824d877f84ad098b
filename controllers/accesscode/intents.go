// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// intents holds, by UID, the create-intent annotations as the operator wrote or first read them. A replace of the whole object
// removes the annotation, and while a create is pending nothing else leads to its code. It is safe for concurrent use.
type intents struct {
	mu    sync.Mutex
	byUID map[types.UID]string // "" once the operator took one back
	// stripped are those whose finalizer and annotation were found missing while none was remembered.
	stripped map[types.UID]bool
	// released are the AccessCodes that the operator released lately, oldest first.
	released []release
}

type release struct {
	uid types.UID
	at  time.Time
}

// keepReleased is how long it is remembered that an AccessCode was released. Later, its deletion costs a look at Seam, and a
// copy of it waits as for a pending create.
const keepReleased = 5 * time.Minute

// wrote remembers an annotation before it is written, so that it is known when the watch event of the write comes. Call undo
// when the write failed.
func (i *intents) wrote(uid types.UID, value string) (undo func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	before, ok := i.byUID[uid]
	i.set(uid, value)
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if ok {
			i.set(uid, before)
		} else {
			delete(i.byUID, uid)
		}
	}
}

func (i *intents) set(uid types.UID, value string) {
	if i.byUID == nil {
		i.byUID = map[types.UID]string{}
	}
	i.byUID[uid] = value
}

// of returns the annotation that an AccessCode should have; "" when none is known.
func (i *intents) of(uid types.UID) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.byUID[uid]
}

// learn remembers the annotation that an AccessCode has, where none is remembered.
func (i *intents) learn(code *v1alpha1.AccessCode) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, ok := i.byUID[code.UID]; !ok && intentOf(code) != nil {
		i.set(code.UID, code.Annotations[v1alpha1.CreateIntentAnnotation])
	}
}

// setStripped remembers whether the annotation of an AccessCode is to be made from its code, once that is seen.
func (i *intents) setStripped(uid types.UID, stripped bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !stripped {
		delete(i.stripped, uid)
		return
	}
	if i.stripped == nil {
		i.stripped = map[types.UID]bool{}
	}
	i.stripped[uid] = true
}

func (i *intents) isStripped(uid types.UID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.stripped[uid]
}

// lacks says that an AccessCode has no annotation, or that of an earlier create, where it should have another. A later one was
// written by another replica.
func lacks(code *v1alpha1.AccessCode, should string) bool {
	has := code.Annotations[v1alpha1.CreateIntentAnnotation]
	if should == "" || has == should {
		return false
	}
	kept, there := parseIntent(should), intentOf(code)
	return kept != nil && (there == nil || there.Tried.Before(kept.Tried))
}

// forget drops what is remembered of an AccessCode that is gone or is served by another operator.
func (i *intents) forget(uid types.UID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.byUID, uid)
	delete(i.stripped, uid)
}

// letGo remembers that the operator is about to remove the finalizer. Call undo when the write failed.
func (i *intents) letGo(uid types.UID, now time.Time) (undo func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	old := 0
	for old < len(i.released) && now.Sub(i.released[old].at).Abs() > keepReleased {
		old++
	}
	i.released = append(i.released[old:], release{uid: uid, at: now})
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		for n := range i.released {
			if i.released[n].uid == uid {
				i.released[n].uid = ""
			}
		}
	}
}

// wasLetGo says that the operator released an AccessCode lately. Nothing of it at Seam is left to delete.
func (i *intents) wasLetGo(uid types.UID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n := range i.released {
		if uid != "" && i.released[n].uid == uid {
			return true
		}
	}
	return false
}
