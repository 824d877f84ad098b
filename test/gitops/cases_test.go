// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	root   = "../.."
	argocd = root + "/config/argocd"
	group  = argocd + "/resource_customizations/access-codes.io"
)

// Kinds.
const (
	accessCode    = "AccessCode"
	seamWorkspace = "SeamWorkspace"
)

// Argo CD's words for health.
const (
	healthy     = "Healthy"
	progressing = "Progressing"
	degraded    = "Degraded"
	suspended   = "Suspended"
)

// seen is an object as the API server has it, and what those who wait for it make of it.
type seen struct {
	kind string
	// file is below testdata of the kind.
	file string
	// reason is that of its Ready condition, empty where there is none yet.
	reason string
	health string
	// kstatus is what Flux, Helm and others that wait by kstatus see.
	kstatus status.Status
	// passed says that the object as it is now is not what its conditions speak of.
	passed bool
}

// cases are all reasons of both kinds, then what is told by other means.
func cases() []seen {
	return []seen{
		{kind: accessCode, file: "set", reason: v1alpha1.ReasonSet, health: healthy, kstatus: status.CurrentStatus},
		{kind: accessCode, file: "scheduled", reason: v1alpha1.ReasonScheduled, health: healthy, kstatus: status.CurrentStatus},
		{kind: accessCode, file: "expired", reason: v1alpha1.ReasonExpired, health: healthy, kstatus: status.CurrentStatus},

		{kind: accessCode, file: "creating", reason: v1alpha1.ReasonCreating, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "updating", reason: v1alpha1.ReasonUpdating, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "setting", reason: v1alpha1.ReasonSetting, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "removing", reason: v1alpha1.ReasonRemoving, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "device-unreachable", reason: v1alpha1.ReasonDeviceUnreachable, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "device-error", reason: v1alpha1.ReasonDeviceError, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "secret-not-found", reason: v1alpha1.ReasonSecretNotFound, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "workspace-not-ready", reason: v1alpha1.ReasonWorkspaceNotReady, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "rate-limited", reason: v1alpha1.ReasonRateLimited, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "api-unavailable", reason: v1alpha1.ReasonAPIUnavailable, health: progressing, kstatus: status.InProgressStatus},

		{kind: accessCode, file: "invalid-spec", reason: v1alpha1.ReasonInvalidSpec, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "schedule-in-past", reason: v1alpha1.ReasonScheduleInPast, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "device-not-found", reason: v1alpha1.ReasonDeviceNotFound, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "code-conflict", reason: v1alpha1.ReasonCodeConflict, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "secret-conflict", reason: v1alpha1.ReasonSecretConflict, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "update-not-supported", reason: v1alpha1.ReasonUpdateNotSupported, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "backup-not-supported", reason: v1alpha1.ReasonBackupNotSupported, health: degraded, kstatus: status.FailedStatus},
		{kind: accessCode, file: "not-converging", reason: v1alpha1.ReasonNotConverging, health: degraded, kstatus: status.FailedStatus},

		{kind: seamWorkspace, file: "connected", reason: v1alpha1.ReasonConnected, health: healthy, kstatus: status.CurrentStatus},
		{kind: seamWorkspace, file: "secret-not-found", reason: v1alpha1.ReasonSecretNotFound, health: progressing, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "api-unavailable", reason: v1alpha1.ReasonAPIUnavailable, health: progressing, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "unauthorized", reason: v1alpha1.ReasonUnauthorized, health: degraded, kstatus: status.FailedStatus},
		{kind: seamWorkspace, file: "invalid-token", reason: v1alpha1.ReasonInvalidToken, health: degraded, kstatus: status.FailedStatus},
		{kind: seamWorkspace, file: "endpoint-not-allowed", reason: v1alpha1.ReasonEndpointNotAllowed, health: degraded, kstatus: status.FailedStatus},
		{kind: seamWorkspace, file: "invalid-spec", reason: v1alpha1.ReasonInvalidSpec, health: degraded, kstatus: status.FailedStatus},

		// Not looked at yet, or not since it was changed: nobody may go by what is said of the time before.
		{kind: accessCode, file: "new", health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "changed-since-ready", reason: v1alpha1.ReasonSet, passed: true, health: progressing, kstatus: status.InProgressStatus},
		{kind: accessCode, file: "changed-since-stalled", reason: v1alpha1.ReasonInvalidSpec, passed: true, health: progressing, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "new", health: progressing, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "changed-since-ready", reason: v1alpha1.ReasonConnected, passed: true, health: progressing, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "changed-since-stalled", reason: v1alpha1.ReasonUnauthorized, passed: true, health: progressing, kstatus: status.InProgressStatus},

		// Suspended by a change of spec, which is looked at when it is resumed.
		{kind: accessCode, file: "suspended", reason: v1alpha1.ReasonSet, passed: true, health: suspended, kstatus: status.InProgressStatus},
		{kind: seamWorkspace, file: "suspended", reason: v1alpha1.ReasonConnected, passed: true, health: suspended, kstatus: status.InProgressStatus},

		// On the way out, whatever else is the case.
		{kind: accessCode, file: "terminating", reason: v1alpha1.ReasonRemoving, health: progressing, kstatus: status.TerminatingStatus},
		{kind: accessCode, file: "terminating-unseen", reason: v1alpha1.ReasonSet, passed: true, health: progressing, kstatus: status.TerminatingStatus},
		{kind: accessCode, file: "terminating-suspended", reason: v1alpha1.ReasonRemoving, health: progressing, kstatus: status.TerminatingStatus},
		{kind: accessCode, file: "terminating-stalled", reason: v1alpha1.ReasonUpdateNotSupported, health: progressing, kstatus: status.TerminatingStatus},
		{kind: seamWorkspace, file: "terminating", reason: v1alpha1.ReasonConnected, health: progressing, kstatus: status.TerminatingStatus},
	}
}

func (s seen) name() string { return s.kind + "/" + s.file }

func (s seen) path() string { return filepath.Join(group, s.kind, "testdata", s.file+".yaml") }

// load reads the object of a case, with whole numbers as a client of Kubernetes has them.
func load(t *testing.T, path string) map[string]any {
	t.Helper()
	var object map[string]any
	read(t, path, &object)
	whole, _ := integers(object).(map[string]any)
	return whole
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text := readFile(t, path)
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func integers(value any) any {
	switch v := value.(type) {
	case float64:
		return int64(v)
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = integers(v[key])
		}
	}
	return value
}

// names of the YAML files in a folder, without their ending.
func names(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: files are %q: %v", folder, files, err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".yaml")
	}
	slices.Sort(files)
	return files
}
