// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/access-codes/access-code-operator/test/gitops"
)

// maxRun ends a script that does not end. Argo CD allows one second; a loaded machine gets more.
const maxRun = 20 * time.Second

// runLua runs a script of argocd-cm on an object, with what Argo CD gives to one and no more: the libraries base,
// package and table, and an "os" that has to be required and has date and time only.
func runLua(ctx context.Context, script string, object map[string]any) (any, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	state.SetContext(ctx)
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable},
	} {
		if err := open(state, library.name, library.open); err != nil {
			return nil, err
		}
	}
	if err := offerClock(state); err != nil {
		return nil, err
	}
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(script); err != nil {
		return nil, fmt.Errorf("running the script: %w", err)
	}
	return fromLua(state.Get(-1))
}

func open(state *lua.LState, name string, library lua.LGFunction) error {
	call := lua.P{Fn: state.NewFunction(library), Protect: true}
	if err := state.CallByParam(call, lua.LString(name)); err != nil {
		return fmt.Errorf("opening the library %q: %w", name, err)
	}
	return nil
}

// offerClock takes date and time out of the whole library, and the rest away.
func offerClock(state *lua.LState) error {
	if err := open(state, lua.OsLibName, lua.OpenOs); err != nil {
		return err
	}
	whole := state.GetGlobal(lua.OsLibName)
	safe := state.NewTable()
	for _, name := range []string{"date", "time"} {
		safe.RawSetString(name, state.GetField(whole, name))
	}
	state.SetGlobal(lua.OsLibName, lua.LNil)
	state.SetField(state.GetField(state.GetGlobal(lua.LoadLibName), "loaded"), lua.OsLibName, lua.LNil)
	state.PreloadModule(lua.OsLibName, func(l *lua.LState) int {
		l.Push(safe)
		return 1
	})
	return nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case bool:
		return lua.LBool(v)
	case float64:
		return lua.LNumber(v)
	case int64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range v {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}

// fromLua reads numbers as whole ones: a manifest of ours has no others.
func fromLua(value lua.LValue) (any, error) {
	switch v := value.(type) {
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		return int64(v), nil
	case lua.LString:
		return string(v), nil
	case *lua.LTable:
		return fromTable(v)
	}
	return nil, fmt.Errorf("a script gives back a %s", value.Type())
}

// fromTable takes a table for a list when it has a first item. An empty one could be either, and Argo CD would make
// a list of it.
func fromTable(table *lua.LTable) (any, error) {
	if table.Len() > 0 {
		list := make([]any, 0, table.Len())
		for i := range table.Len() {
			item, err := fromLua(table.RawGetInt(i + 1))
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	}
	fields := map[string]any{}
	var failure error
	table.ForEach(func(key, item lua.LValue) {
		field, err := fromLua(item)
		if err != nil {
			failure = err
			return
		}
		fields[key.String()] = field
	})
	if failure == nil && len(fields) == 0 {
		failure = fmt.Errorf("a script gives back an empty table, which Argo CD takes for an empty list")
	}
	return fields, failure
}

// What a script can't use in argocd-cm it must not be able to use here: upstream's own tests open all libraries.
func TestSandbox(t *testing.T) {
	t.Parallel()
	for _, script := range gitops.Refused() {
		if got, err := runLua(t.Context(), script, nil); err == nil {
			t.Errorf("%s: got %v, want an error", script, got)
		}
	}
	got, err := runLua(t.Context(), gitops.Clock, nil)
	if fields, _ := got.(map[string]any); err != nil || fields["message"] == nil {
		t.Errorf("os.date: got %v and %v", got, err)
	}
}
