// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Actions are the names of a kind's actions, sorted.
func Actions(kind string) []string {
	if kind == AccessCode {
		return []string{"pull-backup", "resume", "rotate", "suspend", "sync"}
	}
	return []string{"resume", "suspend"}
}

// TakeTime checks the time that an action has written into an object against when it ran, and replaces it by what a file can
// have. Objects of actions that write no time stay as they are.
func TakeTime(action string, object, want map[string]any, since, until time.Time) error {
	annotation, ok := map[string]string{
		"sync":        v1alpha1.ReconcileRequestedAtAnnotation,
		"pull-backup": v1alpha1.PullBackupAnnotation,
		"rotate":      v1alpha1.RotateRequestedAtAnnotation,
	}[action]
	if !ok {
		return nil
	}
	field := []string{"metadata", "annotations", annotation}
	written, _, err := unstructured.NestedString(object, field...)
	if err != nil {
		return fmt.Errorf("reading what %s has written: %w", action, err)
	}
	at, err := time.Parse(time.RFC3339, written)
	if err != nil || at.Before(since.Truncate(time.Second)) || at.After(until) {
		return fmt.Errorf("annotation %s: got %q, want the time", annotation, written)
	}
	expected, _, err := unstructured.NestedString(want, field...)
	if err != nil {
		return fmt.Errorf("reading what %s is to write: %w", action, err)
	}
	if err := unstructured.SetNestedField(object, expected, field...); err != nil {
		return fmt.Errorf("taking the time out: %w", err)
	}
	return nil
}
