// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"math/rand/v2"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const shardLabel = "access-codes.io/shard"

func shardOf(t *testing.T, selector string) Shard {
	t.Helper()
	parsed, err := labels.Parse(selector)
	if err != nil {
		t.Fatal(err)
	}
	return Shard{Selector: parsed}
}

// serving returns an operator of its own between the same API server and the same Seam, for a shard.
func (w *world) serving(shard Shard) *world {
	other := *w
	other.restart()
	other.codes.Shard, other.workspaces.Shard, other.feeds.Shard = shard, shard, shard
	return &other
}

// TestShards: two operators share the AccessCodes, which change from one to the other again and again, and no code is
// there twice or not at all.
func TestShards(t *testing.T) {
	const guests, rounds = 30, 1500
	w := newWorld(t, func(o *sim.Options) { o.RateLimits = false })
	w.connected()
	shards := []*world{w.serving(shardOf(t, "!"+shardLabel)), w.serving(shardOf(t, shardLabel+"=east"))}
	name := func(i int) string { return fmt.Sprint("guest-", i) }
	each := func(do func(name string)) {
		for i := range guests {
			do(name(i))
			for _, shard := range shards {
				shard.settle(name(i))
			}
		}
	}
	for i := range guests {
		w.code(name(i), func(c *v1alpha1.AccessCode) {
			c.Spec.Code = fmt.Sprint(700000 + i)
			c.Spec.DeviceID = []string{sim.SeedNativeLockID, sim.SeedJustInTimeLockID}[i%2]
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		guest := name(random.IntN(guests))
		if random.IntN(4) == 0 {
			w.edit(guest, changeShard)
		}
		if _, err := shards[random.IntN(2)].reconcile(guest); err != nil {
			t.Fatal(err)
		}
		w.step(soon / 10)
	}
	each(func(string) {})
	each(func(name string) { w.expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet) })
	if n := w.calls("/access_codes/create"); n != guests {
		t.Errorf("%d creates for %d AccessCodes", n, guests)
	}
	if n := w.atBothLocks(); n != guests {
		t.Errorf("%d codes at Seam for %d AccessCodes", n, guests)
	}
	each(func(name string) { w.delete(&v1alpha1.AccessCode{}, name) })
	if n := w.atBothLocks(); n != 0 {
		t.Errorf("%d codes are left at Seam", n)
	}
}

func changeShard(c *v1alpha1.AccessCode) {
	if c.Labels[shardLabel] != "" {
		c.Labels = nil
		return
	}
	c.Labels = map[string]string{shardLabel: "east"}
}

func (w *world) atBothLocks() int {
	return len(w.sim.Codes(sim.SeedNativeLockID)) + len(w.sim.Codes(sim.SeedJustInTimeLockID))
}

// TestShardLeavesOthersAlone: nothing of another shard is read at Seam or written, by any controller.
func TestShardLeavesOthersAlone(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(2)
	other := w.serving(shardOf(t, shardLabel+"=east"))
	clear(w.writes)
	other.settle("guest-0")
	w.edit("guest-1", func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
	other.settle("guest-1")
	w.step(v1alpha1.DefaultSyncInterval)
	other.hears()
	if n := w.kubernetesWrites(); n != 0 {
		t.Errorf("writes %v", w.writes)
	}
	for path, n := range w.sim.Requests().ByPath {
		if path != "/workspaces/get" && path != "/events/list" {
			t.Errorf("%d calls of %s", n, path)
		}
	}
}

// TestShardIsToldOfMoves: an object that comes, or leaves, is an event like a change of its spec.
func TestShardIsToldOfMoves(t *testing.T) {
	t.Parallel()
	shard := shardOf(t, shardLabel+"=east")
	here, there := &v1alpha1.AccessCode{}, &v1alpha1.AccessCode{}
	here.Labels = map[string]string{shardLabel: "east"}
	r := NewAccessCodeReconciler(AccessCodeOptions{Shard: shard})
	for _, test := range []struct {
		name     string
		old, now client.Object
		ours     bool
		changed  bool
	}{
		{"comes", there, here, true, true},
		{"leaves", here, there, true, true},
		{"stays", here, here, true, false},
		{"is another's", there, there, false, false},
	} {
		e := event.UpdateEvent{ObjectOld: test.old, ObjectNew: test.now}
		if ours, changed := shard.predicate().Update(e), r.accessCodeChanged().Update(e); ours != test.ours || changed != test.changed {
			t.Errorf("%s: ours is %v, changed %v", test.name, ours, changed)
		}
	}
	if shard.predicate().Create(event.CreateEvent{Object: there}) || !shard.predicate().Delete(event.DeleteEvent{Object: here}) {
		t.Error("creation and deletion go by the object's labels")
	}
}
