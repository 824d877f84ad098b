// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// now is the time of every decision in these tests.
var now = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

const (
	pin      redact.Secret = "90817"
	otherPIN redact.Secret = "55443"
)

// window is a window that started before now and ends after it.
func window(before, after time.Duration) *plan.Window {
	return &plan.Window{StartsAt: now.Add(-before), EndsAt: now.Add(after)}
}

// want is an ongoing code with a given PIN, changed by the edits.
func want(changes ...func(*plan.Desired)) plan.Desired {
	d := plan.Desired{DeviceID: "lock", Name: "Guest", Code: pin}
	for _, change := range changes {
		change(&d)
	}
	return d
}

func within(w *plan.Window) func(*plan.Desired) { return func(d *plan.Desired) { d.Window = w } }

func chosen(d *plan.Desired) { d.Chosen = true }

func adopting(d *plan.Desired) { d.Adopt = true }

func deleted(d *plan.Desired) { d.Deleted = true }

// remote is the code at Seam that want() asks for, with a status, changed by the edits.
func remote(status string, changes ...func(*seam.AccessCode)) *seam.AccessCode {
	code := &seam.AccessCode{
		AccessCodeID: "id", DeviceID: "lock", Name: "Guest", Code: pin, Type: seam.TypeOngoing, Status: status,
		CreatedAt: now.Add(-time.Hour), IsManaged: true,
	}
	for _, change := range changes {
		change(code)
	}
	return code
}

func over(w *plan.Window) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) {
		starts, ends := w.StartsAt, w.EndsAt
		c.Type, c.StartsAt, c.EndsAt = seam.TypeTimeBound, &starts, &ends
	}
}

func failing(errorCodes ...string) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) {
		for _, code := range errorCodes {
			c.Errors = append(c.Errors, seam.Issue{ErrorCode: code, Message: "said by Seam"})
		}
	}
}

func warned(warningCode string) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) { c.Warnings = append(c.Warnings, seam.Issue{WarningCode: warningCode}) }
}

// pending has Seam say what is pending, which may be nothing.
func pending(mutations ...string) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) {
		if c.PendingMutations == nil {
			c.PendingMutations = []seam.PendingMutation{}
		}
		for _, m := range mutations {
			c.PendingMutations = append(c.PendingMutations, seam.PendingMutation{MutationCode: m})
		}
	}
}

func called(name string) func(*seam.AccessCode) { return func(c *seam.AccessCode) { c.Name = name } }

func withPIN(code redact.Secret) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) { c.Code = code }
}

// created is a remembered code.
var created = plan.Known{ID: "id"}

func looked(times int) plan.Known { return plan.Known{ID: "id", Looks: times} }

// updated remembers updates so long ago.
func updated(ago ...time.Duration) plan.Known {
	known := plan.Known{ID: "id"}
	for _, a := range ago {
		known.Updates = append(known.Updates, now.Add(-a))
	}
	return known
}

// step is what of a plan.Step the tables compare in full.
type step struct {
	Kind   plan.Kind
	Reason string
	After  time.Duration
	Fields []string // that an update changes
}

// decision is a row: what is wanted, remembered and seen, and the step.
type decision struct {
	name  string
	want  plan.Desired
	known plan.Known
	seen  plan.Observed
	step  step
	says  string // in the message
}

func (d decision) run(t *testing.T) {
	t.Helper()
	t.Run(d.name, func(t *testing.T) {
		got := plan.Decide(d.want, d.known, d.seen, now)
		if diff := cmp.Diff(d.step, step{got.Kind, got.Reason, got.After, got.Changes.Fields()}); diff != "" {
			t.Errorf("step (-want +got):\n%s", diff)
		}
		if !strings.Contains(got.Message, d.says) {
			t.Errorf("the message lacks %q: %s", d.says, got.Message)
		}
	})
}
