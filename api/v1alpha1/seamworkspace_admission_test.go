// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"strings"
	"testing"
)

// workspaceWith returns a spec with an API key and these fields more.
func workspaceWith(fields string) string {
	return `{"auth":{"apiKey":{"secretKeyRef":{"name":"seam","key":"apiKey"}}},` + fields + `}`
}

func TestSeamWorkspaceAuth(t *testing.T) {
	t.Parallel()
	const (
		ref = `"secretKeyRef":{"name":"seam","key":"k"}`
		one = "exactly one of the fields in [apiKey personalAccessToken clientSessionToken consoleSessionToken publishableKey] must be set"
	)
	run(t, "SeamWorkspace", []admission{
		{"apiKey", `{"auth":{"apiKey":{` + ref + `}}}`, nil},
		{"personalAccessToken", `{"auth":{"personalAccessToken":{` + ref + `,"workspaceID":"w"}}}`, nil},
		{"clientSessionToken", `{"auth":{"clientSessionToken":{` + ref + `}}}`, nil},
		{"consoleSessionToken", `{"auth":{"consoleSessionToken":{` + ref + `,"workspaceID":"w"}}}`, nil},
		{"publishableKey", `{"auth":{"publishableKey":{` + ref + `,"userIdentifierKey":"u"}}}`, nil},
		{"no auth", `{}`, refused("spec.auth", "Required value")},
		{"none", `{"auth":{}}`, refused("spec.auth", one)},
		{"two", `{"auth":{"apiKey":{` + ref + `},"clientSessionToken":{` + ref + `}}}`, refused("spec.auth", one)},
		{"a token in plain sight", `{"auth":{"apiKey":"seam_x"}}`, refused("spec.auth.apiKey", "must be of type object")},
		{
			"personalAccessToken without workspaceID", `{"auth":{"personalAccessToken":{` + ref + `}}}`,
			refused("spec.auth.personalAccessToken.workspaceID", "Required value"),
		},
		{
			"consoleSessionToken without workspaceID", `{"auth":{"consoleSessionToken":{` + ref + `}}}`,
			refused("spec.auth.consoleSessionToken.workspaceID", "Required value"),
		},
		{
			"publishableKey without user", `{"auth":{"publishableKey":{` + ref + `}}}`,
			refused("spec.auth.publishableKey.userIdentifierKey", "Required value"),
		},
		{
			"a Secret of another namespace", `{"auth":{"apiKey":{"secretKeyRef":{"name":"n","key":"k","namespace":"other"}}}}`,
			refused("", `unknown field "spec.auth.apiKey.secretKeyRef.namespace"`),
		},
		{"an unknown field", workspaceWith(`"region":"eu"`), refused("", `unknown field "spec.region"`)},
		{"suspend", workspaceWith(`"suspend":true`), nil},
		{"suspend as a number", workspaceWith(`"suspend":1`), refused("spec.suspend", "must be of type boolean")},
	})
}

// Every way to authenticate needs a Secret, by name and key.
func TestSeamWorkspaceSecret(t *testing.T) {
	t.Parallel()
	var tests []admission
	for _, way := range []struct{ name, rest string }{
		{"apiKey", ""},
		{"personalAccessToken", `,"workspaceID":"w"`},
		{"clientSessionToken", ""},
		{"consoleSessionToken", `,"workspaceID":"w"`},
		{"publishableKey", `,"userIdentifierKey":"u"`},
	} {
		with := func(ref string) string { return `{"auth":{"` + way.name + `":{` + ref + way.rest + `}}}` }
		field := "spec.auth." + way.name + ".secretKeyRef"
		tests = append(tests,
			admission{way.name, with(`"secretKeyRef":{"name":"n","key":"k"}`), nil},
			admission{way.name + " without name", with(`"secretKeyRef":{"key":"k"}`), refused(field+".name", "Required value")},
			admission{way.name + " without key", with(`"secretKeyRef":{"name":"n"}`), refused(field+".key", "Required value")},
			admission{way.name + " without Secret", strings.Replace(with(""), "{,", "{", 1), refused(field, "Required value")},
		)
	}
	run(t, "SeamWorkspace", tests)
}

func TestSeamWorkspaceSyncInterval(t *testing.T) {
	t.Parallel()
	words := refused("spec.syncInterval", `spec.syncInterval must be a duration in h, m and s, such as "10m" or "1h30m", of at least 1m`)
	tests := []struct {
		value string
		want  *refusal
	}{
		{`"1m"`, nil},
		{`"60s"`, nil},
		{`"1h30m"`, nil},
		{`"1.5h"`, nil},
		{`"60000ms"`, nil},
		{`"2562047h"`, nil},
		{`"59s"`, words},
		{`"59.999999999s"`, words},
		{`"0"`, words},
		{`"-10m"`, words},
		{`""`, words},
		{`"10"`, words},
		{`"1d"`, words},
		{`"1w"`, words},
		{`"10 m"`, words},
		{`"10M"`, words},
		{`"PT10M"`, words},
		{`"999999999999h"`, words},
		{`"2562048h"`, words},
		{`"` + strings.Repeat("1m", 16) + `"`, nil},
		{`"` + strings.Repeat("1m", 17) + `"`, refused("spec.syncInterval", "may not be more than 32")},
		{`600`, refused("spec.syncInterval", "must be of type string")},
	}
	cases := make([]admission, 0, len(tests))
	for _, test := range tests {
		cases = append(cases, admission{test.value, workspaceWith(`"syncInterval":` + test.value), test.want})
	}
	run(t, "SeamWorkspace", cases)
}

func TestSeamWorkspaceEvents(t *testing.T) {
	t.Parallel()
	words := refused("spec.events.pollInterval", `spec.events.pollInterval must be a duration in h, m and s, such as "5s" or "1m", of at least 1s`)
	tests := []struct {
		value string
		want  *refusal
	}{
		{`{"pollInterval":"1s"}`, nil},
		{`{"pollInterval":"1h"}`, nil},
		{`{"pollInterval":"999ms"}`, words},
		{`{"pollInterval":"0"}`, words},
		{`{"pollInterval":"-5s"}`, words},
		{`{"pollInterval":""}`, words},
		{`{"pollInterval":"5 seconds"}`, words},
		{`{"pollInterval":"999999999999h"}`, words},
		{`{"pollInterval":5}`, refused("spec.events.pollInterval", "must be of type string")},
		{`{}`, refused("spec.events", "should have at least 1 properties")},
		{`{"webhook":{"secretKeyRef":{"name":"seam-webhook","key":"secret"}}}`, nil},
		{`{"pollInterval":"1m","webhook":{"secretKeyRef":{"name":"seam-webhook","key":"secret"}}}`, nil},
		{`{"webhook":{"secretKeyRef":{"name":"seam-webhook"}}}`, refused("spec.events.webhook.secretKeyRef.key", "Required value")},
		{`{"webhook":{}}`, refused("spec.events.webhook.secretKeyRef", "Required value")},
	}
	cases := make([]admission, 0, len(tests))
	for _, test := range tests {
		cases = append(cases, admission{test.value, workspaceWith(`"events":` + test.value), test.want})
	}
	run(t, "SeamWorkspace", cases)
}

func TestSeamWorkspaceEndpoint(t *testing.T) {
	t.Parallel()
	words := refused("spec.endpoint", "spec.endpoint must be an absolute http or https address", "such as https://connect.getseam.com")
	tests := []struct {
		value string
		want  *refusal
	}{
		{"https://connect.getseam.com", nil},
		{"https://connect.getseam.com/", nil},
		{"http://seamsim.seam.svc:8080/base", nil},
		{"HTTP://127.0.0.1:3020", nil},
		{"http://[::1]:3020", nil},
		{"", refused("spec.endpoint", "at least 1 chars")},
		{"connect.getseam.com", words},
		{"//connect.getseam.com", words},
		{"/connect", words},
		{"ftp://connect.getseam.com", words},
		{"unix:///run/seam.sock", words},
		{"https://", words},
		{"https:///path", words},
		{"https://:443", words},
		{"https:connect.getseam.com", words},
		{"https://connect.getseam.com:port", words},
		{"https://connect getseam com", words},
		{" https://connect.getseam.com", words},
		// What the client refuses is refused here, where a person sees it.
		{"https://me:hunter2@connect.getseam.com", words},
		{"https://connect.getseam.com?key=hunter2", words},
		{"https://connect.getseam.com?", words},
		{"https://connect.getseam.com#hunter2", words},
		{"https://" + strings.Repeat("a", 2040), nil},
		{"https://" + strings.Repeat("a", 2041), refused("spec.endpoint", "may not be more than 2048")},
	}
	ns := namespace(t)
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.60s", test.value), func(t *testing.T) {
			object := manifest(t, "SeamWorkspace", ns, workspaceWith(fmt.Sprintf(`"endpoint":%q`, test.value)))
			test.want.check(t, cluster.strict.Create(t.Context(), object), "hunter2")
			decodes(t, ns)
		})
	}
}
