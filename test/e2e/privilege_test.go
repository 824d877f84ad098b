// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"errors"
	"testing"
)

// aged makes the operator send plain lists, as an API server before Kubernetes 1.32 needs them, and not lists as the beginning
// of a watch.
const aged = "KUBE_FEATURE_WatchListClient=false"

// newLife is a life under an operator, whose metrics are read by an account made for that.
func (k *tenant) newLife(t *testing.T, o *operator, who account, home string) *life {
	t.Helper()
	reader, token := k.makeAccount(t, k.namespace, "reader")
	k.mayRead(t, reader)
	return &life{tenant: k, who: who, home: home, scraper: newScraper(t, o), scrape: token, lastPIN: "482913"}
}

// TestEachPermissionIsNeeded removes one permission at a time: something must then be refused, or the permission is not needed.
func TestEachPermissionIsNeeded(t *testing.T) {
	t.Parallel()
	h := theHouse(t)
	all := readRoles(t)
	var each []permission
	each = append(append(append(each, all.manager...), all.election...), all.metrics...)
	for _, p := range each {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			denials, err := h.liveWith(t, all.without(p))
			want := noticedAs(p)
			switch {
			case err == nil && len(denials) == 0:
				t.Errorf("nothing is missed without it: it is one too many")
			case !errors.Is(err, errRefused) || denials[0].permission != want:
				t.Errorf("want to see %q refused; got error %v, refused: %v", want, err, denials)
			default:
				t.Logf("Without it: %v: %s", err, denials[0].message)
			}
		})
	}
}

// noticedAs is the permission that the API server names when one is missing. That is not always the one that was removed.
func noticedAs(p permission) permission {
	if p.resource == "accesscodes/finalizers" {
		return permission{resource: "secrets", verb: "create"} // one with an owner whose deletion it may block
	}
	return p
}

// liveWith goes through a life with an operator that has these roles, and returns what the API server has refused and
// how that ended.
func (h *house) liveWith(t *testing.T, granted roles) ([]denial, error) {
	t.Helper()
	k := h.newTenant(t, "privilege")
	who, token := h.makeAccount(t, k.namespace, "operator")
	h.grantEverywhere(t, who, "manager", granted.manager)
	h.grantEverywhere(t, who, "metrics", granted.metrics)
	h.grantIn(t, who, k.namespace, "election", granted.election)
	for _, p := range [][]permission{granted.manager, granted.metrics, granted.election} {
		k.mayIn(who, k.namespace, p[len(p)-1])
	}
	o := h.startOperator(t, program{token: token, env: []string{aged}, unready: true, flags: []string{
		"--watch-namespaces=" + k.namespace, "--leader-elect", "--leader-elect-namespace=" + k.namespace,
	}})
	l := k.newLife(t, o, who, k.namespace)
	err := l.live()
	if err == nil {
		o.stop(t)
		l.eventually("the lease lapsing", l.lapsed)
	}
	return h.audit.denied(t, who), err
}
