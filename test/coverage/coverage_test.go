// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package coverage compares docs/seam-coverage.md with the code.
package coverage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	root = "../.."
	page = root + "/docs/seam-coverage.md"
)

// row is one line of the page's tables.
type row struct{ what, client, resource, test string }

func rows(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []row
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || strings.Contains(line, "---") || strings.HasSuffix(line, "Test |\n") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, row{cells[0], cells[1], cells[2], cells[3]})
	}
	if len(all) < 50 {
		t.Fatalf("only %d rows were read", len(all))
	}
	return all
}

var quoted = regexp.MustCompile("`([^`]+)`")

func TestEveryCellIsFilledAndTrue(t *testing.T) {
	symbols, tests := declared(t, root+"/internal/seam"), testNames(t)
	for _, r := range rows(t) {
		if slices.Contains([]string{r.what, r.client, r.resource, r.test}, "") {
			t.Errorf("%q has an empty cell", r.what)
		}
		if !strings.HasPrefix(r.client, "none: ") {
			for _, symbol := range quoted.FindAllStringSubmatch(r.client, -1) {
				if !symbols[symbol[1]] {
					t.Errorf("%q: the client has no %s", r.what, symbol[1])
				}
			}
		}
		for _, name := range quoted.FindAllStringSubmatch(r.test, -1) {
			if !tests[name[1]] {
				t.Errorf("%q: there is no test %s", r.what, name[1])
			}
		}
	}
}

// TestNothingIsLeftOut goes by the client: what it can do of access codes has a row.
func TestNothingIsLeftOut(t *testing.T) {
	named := map[string]bool{}
	for _, r := range rows(t) {
		for _, symbol := range quoted.FindAllStringSubmatch(r.client, -1) {
			named[symbol[1]] = true
		}
	}
	for _, service := range []any{&seam.AccessCodesService{}, &seam.UnmanagedAccessCodesService{}, &seam.SimulateService{}} {
		methods := reflect.TypeOf(service)
		for i := range methods.NumMethod() {
			if name := methods.Elem().Name() + "." + methods.Method(i).Name; !named[name] {
				t.Errorf("%s has no row", name)
			}
		}
	}
	kinds := []seam.Kind{
		seam.NotFound, seam.Duplicate, seam.InvalidInput, seam.Unauthorized, seam.RateLimited, seam.Unavailable,
		seam.InvalidToken, seam.Refused,
	}
	for _, kind := range kinds {
		if !named[string(kind)] {
			t.Errorf("errors of kind %s have no row", kind)
		}
	}
	for _, settings := range []any{seam.AccessCodeSettings{}, seam.OfflineSettings{}} {
		fields := reflect.TypeOf(settings)
		for i := range fields.NumField() {
			if name := fields.Name() + "." + fields.Field(i).Name; !named[name] {
				t.Errorf("%s has no row", name)
			}
		}
	}
}

// declared are the exported types, functions, constants, methods and fields of a package, as T, F, T.Method, T.Field.
func declared(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, file := range parsed(t, folder, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				names[receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					addSpec(names, spec)
				}
			}
		}
	}
	return names
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	kind := d.Recv.List[0].Type
	if pointer, ok := kind.(*ast.StarExpr); ok {
		kind = pointer.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

func addSpec(names map[string]bool, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			names[name.Name] = true
		}
	case *ast.TypeSpec:
		names[s.Name.Name] = true
		fields, ok := s.Type.(*ast.StructType)
		if !ok {
			return
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				names[s.Name.Name+"."+name.Name] = true
			}
		}
	}
}

// testNames are the names of all Go tests of the module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range []string{"controllers", "internal", "test"} {
		for _, file := range parsed(t, filepath.Join(root, folder), func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
			for _, declaration := range file.Decls {
				if d, ok := declaration.(*ast.FuncDecl); ok && strings.HasPrefix(d.Name.Name, "Test") {
					names[d.Name.Name] = true
				}
			}
		}
	}
	return names
}

func parsed(t *testing.T, folder string, wanted func(name string) bool) []*ast.File {
	t.Helper()
	var files []*ast.File
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go" || !wanted(entry.Name()):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
