// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// repeat returns n characters of a text, over and over.
func repeat(text string, n int) string { return strings.Repeat(text, n/len(text)+1)[:n] }

// Every string of a spec: %s stands for it.
func TestSpecStringsAreBounded(t *testing.T) {
	t.Parallel()
	ref := func(before, after string) (name, key string) {
		return before + `{"secretKeyRef":{"name":"%s","key":"k"}` + after, before + `{"secretKeyRef":{"name":"n","key":"%s"}` + after
	}
	fromName, fromKey := ref(`{"deviceID":"d","codeFrom":`, `}}`)
	apiName, apiKey := ref(`{"auth":{"apiKey":`, `}}}`)
	patName, patKey := ref(`{"auth":{"personalAccessToken":`, `,"workspaceID":"w"}}}`)
	cstName, cstKey := ref(`{"auth":{"clientSessionToken":`, `}}}`)
	jwtName, jwtKey := ref(`{"auth":{"consoleSessionToken":`, `,"workspaceID":"w"}}}`)
	pubName, pubKey := ref(`{"auth":{"publishableKey":`, `,"userIdentifierKey":"u"}}}`)
	const good = `{"secretKeyRef":{"name":"n","key":"k"}`
	tests := []struct {
		kind, field, spec string
		limit             int
	}{
		{"AccessCode", "spec.deviceID", `{"deviceID":"%s"}`, 128},
		{"AccessCode", "spec.displayName", `{"deviceID":"d","displayName":"%s"}`, 128},
		{"AccessCode", "spec.codeSecretName", `{"deviceID":"d","codeSecretName":"%s"}`, 253},
		{"AccessCode", "spec.workspaceRef.name", `{"deviceID":"d","workspaceRef":{"name":"%s"}}`, 253},
		{"AccessCode", "spec.codeFrom.secretKeyRef.name", fromName, 253},
		{"AccessCode", "spec.codeFrom.secretKeyRef.key", fromKey, 253},
		{"SeamWorkspace", "spec.auth.apiKey.secretKeyRef.name", apiName, 253},
		{"SeamWorkspace", "spec.auth.apiKey.secretKeyRef.key", apiKey, 253},
		{"SeamWorkspace", "spec.auth.personalAccessToken.secretKeyRef.name", patName, 253},
		{"SeamWorkspace", "spec.auth.personalAccessToken.secretKeyRef.key", patKey, 253},
		{"SeamWorkspace", "spec.auth.personalAccessToken.workspaceID", `{"auth":{"personalAccessToken":` + good + `,"workspaceID":"%s"}}}`, 128},
		{"SeamWorkspace", "spec.auth.clientSessionToken.secretKeyRef.name", cstName, 253},
		{"SeamWorkspace", "spec.auth.clientSessionToken.secretKeyRef.key", cstKey, 253},
		{"SeamWorkspace", "spec.auth.consoleSessionToken.secretKeyRef.name", jwtName, 253},
		{"SeamWorkspace", "spec.auth.consoleSessionToken.secretKeyRef.key", jwtKey, 253},
		{"SeamWorkspace", "spec.auth.consoleSessionToken.workspaceID", `{"auth":{"consoleSessionToken":` + good + `,"workspaceID":"%s"}}}`, 128},
		{"SeamWorkspace", "spec.auth.publishableKey.secretKeyRef.name", pubName, 253},
		{"SeamWorkspace", "spec.auth.publishableKey.secretKeyRef.key", pubKey, 253},
		{"SeamWorkspace", "spec.auth.publishableKey.userIdentifierKey", `{"auth":{"publishableKey":` + good + `,"userIdentifierKey":"%s"}}}`, 256},
	}
	ns := namespace(t)
	for _, test := range tests {
		t.Run(test.kind+" "+test.field, func(t *testing.T) {
			try := func(text string) error {
				return cluster.strict.Create(t.Context(), manifest(t, test.kind, ns, fmt.Sprintf(test.spec, text)))
			}
			refused(test.field, "at least 1 chars").check(t, try(""))
			(*refusal)(nil).check(t, try(strings.Repeat("a", test.limit)))
			refused(test.field, fmt.Sprintf("may not be more than %d", test.limit)).check(t, try(strings.Repeat("a", test.limit+1)))
			decodes(t, ns)
		})
	}
}

// Every string of a status: %s stands for it.
func TestStatusStringsAreBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, field, status string
		limit               int
		empty               bool // may be empty
	}{
		{"AccessCode", "status.accessCodeID", `{"accessCodeID":"%s"}`, 128, true},
		{"AccessCode", "status.workspaceID", `{"workspaceID":"%s"}`, 128, true},
		{"AccessCode", "status.state", `{"state":"%s"}`, 64, true},
		{"AccessCode", "status.type", `{"type":"%s"}`, 64, true},
		{"AccessCode", "status.codeSecretRef.name", `{"codeSecretRef":{"name":"%s","key":"code"}}`, 253, false},
		{"AccessCode", "status.codeSecretRef.key", `{"codeSecretRef":{"name":"n","key":"%s"}}`, 253, false},
		{"AccessCode", "status.errors[0].code", `{"errors":[{"code":"%s"}]}`, 128, false},
		{"AccessCode", "status.errors[0].scope", `{"errors":[{"code":"c","scope":"%s"}]}`, 64, true},
		{"AccessCode", "status.errors[0].message", `{"errors":[{"code":"c","message":"%s"}]}`, 300, true},
		{"AccessCode", "status.warnings[0].code", `{"warnings":[{"code":"%s"}]}`, 128, false},
		{"AccessCode", "status.warnings[0].message", `{"warnings":[{"code":"c","message":"%s"}]}`, 300, true},
		{"AccessCode", "status.backupCode.accessCodeID", `{"backupCode":{"accessCodeID":"%s"}}`, 128, true},
		{"AccessCode", "status.backupCode.state", `{"backupCode":{"state":"%s"}}`, 64, true},
		{"AccessCode", "status.backupCode.secretRef.name", `{"backupCode":{"secretRef":{"name":"%s","key":"k"}}}`, 253, false},
		{"AccessCode", "status.backupCode.secretRef.key", `{"backupCode":{"secretRef":{"name":"n","key":"%s"}}}`, 253, false},
		{"AccessCode", "status.backupCode.lastHandledPull", `{"backupCode":{"lastHandledPull":"%s"}}`, 256, true},
		{"AccessCode", "status.lastHandledReconcileAt", `{"lastHandledReconcileAt":"%s"}`, 256, true},
		{"SeamWorkspace", "status.workspaceID", `{"workspaceID":"%s"}`, 128, true},
		{"SeamWorkspace", "status.workspaceName", `{"workspaceName":"%s"}`, 256, true},
	}
	ns := namespace(t)
	for _, test := range tests {
		t.Run(test.kind+" "+test.field, func(t *testing.T) {
			try := statusOf(t, test.kind, ns)
			// The limit is one of characters, and one of them may take several bytes, except in names of objects.
			character := "é"
			if strings.HasSuffix(test.field, "Ref.name") {
				character = "e"
			}
			(*refusal)(nil).check(t, try(fmt.Sprintf(test.status, strings.Repeat(character, test.limit))))
			refused(test.field, fmt.Sprintf("may not be more than %d", test.limit)).
				check(t, try(fmt.Sprintf(test.status, strings.Repeat("a", test.limit+1))))
			var empty *refusal
			if !test.empty {
				empty = refused(test.field, "at least 1 chars")
			}
			empty.check(t, try(fmt.Sprintf(test.status, "")))
			decodes(t, ns)
		})
	}
}

func TestStatusListsAreBounded(t *testing.T) {
	t.Parallel()
	items := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, ",")
	}
	const condition = `{"type":"T%d","status":"True","reason":"R","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}`
	tests := []struct {
		kind, field, item string
		limit             int
	}{
		{"AccessCode", "conditions", condition, 8},
		{"AccessCode", "errors", `{"code":"e%d"}`, 16},
		{"AccessCode", "warnings", `{"code":"w%d"}`, 16},
		{"SeamWorkspace", "conditions", condition, 8},
	}
	ns := namespace(t)
	for _, test := range tests {
		t.Run(test.kind+" "+test.field, func(t *testing.T) {
			try := statusOf(t, test.kind, ns)
			list := func(n int) string { return `{"` + test.field + `":[` + items(n, test.item) + `]}` }
			(*refusal)(nil).check(t, try(list(test.limit)))
			refused("status."+test.field, fmt.Sprintf("must have at most %d items", test.limit)).check(t, try(list(test.limit+1)))
			decodes(t, ns)
		})
	}
}

func TestStatusRequiredFields(t *testing.T) {
	t.Parallel()
	try := statusOf(t, "AccessCode", namespace(t))
	for field, status := range map[string]string{
		"status.codeSecretRef.name":        `{"codeSecretRef":{"key":"code"}}`,
		"status.codeSecretRef.key":         `{"codeSecretRef":{"name":"n"}}`,
		"status.backupCode.secretRef.name": `{"backupCode":{"secretRef":{"key":"backupCode"}}}`,
		"status.backupCode.secretRef.key":  `{"backupCode":{"secretRef":{"name":"n"}}}`,
		"status.errors[0].code":            `{"errors":[{"message":"m"}]}`,
		"status.warnings[0].code":          `{"warnings":[{"message":"m"}]}`,
	} {
		t.Run(field, func(t *testing.T) {
			refused(field, "Required value").check(t, try(status))
		})
	}
}

func TestStatusConditions(t *testing.T) {
	t.Parallel()
	const condition = `{"type":"Ready","status":"True","reason":"Set","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}`
	tests := []struct {
		name, conditions string
		want             *refusal
	}{
		{"one", condition, nil},
		{"the same type twice", condition + "," + condition, refused("status.conditions[1]", "Duplicate value", "Ready")},
		{"no message", strings.Replace(condition, `"message":"",`, ``, 1), refused("status.conditions[0].message", "Required value")},
		{"no reason", strings.Replace(condition, `"Set"`, `""`, 1), refused("status.conditions[0].reason", "at least 1 chars")},
		{"an unknown status", strings.Replace(condition, `"True"`, `"Yes"`, 1), refused("status.conditions[0].status", `"False"`)},
	}
	for _, kind := range []string{"AccessCode", "SeamWorkspace"} {
		ns := namespace(t)
		for _, test := range tests {
			t.Run(kind+" "+test.name, func(t *testing.T) {
				test.want.check(t, statusOf(t, kind, ns)(`{"conditions":[`+test.conditions+`]}`))
				decodes(t, ns)
			})
		}
	}
}

// least is the smallest spec of each kind.
var least = map[string]string{
	"AccessCode":    `{"deviceID":"d"}`,
	"SeamWorkspace": `{"auth":{"apiKey":{"secretKeyRef":{"name":"seam","key":"apiKey"}}}}`,
}

// statusOf creates an object and returns what writes its status.
func statusOf(t *testing.T, kind, ns string) func(status string) error {
	t.Helper()
	object := manifest(t, kind, ns, least[kind])
	if err := cluster.strict.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	return func(status string) error {
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":`+status+`}`))
		return cluster.strict.Status().Patch(t.Context(), object.DeepCopy(), patch)
	}
}
