// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const (
	// terminal is how wide a terminal is in which a list of AccessCodes is still read.
	terminal = 120
	// oldest is the longest that kubectl writes for an age, such as 2y119d.
	oldest = len("2y119d")
)

// testColumns lists AccessCodes with long names, one for each reason that there is, in the longest state, with a window.
func (h *house) testColumns(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(h.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	reasons := documented(t)["AccessCode"]
	for i, r := range reasons {
		if err := makeCode(t, c, fmt.Sprintf("apartment-17-guest%02d", i), r.reason); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := h.Kubectl(t.Context(), "-n", "bookings", "get", "accesscodes")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(listed), "\n")
	header := strings.Fields(lines[0])
	if want := []string{"NAME", "STATE", "READY", "REASON", "STARTS", "ENDS", "AGE"}; !slices.Equal(header, want) {
		t.Fatalf("columns are %q, want %q: a line of %d characters", header, want, len(lines[1]))
	}
	if len(lines) != 1+len(reasons) {
		t.Fatalf("got %d lines for %d AccessCodes:\n%s", len(lines), len(reasons), listed)
	}
	for i, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) != len(header) || cells[3] != reasons[i].reason {
			t.Errorf("%q: got %d cells, want %d and the reason %s", line, len(cells), len(header), reasons[i].reason)
			continue
		}
		if wide := len(line) - len(cells[len(cells)-1]) + oldest; wide > terminal {
			t.Errorf("%d columns, which is over %d:\n%s\n%s", wide, terminal, lines[0], line)
		}
	}
	h.holdWide(t)
}

// holdWide has the long ids in the wide list.
func (h *house) holdWide(t *testing.T) {
	t.Helper()
	listed, err := h.Kubectl(t.Context(), "-n", "bookings", "get", "accesscodes", "-o", "wide")
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(listed, "\n")
	want := []string{"NAME", "DEVICE", "STATE", "READY", "REASON", "STARTS", "ENDS", "AGE", "ID", "MESSAGE"}
	if got := strings.Fields(header); !slices.Equal(got, want) {
		t.Errorf("wide columns are %q, want %q", got, want)
	}
}

func makeCode(t *testing.T, c client.Client, name, reason string) error {
	t.Helper()
	code := &v1alpha1.AccessCode{
		ObjectMeta: metav1.ObjectMeta{Namespace: "bookings", Name: name},
		Spec:       v1alpha1.AccessCodeSpec{DeviceID: "5eed0000-0000-4000-8000-000000000101"},
	}
	if err := c.Create(t.Context(), code); err != nil {
		return err
	}
	starts, ends := metav1.NewTime(time.Now()), metav1.NewTime(time.Now().Add(time.Hour))
	code.Status = v1alpha1.AccessCodeStatus{
		AccessCodeID: "8d2e4f10-5b7c-4d19-9a3e-6f0c1b2a7d54", State: "removing", StartsAt: &starts, EndsAt: &ends,
	}
	apimeta.SetStatusCondition(&code.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason, Message: "It says why.",
	})
	return c.Status().Update(t.Context(), code)
}
