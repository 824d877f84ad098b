// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// terminal is how wide a terminal is in which a list of AccessCodes without a window is still read.
	terminal = 120
	// lock is what Seam may call a lock in that list. It is one word, so that a line is easily taken apart.
	lock = "Harbour-House,-Side-Entrance-1204"
	// window is what the two times of a window take more.
	window = 2*len("2026-12-01T15:00:00Z") - len("STARTS") - len("ENDS")
	// oldest is the longest that kubectl writes for an age, such as 2y119d.
	oldest = len("2y119d")
)

// testColumns lists AccessCodes, one for each reason that there is, in the longest state: in one namespace without a window,
// in another with one.
func (h *house) testColumns(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(h.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	h.holdColumns(t, c, "ongoing", false, terminal)
	h.holdColumns(t, c, "windows", true, terminal+window)
	h.holdWide(t, "windows")
}

// holdColumns checks the columns and the width of the list of a namespace, whatever the reason and the age.
func (h *house) holdColumns(t *testing.T, c client.Client, namespace string, windowed bool, limit int) {
	t.Helper()
	if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		t.Fatal(err)
	}
	reasons := documented(t)["AccessCode"]
	for i, r := range reasons {
		if err := makeCode(t, c, namespace, fmt.Sprintf("flat-17-guest-%02d", i), r.reason, windowed); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := h.Kubectl(t.Context(), "-n", namespace, "get", "accesscodes")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(listed), "\n")
	header := strings.Fields(lines[0])
	if want := []string{"NAME", "LOCK", "STATE", "READY", "REASON", "STARTS", "ENDS", "AGE"}; !slices.Equal(header, want) {
		t.Fatalf("columns are %q, want %q", header, want)
	}
	if len(lines) != 1+len(reasons) {
		t.Fatalf("got %d lines for %d AccessCodes:\n%s", len(lines), len(reasons), listed)
	}
	for i, line := range lines[1:] {
		cells := strings.Fields(line)
		if cells[4] != reasons[i].reason {
			t.Errorf("%q: the reason is not %s", line, reasons[i].reason)
		}
		if wide := len(line) - len(cells[len(cells)-1]) + oldest; wide > limit {
			t.Errorf("%d columns, which is over %d:\n%s\n%s", wide, limit, lines[0], line)
		}
	}
}

// holdWide has the long ids in the wide list.
func (h *house) holdWide(t *testing.T, namespace string) {
	t.Helper()
	listed, err := h.Kubectl(t.Context(), "-n", namespace, "get", "accesscodes", "-o", "wide")
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(listed, "\n")
	want := []string{"NAME", "LOCK", "STATE", "READY", "REASON", "STARTS", "ENDS", "AGE", "DEVICE", "ID", "OPENS", "NEXT", "SUSPENDED", "MESSAGE"}
	if got := strings.Fields(header); !slices.Equal(got, want) {
		t.Errorf("wide columns are %q, want %q", got, want)
	}
}

func makeCode(t *testing.T, c client.Client, namespace, name, reason string, windowed bool) error {
	t.Helper()
	code := &v1alpha1.AccessCode{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.AccessCodeSpec{DeviceID: "5eed0000-0000-4000-8000-000000000101"},
	}
	if err := c.Create(t.Context(), code); err != nil {
		return err
	}
	code.Status = v1alpha1.AccessCodeStatus{AccessCodeID: "8d2e4f10-5b7c-4d19-9a3e-6f0c1b2a7d54", DeviceName: lock, State: "removing"}
	if windowed {
		code.Status.StartsAt, code.Status.EndsAt = new(metav1.Now()), new(metav1.NewTime(time.Now().Add(time.Hour)))
	}
	apimeta.SetStatusCondition(&code.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason, Message: "It says why.",
	})
	return c.Status().Update(t.Context(), code)
}
