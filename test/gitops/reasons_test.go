// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/gitops"
)

// A reason that is new in the contract needs a case: an object with it, and what those who wait make of it.
func TestEveryReasonHasACase(t *testing.T) {
	t.Parallel()
	cased := map[string]bool{}
	for _, c := range reported() {
		cased[c.Reason] = true
	}
	for name, reason := range reasons(t) {
		if !cased[reason] {
			t.Errorf("%s: no case has the reason %q: add an object to testdata, a line to health_test.yaml and one to gitops.Cases()", name, reason)
		}
	}
}

// Which kind has which reason, and what it means, is what docs/conditions.md says.
func TestCasesAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	var cased []string
	for _, c := range reported() {
		cased = append(cased, c.Kind+" "+verdicts(t)[c.Reason]+" "+c.Reason)
	}
	slices.Sort(cased)
	cased = slices.Compact(cased) // a reason may have more cases than one
	if diff := cmp.Diff(documented(t), cased); diff != "" {
		t.Errorf("reasons in docs/conditions.md and cases differ (-documented +cases):\n%s", diff)
	}
}

// reported are the cases with a reason that speaks of the object as it is, and that is there to stay.
func reported() []gitops.Case {
	return slices.DeleteFunc(gitops.Cases(), func(c gitops.Case) bool {
		return c.Reason == "" || c.Passed || strings.HasPrefix(c.File, "terminating")
	})
}

// reasons are the constants of the contract whose names begin with Reason, and their values.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "api", "v1alpha1", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(parse(t, file), func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				maps.Copy(found, reasonsOf(t, spec))
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("no constant of %q is a reason", files)
	}
	return found
}

func reasonsOf(t *testing.T, spec *ast.ValueSpec) map[string]string {
	t.Helper()
	found := map[string]string{}
	for i, name := range spec.Names {
		if !strings.HasPrefix(name.Name, "Reason") {
			continue
		}
		if i >= len(spec.Values) {
			t.Fatalf("%s has no value of its own", name.Name)
		}
		literal, ok := spec.Values[i].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s is no string: teach this test to read it", name.Name)
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatalf("%s: %v", name.Name, err)
		}
		found[name.Name] = value
	}
	return found
}

// verdicts says for each reason whether the operator reports it with ready, reconciling or stalled, as the function
// VerdictOf sorts them.
func verdicts(t *testing.T) map[string]string {
	t.Helper()
	sorted := map[string]string{}
	values := reasons(t)
	for _, value := range values {
		sorted[value] = "reconciling"
	}
	before := maps.Clone(sorted)
	ast.Inspect(parse(t, filepath.Join(root, "internal", "kube", "conditions.go")), func(n ast.Node) bool {
		if declared, ok := n.(*ast.FuncDecl); ok && declared.Name.Name != "VerdictOf" {
			return false
		}
		if clause, ok := n.(*ast.CaseClause); ok {
			for _, name := range namesIn(clause.List) {
				sorted[values[name]] = strings.ToLower(strings.Join(namesIn(clause.Body), " "))
			}
		}
		return true
	})
	if maps.Equal(before, sorted) {
		t.Fatal("internal/kube/conditions.go has no VerdictOf that sorts the reasons: teach this test to read it")
	}
	return sorted
}

// namesIn are the last parts of all names in some nodes, such as ReasonSet of v1alpha1.ReasonSet.
func namesIn[N ast.Node](nodes []N) []string {
	var found []string
	for _, node := range nodes {
		ast.Inspect(node, func(n ast.Node) bool {
			switch named := n.(type) {
			case *ast.SelectorExpr:
				found = append(found, named.Sel.Name)
				return false
			case *ast.Ident:
				found = append(found, named.Name)
			}
			return true
		})
	}
	return found
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// documented are the rows of the tables in docs/conditions.md, one entry a reason: kind, verdict, reason.
func documented(t *testing.T) []string {
	t.Helper()
	words := map[string]string{"True": "ready", "False": "idle", "False, Reconciling": "reconciling", "False, Stalled": "stalled"}
	quoted := regexp.MustCompile("`([A-Za-z]+)`")
	var kind string
	var rows []string
	for line := range strings.Lines(readFile(t, filepath.Join(root, "docs", "conditions.md"))) {
		if title, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			kind = title
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 || words[strings.TrimSpace(cells[1])] == "" {
			continue
		}
		for _, reason := range quoted.FindAllStringSubmatch(cells[2], -1) {
			rows = append(rows, kind+" "+words[strings.TrimSpace(cells[1])]+" "+reason[1])
		}
	}
	slices.Sort(rows)
	return rows
}
