// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const shardLabel = "access-codes.io/shard"

func shardOf(t *testing.T, selector string) kube.Shard {
	t.Helper()
	parsed, err := labels.Parse(selector)
	if err != nil {
		t.Fatal(err)
	}
	return kube.Shard{Selector: parsed}
}

// serving returns an operator of its own between the same API server and the same Seam, for a shard.
func (w *world) serving(shard kube.Shard) *world {
	other := *w.World
	other.Restart()
	other.Codes.Shard, other.Workspaces.Shard, other.Listener.Shard = shard, shard, shard
	return &world{&other}
}

// TestShards: two operators share the AccessCodes, which change from one to the other again and again, and no code is
// there twice or not at all.
func TestShards(t *testing.T) {
	const guests, rounds = 30, 1500
	w := newWorld(t, func(o *sim.Options) { o.RateLimits = false })
	w.Connected()
	shards := []*world{w.serving(shardOf(t, "!"+shardLabel)), w.serving(shardOf(t, shardLabel+"=east"))}
	name := func(i int) string { return fmt.Sprint("guest-", i) }
	each := func(do func(name string)) {
		for i := range guests {
			do(name(i))
			for _, shard := range shards {
				shard.Settle(name(i))
			}
		}
	}
	for i := range guests {
		w.Code(name(i), func(c *v1alpha1.AccessCode) {
			c.Spec.Code = fmt.Sprint(700000 + i)
			c.Spec.DeviceID = []string{sim.SeedNativeLockID, sim.SeedJustInTimeLockID}[i%2]
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		guest := name(random.IntN(guests))
		if random.IntN(4) == 0 {
			w.Edit(guest, changeShard)
		}
		if _, err := shards[random.IntN(2)].Reconcile(guest); err != nil {
			t.Fatal(err)
		}
		w.Step(kube.Soon / 10)
	}
	each(func(string) {})
	each(func(name string) { w.Expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet) })
	if n := w.Calls("/access_codes/create"); n != guests {
		t.Errorf("%d creates for %d AccessCodes", n, guests)
	}
	if n := w.atBothLocks(); n != guests {
		t.Errorf("%d codes at Seam for %d AccessCodes", n, guests)
	}
	each(func(name string) { w.Delete(&v1alpha1.AccessCode{}, name) })
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
	return len(w.Sim.Codes(sim.SeedNativeLockID)) + len(w.Sim.Codes(sim.SeedJustInTimeLockID))
}

// TestShardLeavesOthersAlone: nothing of another shard is read at Seam or written, by any controller.
func TestShardLeavesOthersAlone(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(2)
	other := w.serving(shardOf(t, shardLabel+"=east"))
	clear(w.Writes)
	other.Settle("guest-0")
	w.Edit("guest-1", func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
	other.Settle("guest-1")
	w.Step(v1alpha1.DefaultSyncInterval)
	other.Hears()
	if n := w.KubernetesWrites(); n != 0 {
		t.Errorf("writes %v", w.Writes)
	}
	for path, n := range w.Sim.Requests().ByPath {
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
	r := accesscode.NewReconciler(accesscode.Options{Shard: shard})
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
		if ours, changed := shard.Predicate().Update(e), r.AccessCodeChanged().Update(e); ours != test.ours || changed != test.changed {
			t.Errorf("%s: ours is %v, changed %v", test.name, ours, changed)
		}
	}
	if shard.Predicate().Create(event.CreateEvent{Object: there}) || !shard.Predicate().Delete(event.DeleteEvent{Object: here}) {
		t.Error("creation and deletion go by the object's labels")
	}
}
