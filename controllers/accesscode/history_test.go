// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// How much TestRandomHistories does where no flag says otherwise: as much as a run of all tests has time for.
const (
	historyChecks = 15
	historySteps  = 100
	// historySeed makes a test of one state of the code end the same way each time. Another one explores: "make soak" takes a new
	// one for each round.
	historySeed = 1
)

// history drives a few AccessCodes through random events, one at a time, and keeps account of what is whose at Seam.
type history struct {
	*world

	cluster  *unsteady
	accounts *accounts
	totals   *totals
	workers  *workers // nil where the operator is woken by hand, and reconciles one at a time

	// due is when each AccessCode asked to be looked at, and workspaceDue when the SeamWorkspace did; zero is never.
	due           map[string]time.Time
	workspaceDue  time.Time
	feedDue       time.Time
	leftBehindDue time.Time      // when codes that are left behind are to be looked at
	failures      map[string]int // in a row, of each AccessCode

	told   map[types.UID]string // chosen PINs that people have been told, and that are to stay
	edited map[types.UID]bool   // AccessCodes any field of which was edited
	lost   map[types.UID]bool   // AccessCodes that came back without their status, which have not found their code since

	delays delays

	statusOmitted bool // by Seam, now

	keys    int // API keys made so far
	key     string
	revoked bool
	pulls   int
	names   int
}

// totals are what all histories of a run add up to.
type totals struct {
	histories, steps, reconciles, calls, faults int
}

func historyNames() []string { return []string{"a", "b", "c", "d"} }

func historyDevices() []string {
	return []string{sim.SeedNativeLockID, sim.SeedProviderPINLockID, sim.SeedOfflineCodeLockID}
}

// TestRandomHistories takes AccessCodes through random edits, deletions, faults on both sides, restarts and events at
// the lock. At no time does one have two codes; after a quiet time each is as wanted, or says why it can't be, and
// nothing is left of those that are gone. "make soak" runs it for as long as you like.
func TestRandomHistories(t *testing.T) {
	checkHistories(t, historyChecks, historySteps, false)
}

func checkHistories(t *testing.T, checks, steps int, withWorkers bool) {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	unlessSet(t, "rapid.checks", checks)
	unlessSet(t, "rapid.steps", steps)
	unlessSet(t, "rapid.seed", historySeed)
	var sum totals
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(rt, &sum, withWorkers)
		actions := h.actions()
		for name, act := range actions {
			actions[name] = func(rt *rapid.T) {
				act(rt)
				sum.steps++
				h.collectGarbage()
				h.work(rt)
			}
		}
		rt.Repeat(actions)
		h.quiet()
		h.checkRest()
		if rapid.IntRange(0, 3).Draw(rt, "a page is lost") == 0 {
			h.loseAPage(rt)
			h.quiet()
			h.checkRest()
		}
		sum.histories++
		sum.calls += h.Sim.Requests().Total
		sum.faults += h.cluster.faults
	})
	t.Logf("histories %d, steps %d, reconciles %d, calls to Seam %d, faults %d", sum.histories, sum.steps, sum.reconciles, sum.calls, sum.faults)
}

// unlessSet gives a flag of rapid's another default for the length of a test.
func unlessSet(t *testing.T, name string, value int) {
	t.Helper()
	// Not by flag.Visit, for which those count as set that an earlier test has set.
	if slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(strings.TrimLeft(arg, "-"), name) }) {
		return
	}
	before := flag.Lookup(name).Value.String()
	if err := flag.Set(name, fmt.Sprint(value)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, before) })
}

func newHistory(rt *rapid.T, sum *totals, withWorkers bool) *history {
	rt.Helper()
	// Ids that are the same each time: rapid takes a failure for the same only if it reads the same.
	uuid.SetRand(&lockedSource{random: rand.NewChaCha8([32]byte{})})
	rt.Cleanup(func() { uuid.SetRand(nil) })
	h := &history{
		world: newWorld(rt), totals: sum, due: map[string]time.Time{}, failures: map[string]int{}, lost: map[types.UID]bool{}, edited: map[types.UID]bool{}, told: map[types.UID]string{}, key: sim.SeedAPIKey,
	}
	h.cluster = newUnsteady(h.world)
	h.accounts = newAccounts()
	h.Operators = h.cluster.client
	h.Seam = h.withDelays(h.Seam)
	h.omitStatus(rt)
	h.Restart()
	if withWorkers {
		h.workers = &workers{h: h, rt: rt, seen: map[string]int{}, stripped: map[string]types.UID{}}
		rt.Cleanup(h.workers.stop)
	}
	for _, id := range historyDevices() {
		// Long PINs, so that none is found by chance in a time or an id.
		err := h.Sim.UpdateDevice(id, func(d *sim.Device) { d.SupportedCodeLengths = []int{8, 10} })
		if err != nil {
			rt.Fatal(err)
		}
	}
	h.SetSecret("pin-0", "pin", historyPIN(0))
	h.SetSecret("pin-1", "pin", historyPIN(1))
	h.Connected()
	if withWorkers {
		h.workers.restart()
	}
	h.editWorkspace(func(ws *v1alpha1.SeamWorkspace) {
		ws.Spec.SyncInterval = &metav1.Duration{Duration: historySync}
		ws.Spec.Events = &v1alpha1.Events{PollInterval: &metav1.Duration{Duration: historyPoll}}
	})
	h.lookAtWorkspace()
	return h
}

// lockedSource is a source of random bytes for several goroutines.
type lockedSource struct {
	mu     sync.Mutex
	random io.Reader
}

func (s *lockedSource) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Read(p)
}

// historyPIN is one of the few PINs that users and others have in mind.
func historyPIN(i int) string { return fmt.Sprintf("9000000%d", i) }

const historyPINs = 6

// work has the operator look at some AccessCodes, also at some that nothing has happened to, and at its workspace.
func (h *history) work(rt *rapid.T) {
	h.T.Helper()
	if h.workers != nil {
		h.workers.some(rapid.IntRange(0, 40).Draw(rt, "steps"))
		return
	}
	for _, name := range rapid.SliceOfN(rapid.SampledFrom(append(historyNames(), "workspace", "feed", "left")), 0, 3).Draw(rt, "work") {
		switch name {
		case "workspace":
			h.lookAtWorkspace()
		case "feed":
			h.listenToSeam()
		case "left":
			h.deleteLeftBehind()
		default:
			h.lookAt(name)
		}
	}
	h.cluster.catchUp()
}

// lookAtWorkspace reconciles the SeamWorkspace once and notes what that wakes.
func (h *history) lookAtWorkspace() {
	h.T.Helper()
	if h.workers != nil {
		h.workers.some(h.workers.enough())
		return
	}
	before := h.workspace()
	key := types.NamespacedName{Namespace: testworld.Namespace, Name: v1alpha1.DefaultWorkspaceName}
	result, err := h.Workspaces.Reconcile(h.Ctx, ctrl.Request{NamespacedName: key})
	h.totals.reconciles++
	after := h.workspace()
	if len(after.Status.Conditions) > 0 {
		testworld.CheckConditions(h.T, after.Generation, after.Status.ObservedGeneration, after.Status.Conditions)
	}
	h.workspaceDue = h.next("workspace", result, err)
	if testworld.Drain(h.Codes.Triggers.Feeds) {
		h.listenToSeam()
	}
	if testworld.Drain(h.Codes.Triggers.AccessCodesOf) || before.InUse() != after.InUse() || kube.ReadyReason(before.Status.Conditions) != kube.ReadyReason(after.Status.Conditions) {
		h.wakeAll()
	}
}

// listenToSeam reconciles the feed of the SeamWorkspace once and notes what that wakes.
func (h *history) listenToSeam() {
	h.T.Helper()
	if h.workers != nil {
		h.workers.listen()
		return
	}
	woken, result := h.Listen(v1alpha1.DefaultWorkspaceName)
	h.totals.reconciles++
	h.feedDue = time.Time{}
	if result.RequeueAfter > 0 {
		h.feedDue = h.Clock.Now().Add(result.RequeueAfter)
	}
	for _, name := range woken {
		h.wake(name)
	}
	if testworld.Drain(h.Codes.Triggers.AccessCodesOf) {
		h.wakeAll()
	}
	if testworld.Drain(h.Codes.Triggers.Workspaces) {
		h.workspaceDue = h.Clock.Now()
	}
}

func (h *history) workspace() *v1alpha1.SeamWorkspace {
	h.T.Helper()
	var ws v1alpha1.SeamWorkspace
	if !h.Exists(&ws, v1alpha1.DefaultWorkspaceName) {
		h.T.Fatal("no SeamWorkspace")
	}
	return &ws
}

// lookAt reconciles an AccessCode once, notes what it asks for and what it wakes, and takes stock of what is at Seam.
func (h *history) lookAt(name string) {
	h.T.Helper()
	if h.workers != nil {
		h.workers.lookAt(name)
		return
	}
	before := h.object(name)
	actsFor := before
	if old := h.cluster.behind[name]; old != nil {
		actsFor = old
	}
	h.arrive()
	if actsFor != nil {
		h.delays.act(actsFor.UID)
	}
	result, err := h.Codes.Reconcile(h.Ctx, testworld.RequestFor(name))
	h.totals.reconciles++
	after := h.object(name)
	h.due[name] = h.next(name, result, err)
	if testworld.Drain(h.Codes.Triggers.Workspaces) || needs(before) != needs(after) {
		h.workspaceDue = h.Clock.Now()
	}
	for _, key := range h.Codes.Triggers.AccessCodes.Take() {
		h.wake(key.Name)
	}
	h.tell(name, after, result, err)
	if apierrors.IsConflict(err) {
		h.T.Fatalf("reconciling %s: a conflict is to be a silent requeue", name)
	}
	h.takeStock(name, before, after, actsFor)
}

// tell logs how a reconcile ended.
func (h *history) tell(name string, after *v1alpha1.AccessCode, result ctrl.Result, err error) {
	h.T.Helper()
	if after == nil {
		h.T.Logf("%s reconcile %s: gone (%v)", h.Clock.Now().Format(time.TimeOnly), name, err)
		return
	}
	h.T.Logf("%s reconcile %s: %s, id %.8s, again after %v (%v)",
		h.Clock.Now().Format(time.TimeOnly), name, kube.ReadyReason(after.Status.Conditions), after.Status.AccessCodeID, result.RequeueAfter, err)
}

// needs tells what about an AccessCode matters to its SeamWorkspace.
func needs(code *v1alpha1.AccessCode) string {
	if code == nil {
		return ""
	}
	return fmt.Sprint(code.DeletionTimestamp.IsZero(), code.Finalizers)
}

// object returns an AccessCode, nil when there is none.
func (h *history) object(name string) *v1alpha1.AccessCode {
	h.T.Helper()
	var code v1alpha1.AccessCode
	if !h.Exists(&code, name) {
		return nil
	}
	return &code
}

// next is when the queue looks again: as asked, or after a failure later each time.
func (h *history) next(name string, result ctrl.Result, err error) time.Time {
	after := result.RequeueAfter
	if err != nil {
		after = min(kube.BackoffBase<<min(h.failures[name], 12), kube.BackoffLimit)
		h.failures[name]++
	} else {
		h.failures[name] = 0
	}
	if after == 0 {
		return time.Time{}
	}
	if after > historySync && after < historySync*12/10 {
		after = historySync // without the jitter, or no history would be the same again
	}
	return h.Clock.Now().Add(after)
}

// historySync and historyPoll are how often the operator looks for drift, and asks for events, in histories.
const (
	historySync = 30 * time.Minute
	historyPoll = 4 * time.Minute
)

// wake has the operator look at an AccessCode now, as a watch does.
func (h *history) wake(name string) { h.due[name] = h.Clock.Now() }

func (h *history) wakeAll() {
	for _, name := range historyNames() {
		h.wake(name)
	}
}

// collectGarbage does what the garbage collector does with Secrets whose owner is gone, and a person with those that came
// back and have none.
func (h *history) collectGarbage() {
	h.T.Helper()
	for _, name := range historyNames() {
		var secret corev1.Secret
		if !h.Exists(&secret, name) {
			continue
		}
		code, owner := h.object(name), metav1.GetControllerOf(&secret)
		if code == nil || owner != nil && owner.UID != code.UID {
			h.Delete(&secret, name)
		}
	}
	h.collectNamed()
}

// existing are the AccessCodes that there are.
func (h *history) existing() []string {
	h.T.Helper()
	return slices.DeleteFunc(historyNames(), func(name string) bool { return h.object(name) == nil })
}
