// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/test/testworld"
	workersrun "github.com/access-codes/access-code-operator/test/workers"
)

// How much TestRandomHistoriesWithWorkers does where no flag says otherwise.
const (
	workersChecks = 10
	workersSteps  = 50
)

// stepsOfReconcile are more than one reconcile has, with the events that it leads to.
const stepsOfReconcile = 40

// The controllers by their names. Two look at codes: were more than lookingAtOnce of their reconciles under way, they would
// wait for each other where looks are merged, and the interleaving would not be the history's alone.
const (
	codesController      = "accesscode"
	leftBehindController = "accesscode-left-behind"
	feedController       = "seamworkspace-feed"
	lookingAtOnce        = 2
)

// TestRandomHistoriesWithWorkers takes AccessCodes through histories such as those of TestRandomHistories, with all that
// a manager brings: the queues, several workers, a cache that lags, and watch events that come late, each through the
// handlers and predicates of the controllers. Nobody is woken by hand. Which worker, or which event, makes the next step
// is drawn at each call to Kubernetes or Seam.
func TestRandomHistoriesWithWorkers(t *testing.T) {
	checkHistories(t, workersChecks, workersSteps, true)
}

// workers are the controllers of a history as a manager runs them.
type workers struct {
	h       *history
	rt      *rapid.T
	run     *workersrun.Runner
	net     *http.Transport
	orderly time.Time // from then on steps are made in the order of what they follow; zero is never

	seen  map[string]int // how many reconciles of each AccessCode have begun
	polls int            // how many reconciles of the feed have begun
	gone  []leaver       // AccessCodes that are gone, and may have left something
	// stripped are AccessCodes that somebody took the finalizer or the intention off.
	stripped map[string]types.UID
	called   bool // Seam, in this step
	wrote    *written
}

// leaver is an AccessCode that is gone, released by the operator or past its finalizer.
type leaver struct {
	code     *v1alpha1.AccessCode
	released bool
}

// written is an AccessCode before and after a write of the operator.
type written struct{ before, after *v1alpha1.AccessCode }

// restart starts the controllers anew, in the midst of what they do.
func (w *workers) restart() {
	h := w.h
	h.T.Helper()
	w.stop()
	run, err := workersrun.New(h.T.Context(), workersrun.Options{
		Scheme: h.Client.Scheme(), Clock: h.Clock, API: h.Client, AddIndexes: kube.AddIndexes, Steady: steady,
		Watched: func() []client.ObjectList {
			return []client.ObjectList{&v1alpha1.AccessCodeList{}, &v1alpha1.SeamWorkspaceList{}, &corev1.SecretList{}}
		},
		Together: map[string]bool{codesController: true, leftBehindController: true}, Most: lookingAtOnce,
	})
	if err != nil {
		h.T.Fatal(err)
	}
	w.run, w.net = run, &http.Transport{}
	h.Operators = run.Client(interceptor.NewClient(h.cluster.client, interceptor.Funcs{Patch: w.patch, SubResourcePatch: w.patchStatus}))
	h.Metadata, h.APIReader = run.Cache(), run.APIReader(h.Client)
	h.HTTPClient = &http.Client{Transport: run.Transport(toSeam{w, w.net})}
	h.Workers = lookingAtOnce
	h.Restart()
	if err := run.Start(h.Workspaces.SetupWithManager, h.Feeds.SetupWithManager, h.Codes.SetupWithManager); err != nil {
		h.T.Fatal(err)
	}
}

func (w *workers) stop() {
	if w.run != nil {
		w.run.Stop()
		w.net.CloseIdleConnections()
	}
}

// steady takes out the jitter, or no history would be the same again.
func steady(controller string, failed bool, after time.Duration) time.Duration {
	within := func(base time.Duration) bool { return after > base && after <= base*12/10 }
	if within(historySync) {
		return historySync
	}
	if controller == codesController && !failed {
		return after
	}
	for base := kube.BackoffBase; base <= kube.BackoffLimit*2; base *= 2 {
		if within(min(base, kube.BackoffLimit)) {
			return min(base, kube.BackoffLimit)
		}
	}
	return after
}

// toSeam is the operator's way to Seam.
type toSeam struct {
	w    *workers
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t toSeam) RoundTrip(request *http.Request) (*http.Response, error) {
	t.w.called = true
	if task := t.w.run.Current(); task != nil {
		t.w.h.delays.act(t.w.actsFor(task))
	}
	return t.next.RoundTrip(request) //nolint:wrapcheck // as it is
}

// actsFor is the AccessCode that a reconcile is about, as the operator saw it.
func (w *workers) actsFor(task *workersrun.Task) types.UID {
	switch {
	case task.Controller == leftBehindController:
		return types.UID(task.Request.Name)
	case task.Controller == codesController && task.Seen != nil:
		return task.Seen.GetUID()
	}
	return ""
}

func (w *workers) patch(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
	return w.note(ctx, o, func() error { return c.Patch(ctx, o, p, opts...) })
}

func (w *workers) patchStatus(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
	return w.note(ctx, o, func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
}

// note keeps what an AccessCode was before a write, and is after it.
func (w *workers) note(ctx context.Context, o client.Object, do func() error) error {
	if _, ok := o.(*v1alpha1.AccessCode); !ok {
		return do()
	}
	read := func() *v1alpha1.AccessCode {
		var code v1alpha1.AccessCode
		if err := w.h.Client.Get(ctx, client.ObjectKeyFromObject(o), &code); err != nil {
			return nil // the API in memory knows one error only
		}
		return &code
	}
	before := read()
	err := do()
	w.wrote = &written{before: before, after: read()}
	if err != nil {
		delete(w.stripped, o.GetName()) // it is tried again, and until then something else may look
	}
	return err
}

// choose draws which of some steps comes next.
func (w *workers) choose(n int) int {
	if !w.orderly.IsZero() && w.h.Clock.Now().After(w.orderly) {
		return 0
	}
	return rapid.IntRange(0, n-1).Draw(w.rt, "next")
}

// step makes one step and takes stock; false where there is none to make now.
func (w *workers) step() bool {
	w.h.T.Helper()
	w.h.arrive()
	what, task, ok := w.run.Step(w.choose)
	if !ok {
		w.checkStripped()
		return false
	}
	if task == nil {
		w.h.T.Logf("%s %s", w.h.Clock.Now().Format(time.TimeOnly), what)
	}
	if what == "begins" {
		w.h.totals.reconciles++
		switch task.Controller {
		case codesController:
			w.seen[task.Request.Name]++
		case feedController:
			w.polls++
		}
	}
	w.takeStock(what, task)
	return true
}

// takeStock books what a step has made and recorded, and checks what holds at any time.
func (w *workers) takeStock(what string, task *workersrun.Task) {
	h := w.h
	h.T.Helper()
	called, wrote := w.called, w.wrote
	w.called, w.wrote = false, nil
	if task != nil {
		h.T.Logf("%s %s %s %s (Seam %t, wrote %t)", h.Clock.Now().Format(time.TimeOnly), task.Controller, task.Request.Name, what, called, wrote != nil)
	}
	if called {
		codes := h.atSeam()
		if uid := w.actsFor(task); uid != "" {
			h.bookMade(uid, codes)
		}
		h.checkOneLive(codes)
	}
	if wrote != nil {
		w.takeStockOf(task, wrote)
	}
	w.checkGone()
}

// takeStockOf is takeStock for a write to an AccessCode.
func (w *workers) takeStockOf(task *workersrun.Task, wrote *written) {
	h := w.h
	h.T.Helper()
	codes := h.atSeam()
	before, after := wrote.before, wrote.after
	if seen, ok := task.Seen.(*v1alpha1.AccessCode); ok && task.Controller == codesController {
		for _, code := range codes {
			if h.accounts.of(code.AccessCodeID) == seen.UID {
				h.untellable(seen, code)
			}
		}
	}
	if after != nil {
		h.T.Logf("%s is %s, id %.8s", after.Name, kube.ReadyReason(after.Status.Conditions), after.Status.AccessCodeID)
		h.bookRecorded(after, codes)
		if len(after.Status.Conditions) > 0 {
			testworld.CheckConditions(h.T, after.Generation, after.Status.ObservedGeneration, after.Status.Conditions)
		}
	}
	if before != nil && after == nil {
		w.gone = append(w.gone, leaver{code: before, released: true})
	}
	h.checkSecrecy(task.Request.Name, after, codes)
	h.checkOneLive(codes)
}

// checkGone checks what those have left that are gone, once the operator knows that they are. What one has that was
// restored may be left to the one that it was before.
func (w *workers) checkGone() {
	w.gone = slices.DeleteFunc(w.gone, func(l leaver) bool {
		left := slices.ContainsFunc(w.h.leftBehind(), func(c *v1alpha1.AccessCode) bool { return c.Name == l.code.Name })
		if left || !l.released && (w.run.Busy() || !w.run.Heard(l.code)) {
			return false
		}
		w.h.checkLeft(l.code)
		return true
	})
}

// checkStripped checks, once nothing is left to do at this time, that what was taken off is put back. Later, something else may
// have the operator look, such as the end of a window, and hide that the change itself did not.
func (w *workers) checkStripped() {
	w.h.T.Helper()
	for _, name := range w.h.existing() {
		code := w.h.object(name)
		if code.UID == w.stripped[name] && code.DeletionTimestamp.IsZero() && w.h.stripped(code) {
			w.h.dump()
			w.h.T.Fatalf("the finalizer or the intention of %s was taken off, and is not put back at once", name)
		}
	}
	clear(w.stripped)
}

// some makes so many steps, or fewer where there is nothing more to do.
func (w *workers) some(n int) {
	w.h.T.Helper()
	for range n {
		if !w.step() {
			return
		}
	}
}

// enough are more steps than there are to make at one time.
func (w *workers) enough() int { return 20 * stepsOfReconcile }

// lookAt makes steps until an AccessCode was reconciled once more, or nothing is left to do.
func (w *workers) lookAt(name string) {
	w.h.T.Helper()
	before := w.seen[name]
	for range w.enough() {
		if w.seen[name] > before && !w.run.Busy() || !w.step() {
			return
		}
	}
}

// nextUntil makes the next step there is before end, false when there is none.
func (w *workers) nextUntil(end time.Time) bool {
	w.h.T.Helper()
	if w.step() {
		return true
	}
	next := w.run.Next()
	if next.IsZero() || next.After(end) {
		return false
	}
	if next.After(w.h.Clock.Now()) {
		w.h.Clock.SetTime(next)
	}
	return true
}

// catchUp has the operator hear of all that has changed.
func (w *workers) catchUp() { w.run.CatchUp() }

// listen has all be done that is due until the feed was reconciled once more.
func (w *workers) listen() {
	w.h.T.Helper()
	before, end := w.polls, w.h.Clock.Now().Add(historyPoll+time.Minute)
	for more := true; more && w.polls == before; {
		more = w.nextUntil(end)
	}
	w.some(w.enough())
}

// listenFor has the feed be reconciled as often as it takes to hear of what has happened until now, and says whether an
// AccessCode was woken by that.
func (w *workers) listenFor(name string) bool {
	w.h.T.Helper()
	before := w.seen[name]
	end := w.h.Clock.Now().Add(historyPoll + time.Minute)
	for w.nextUntil(end) {
		if w.seen[name] > before {
			return true
		}
	}
	return false
}

// finish has the operator end what it has begun, where it has several workers: what cannot be told apart in the midst of
// it is left to the histories with one.
func (h *history) finish() {
	h.T.Helper()
	if h.workers == nil {
		return
	}
	h.workers.run.Finish(h.workers.choose, func(task *workersrun.Task) { h.workers.takeStock("goes on", task) })
	h.workers.catchUp()
}
