// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"slices"
	"strings"
)

// result is the body of a successful answer without its `ok`.
type result map[string]any

// call is what an endpoint needs to know of one request besides its parameters.
type call struct {
	world     *world
	principal principal
	request   *http.Request
}

// route is one endpoint.
type route struct {
	path        string
	verbs       []string
	open        bool // asks for no authentication
	noSessions  bool // client sessions are refused
	publishable bool // takes publishable keys
	serve       func(*call, *input) (result, *apiError)
}

// endpoint joins the two halves of a route: parse reads and checks the input without
// touching the world, handle has the effect and runs only when parse found no fault.
func endpoint[P any](path string, verbs []string, parse func(*input) P, handle func(*call, P) (result, *apiError)) route {
	return route{path: path, verbs: verbs, serve: func(c *call, in *input) (result, *apiError) {
		p := parse(in)
		if err := in.invalid(); err != nil {
			return nil, err
		}
		return handle(c, p)
	}}
}

// The verbs follow the OpenAPI document. Lists of verbs are functions because a
// package-level slice could be changed.
func reads() []string   { return []string{http.MethodGet, http.MethodPost} }
func creates() []string { return []string{http.MethodPost} }
func updates() []string { return []string{http.MethodPost, http.MethodPut, http.MethodPatch} }
func patches() []string { return []string{http.MethodPost, http.MethodPatch} }
func deletes() []string { return []string{http.MethodPost, http.MethodDelete} }

// routeTable collects the routes of all resources; a new resource adds its line here.
func routeTable(o Options) map[string]route {
	table := map[string]route{}
	for _, group := range [][]route{
		{healthRoute()},
		accessCodeRoutes(),
		linkedRoutes(),
		backupRoutes(),
		unmanagedRoutes(),
		simulateRoutes(),
		deviceRoutes(),
		constraintRoutes(),
		workspaceRoutes(o),
		attemptRoutes(),
		sessionRoutes(),
		eventRoutes(),
		webhookRoutes(),
	} {
		for _, r := range group {
			table[r.path] = r
		}
	}
	return table
}

func (r route) checkVerb(method string) *apiError {
	if slices.Contains(r.verbs, method) {
		return nil
	}
	return fail(http.StatusMethodNotAllowed, "method_not_allowed", "only %s accepted", strings.Join(r.verbs, ", "))
}

// healthRoute answers /health, which needs no key.
func healthRoute() route {
	none := func(*input) struct{} { return struct{}{} }
	r := endpoint("/health", reads(), none, func(*call, struct{}) (result, *apiError) { return result{}, nil })
	r.open = true
	return r
}
