// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// version is an operator and the CRDs and roles that belong to it.
type version struct{ name, project, program string }

// upgrade is a control plane of its own, for the CRDs change, with one AccessCode of each kind.
type upgrade struct {
	*collection

	scrape string // token of somebody who may read the metrics
	// intended says why the status may change; empty where it must not.
	intended string
	// back says that the earlier version is in its place again.
	back bool
}

// TestUpgradeWritesNothing has an earlier version bring one AccessCode of each kind to where it is to stay, and puts this
// version in its place: nothing is created, deleted or written, neither at Seam nor in Kubernetes. Then it goes back to the
// earlier version, with the new CRDs, and the same holds. In the end the earlier version is killed while it creates codes, and
// this one finds them.
func TestUpgradeWritesNothing(t *testing.T) {
	earlier, current := versions(t)
	u := newUpgrade(t, earlier)
	first := u.run(earlier)
	u.prepare()
	u.describe()
	u.settle()
	u.looked(first)
	first.stop(t)
	settled := u.record()
	t.Logf("Settled with %s: %s", earlier.name, settled)

	u.install(current)
	second := u.run(current)
	u.looked(second)
	u.listened(3)
	u.quiet(second)
	after := u.record()
	after.mustBe(u, settled)
	t.Logf("Upgraded to %s: %s", current.name, after)
	u.editedIsUpdated()
	u.deletedIsGone(deletedName)
	u.quiet(second)
	second.stop(t)
	changed := u.record()
	changed.mustBe(u, settled, editedName, deletedName)

	u.forget(deletedName)
	u.back = true
	third := u.run(earlier)
	u.looked(third)
	back := u.record()
	back.mustBe(u, changed)
	t.Logf("Back at %s: %s", earlier.name, back)
	u.deletedIsGone(lastName)
	u.quiet(third)
	u.record().mustBe(u, changed, lastName)

	u.crash(third)
	fourth := u.run(current)
	u.resolved()
	fourth.stop(t)
	u.record().mustBe(u, changed, append(slices.Collect(maps.Keys(u.doubts())), lastName, doubtName)...)
	if denied := u.audit.denied(t, u.own()); len(denied) > 0 {
		t.Errorf("an operator was refused: %v", denied)
	}
}

// versions are those that hack/test-upgrade.sh has built.
func versions(t *testing.T) (earlier, current version) {
	t.Helper()
	earlier = version{name: os.Getenv("UPGRADE_NAME"), project: os.Getenv("UPGRADE_FROM")}
	current = version{name: "this one", project: filepath.Join("..", ".."), program: os.Getenv("UPGRADE_TO")}
	if earlier.project == "" || current.program == "" {
		t.Skip("UPGRADE_FROM and UPGRADE_TO name no versions: run this through \"make test-upgrade\"")
	}
	earlier.program = filepath.Join(earlier.project, "bin", "access-code-operator")
	return earlier, current
}

// newUpgrade starts a control plane with the CRDs and roles of a version.
func newUpgrade(t *testing.T, v version) *upgrade {
	t.Helper()
	h := newHouse(v.program, t.TempDir(), func(err error) { t.Error(err) })
	t.Cleanup(func() {
		if err := h.cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := h.start(t.Context(), v.project); err != nil {
		t.Fatal(err)
	}
	u := &upgrade{collection: &collection{tenant: h.newTenant(t, "upgrade")}, intended: os.Getenv("UPGRADE_INTENDED")}
	reader, token := h.makeAccount(t, u.makeNamespace(t, "reader"), "reader")
	h.mayRead(t, reader)
	u.scrape = token
	return u
}

// install applies CRDs and roles of a version.
func (u *upgrade) install(v version) {
	u.t.Helper()
	var err error
	if u.token, err = u.cluster.Install(u.t.Context(), v.project); err != nil {
		u.t.Fatal(err)
	}
}

// run starts the operator of a version as config/manager does, with a log of each reconcile.
func (u *upgrade) run(v version) *operator {
	u.t.Helper()
	u.program = v.program
	return u.startOperator(u.t, program{token: u.token, flags: []string{
		"--leader-elect", "--leader-elect-namespace=" + u.account.Namespace, "--zap-log-level=5",
	}})
}

// looked waits until an operator has been at each AccessCode, and has nothing more to do.
func (u *upgrade) looked(o *operator) {
	u.t.Helper()
	var missing []string
	defer func() {
		if u.t.Failed() {
			u.t.Logf("AccessCodes that were not looked at: %v", missing)
		}
	}()
	u.eventually("each AccessCode being looked at", func(context.Context) (bool, error) {
		decided, reconciled := u.visits(o)
		missing = nil
		for _, s := range u.specimens {
			if s.decided && !decided[s.code.Name] || !reconciled[s.code.Name] {
				missing = append(missing, s.code.Name)
			}
		}
		return len(missing) == 0, nil
	})
	u.quiet(o)
}

// visits are the AccessCodes of which the log of an operator says that something was decided about them, and those for
// which a reconcile has ended.
func (u *upgrade) visits(o *operator) (decided, reconciled map[string]bool) {
	u.t.Helper()
	decided, reconciled = map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(o.log(u.t)) {
		var entry struct {
			Message    string `json:"msg"`
			Controller string `json:"controller"`
			Namespace  string `json:"namespace"`
			Name       string `json:"name"`
		}
		if json.Unmarshal([]byte(line), &entry) != nil || entry.Controller != "accesscode" || entry.Namespace != u.namespace {
			continue
		}
		switch {
		case entry.Message == "Decided":
			decided[entry.Name] = true
		case entry.Message == "Reconcile successful", strings.HasPrefix(entry.Message, "Reconcile done"):
			reconciled[entry.Name] = true
		}
	}
	return decided, reconciled
}

// quiet waits until nothing waits in the queues of an operator and nobody works.
func (u *upgrade) quiet(o *operator) {
	u.t.Helper()
	s := newScraper(u.t, o)
	u.eventually("the operator having nothing to do", func(ctx context.Context) (bool, error) {
		status, text, err := s.get(ctx, u.scrape)
		return status == http.StatusOK && len(busy(text)) == 0, err
	})
}

// listened waits until Seam was asked for events a number of times more.
func (u *upgrade) listened(times int) {
	u.t.Helper()
	const events = "/events/list"
	want := u.sim.Requests().ByPath[events] + times
	u.eventually("the operator asking for events", func(context.Context) (bool, error) {
		return u.sim.Requests().ByPath[events] >= want, nil
	})
}

// editedIsUpdated shows that the operator is at work: it takes a change to the lock.
func (u *upgrade) editedIsUpdated() {
	u.t.Helper()
	const another = "640218"
	u.change(editedName, func(code *v1alpha1.AccessCode) { code.Spec.Code = another })
	u.eventually("the changed PIN being on the lock", func(context.Context) (bool, error) {
		return u.pin(editedName) == another, nil
	})
	u.becomes(editedName, v1alpha1.ReasonSet)
}

// deletedIsGone shows that the operator is at work: it takes a code off the lock.
func (u *upgrade) deletedIsGone(name string) {
	u.t.Helper()
	u.remove(name)
	if u.pin(name) != "" {
		u.t.Errorf("AccessCode %q is gone and its code is on the lock", name)
	}
}

// forget takes an AccessCode off the list.
func (u *upgrade) forget(name string) {
	for i, s := range u.specimens {
		if s.code.Name == name {
			u.specimens = append(u.specimens[:i:i], u.specimens[i+1:]...)
			return
		}
	}
}
