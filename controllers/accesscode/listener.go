// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Listener enqueues the AccessCodes that something at Seam concerns, and no others. The event feed calls it.
type Listener struct {
	client.Client

	// Triggers enqueue AccessCodes.
	Triggers *kube.Triggers
	// Shard selects the AccessCodes that are served.
	Shard kube.Shard
}

// All enqueues all AccessCodes of a SeamWorkspace.
func (l *Listener) All(key v1alpha1.WorkspaceKey) { l.Triggers.EnqueueAccessCodesOf(key) }

// FollowUp enqueues the AccessCodes that events are about. complete says that no event is missing.
func (l *Listener) FollowUp(ctx context.Context, ws *v1alpha1.SeamWorkspace, session *workspace.Session, events []seam.Event, complete bool) error {
	c := concern{ws: ws, session: session, all: !complete, ids: map[string][]types.NamespacedName{}, keys: map[types.NamespacedName]bool{}}
	for i := range events {
		if err := l.addConcerned(ctx, &c, &events[i]); err != nil {
			return err
		}
	}
	if !complete {
		// A sweep looks at recorded codes only, and a missing event may be that a PIN is free.
		if err := l.addWaiting(ctx, &c, kube.IndexWorkspace, kube.WorkspaceValue(ws.Key())); err != nil {
			return err
		}
	}
	for _, key := range inOrder(c.keys) {
		l.Triggers.EnqueueAccessCode(key)
	}
	if c.all {
		return l.Sweep(ctx, ws, session)
	}
	return l.enqueueChanged(ctx, &c)
}

// Sweep looks at all codes of a workspace and enqueues the AccessCodes whose code looks different from last time.
func (l *Listener) Sweep(ctx context.Context, ws *v1alpha1.SeamWorkspace, session *workspace.Session) error {
	first := session.SweptAt().IsZero()
	codes, err := l.codes(ctx, ws, kube.IndexWorkspace, kube.WorkspaceValue(ws.Key()))
	if err != nil {
		return err
	}
	owners, ids := map[string]*v1alpha1.AccessCode{}, make([]string, 0, len(codes))
	for _, code := range codes {
		if kube.ReadyReason(code.Status.Conditions) == v1alpha1.ReasonExpired {
			continue
		}
		for _, id := range code.RecordedIDs() {
			owners[id] = code
			ids = append(ids, id)
		}
	}
	changed, err := session.Sweep(ctx, ids, true)
	if !first { // then all are enqueued anyway
		for _, id := range changed {
			l.Triggers.EnqueueAccessCode(client.ObjectKeyFromObject(owners[id]))
		}
	}
	if err != nil {
		return fmt.Errorf("looking at all codes: %w", err)
	}
	if !first {
		session.CatchUp()
	}
	logf.FromContext(ctx).V(1).Info("Looked at all codes", "codes", len(ids), "changed", len(changed))
	return nil
}

// concern is what events are about.
type concern struct {
	ws      *v1alpha1.SeamWorkspace
	session *workspace.Session
	// ids are codes to look at. The AccessCodes that have recorded them are enqueued where a code has changed.
	ids map[string][]types.NamespacedName
	// keys are AccessCodes to enqueue in any case.
	keys map[types.NamespacedName]bool
	// all says that the events may be about any code.
	all bool
}

func (c *concern) add(code *v1alpha1.AccessCode) {
	key := client.ObjectKeyFromObject(code)
	id := code.Status.AccessCodeID
	switch {
	case id == "":
		c.keys[key] = true
	case !slices.Contains(c.ids[id], key):
		c.ids[id] = append(c.ids[id], key)
	}
}

// addConcerned adds the AccessCodes that an event is about. Nothing else that the event says is relied upon.
func (l *Listener) addConcerned(ctx context.Context, c *concern, about *seam.Event) error {
	switch {
	case strings.HasPrefix(about.EventType, "connected_account."):
		c.all = true // which devices are of the account is not known
		return l.addUnreachable(ctx, c, kube.IndexWorkspace, kube.WorkspaceValue(c.ws.Key()))
	case strings.HasPrefix(about.EventType, "device."):
		return l.addOfDevice(ctx, c, about.DeviceID)
	case about.AccessCodeID == "":
		return nil
	}
	for _, index := range []string{kube.IndexAccessCodeID, kube.IndexBackupID} {
		codes, err := l.codes(ctx, c.ws, index, about.AccessCodeID)
		if err != nil {
			return err
		}
		for _, code := range codes {
			if index == kube.IndexAccessCodeID {
				c.add(code)
			} else {
				c.keys[client.ObjectKeyFromObject(code)] = true
			}
		}
		if len(codes) > 0 {
			return nil
		}
	}
	return l.addOfStranger(ctx, c, about)
}

// addOfDevice adds the codes of a device: they carry its errors. The schedules of some are in the lock's wall clock, whose time zone
// may be what has changed: their codes look as they did before.
func (l *Listener) addOfDevice(ctx context.Context, c *concern, deviceID string) error {
	c.session.ForgetDevice(deviceID)
	codes, err := l.codes(ctx, c.ws, kube.IndexDevice, deviceID)
	for _, code := range codes {
		c.add(code)
		if inWallClocks(code) && code.Spec.Schedule.TimeZone == "" {
			c.keys[client.ObjectKeyFromObject(code)] = true
		}
	}
	return cmp.Or(err, l.addUnreachable(ctx, c, kube.IndexDevice, deviceID))
}

// addUnreachable adds those with a call that was refused because a lock was offline. Their codes look as they did before.
func (l *Listener) addUnreachable(ctx context.Context, c *concern, index, value string) error {
	codes, err := l.codes(ctx, c.ws, index, value)
	for _, code := range codes {
		if kube.ReadyReason(code.Status.Conditions) == v1alpha1.ReasonDeviceUnreachable {
			c.keys[client.ObjectKeyFromObject(code)] = true
		}
	}
	return err
}

// addOfStranger handles an event of a code that no AccessCode has recorded: its PIN may be free now, or it may be a code to
// adopt. An AccessCode whose own code was created a moment ago needs no event.
func (l *Listener) addOfStranger(ctx context.Context, c *concern, about *seam.Event) error {
	return l.addWaiting(ctx, c, kube.IndexDevice, about.DeviceID)
}

// addWaiting adds those that wait for a code to appear, or to leave, that no AccessCode has recorded.
func (l *Listener) addWaiting(ctx context.Context, c *concern, index, value string) error {
	codes, err := l.codes(ctx, c.ws, index, value)
	for _, code := range codes {
		adopts := code.Spec.AdoptionPolicy == v1alpha1.AdoptionMatching && code.Status.AccessCodeID == ""
		if adopts || plan.WaitsForOtherCode(code) {
			c.keys[client.ObjectKeyFromObject(code)] = true
		}
	}
	return err
}

// enqueueChanged looks at the codes of the events and enqueues the AccessCodes whose code has changed.
func (l *Listener) enqueueChanged(ctx context.Context, c *concern) error {
	changed, err := c.session.Sweep(ctx, slices.Sorted(maps.Keys(c.ids)), false)
	for _, id := range changed {
		for _, key := range c.ids[id] {
			l.Triggers.EnqueueAccessCode(key)
		}
	}
	if err != nil {
		return fmt.Errorf("looking at the codes that events are about: %w", err)
	}
	return nil
}

// codes returns the AccessCodes of a workspace by an index. Hazard: they are the cache's own and must not be changed.
func (l *Listener) codes(ctx context.Context, ws *v1alpha1.SeamWorkspace, index, value string) ([]*v1alpha1.AccessCode, error) {
	if value == "" {
		return nil, nil
	}
	var list v1alpha1.AccessCodeList
	err := l.List(ctx, &list, client.InNamespace(ws.Namespace), client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking up AccessCodes by %s: %w", index, err)
	}
	codes := make([]*v1alpha1.AccessCode, 0, len(list.Items))
	for i := range list.Items {
		if list.Items[i].WorkspaceKey() == ws.Key() && l.Shard.Has(&list.Items[i]) {
			codes = append(codes, &list.Items[i])
		}
	}
	return codes, nil
}
