// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/contract"
)

// document opens the official document, as it is put right less the deviations named.
func document(t *testing.T, without ...string) *contract.Document {
	t.Helper()
	return opened(t, contract.EnvDocument, contract.Open, without)
}

// types opens the types of the official client, likewise.
func types(t *testing.T, without ...string) *contract.Document {
	t.Helper()
	return opened(t, contract.EnvTypes, contract.OpenTypes, without)
}

func opened(t *testing.T, env string, open func(string, ...string) (*contract.Document, error), without []string) *contract.Document {
	t.Helper()
	file := os.Getenv(env)
	if file == "" {
		t.Skip("needs what Seam publishes: make test-contract")
	}
	d, err := open(file, without...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// driven is every exchange of all drives.
func driven(t *testing.T) []contract.Exchange {
	t.Helper()
	var seen []contract.Exchange
	observe := contract.Observed(func(x contract.Exchange) { seen = append(seen, x) })
	// In tests of their own, at whose ends the servers have answered all.
	for _, d := range drives() {
		t.Run(d.method, func(t *testing.T) { d.run(newWorld(t, observe)) })
	}
	t.Run("queries", func(t *testing.T) { queryLikeOfficialClients(newWorld(t, observe)) })
	return seen
}

// TestDeviationsAreExplained lists them; make test-contract shows the list.
func TestDeviationsAreExplained(t *testing.T) {
	explain := func(who string, deviations []contract.Deviation) {
		for _, d := range deviations {
			if d.Name == "" || d.Document == "" || d.Service == "" || d.Reason == "" {
				t.Errorf("deviation %+v is not explained", d)
			}
			t.Logf("Deviation %q: %s %s; the service %s: %s.", d.Name, who, d.Document, d.Service, d.Reason)
		}
	}
	explain("the document", contract.Deviations())
	explain("the types of the client", contract.TypeDeviations())
}

// TestOfficialDocument checks the document, the deviations and the drives against each other.
func TestOfficialDocument(t *testing.T) {
	d := document(t)
	seen := driven(t)
	t.Run("deviations are needed", func(t *testing.T) {
		checkDeviations(t, contract.Deviations(), document, seen)
		checkDeviations(t, contract.TypeDeviations(), types, seen)
	})
	t.Run("every path and field", func(t *testing.T) { checkFields(t, d.Declared(), seen) })
}

// checkDeviations takes each deviation away in turn: something must then be wrong.
func checkDeviations(t *testing.T, deviations []contract.Deviation, open func(*testing.T, ...string) *contract.Document, seen []contract.Exchange) {
	t.Helper()
	for _, deviation := range deviations {
		d := open(t, deviation.Name)
		if !slices.ContainsFunc(seen, func(x contract.Exchange) bool { return len(d.Check(x)) > 0 }) {
			t.Errorf("nothing needs the deviation %q: take it out", deviation.Name)
		}
	}
}

// unspoken are paths of access codes that the client does not have.
func unspoken() []string {
	return []string{"/access_codes/get_timeline"} // the document calls it unreleased
}

// unsent are the declared fields that no drive sends, by path.
func unsent() map[string][]string {
	return map[string][]string{
		"/devices/get": {"name"}, // not unique: the client looks devices up by their id only
	}
}

// checkFields checks that the drives, and so the client, send all that the document declares for the paths that the client
// calls.
func checkFields(t *testing.T, declared map[string][]string, seen []contract.Exchange) {
	t.Helper()
	sent := map[string][]string{}
	for _, x := range seen {
		sent[x.Path()] = append(sent[x.Path()], x.Fields()...)
	}
	missing := map[string][]string{}
	for path, fields := range declared {
		switch _, spoken := sent[path]; {
		case spoken:
			for _, field := range fields {
				if !slices.Contains(sent[path], field) {
					missing[path] = append(missing[path], field)
				}
			}
		case strings.HasPrefix(path, "/access_codes/") && !slices.Contains(unspoken(), path):
			t.Errorf("the client does not speak %s", path)
		}
	}
	if diff := cmp.Diff(unsent(), missing); diff != "" {
		t.Errorf("fields that no drive sends (-want +got)\n%s", diff)
	}
}
