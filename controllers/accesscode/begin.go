// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// maxStartRefusals is how many starts are tried in a row for one wanted state: the one at Seam, none, and some later ones.
const maxStartRefusals = 5

// learnStart fetches the device where a code starts later than wanted: the lock may take no start in the past.
func (s *scope) learnStart(ctx context.Context, remote *seam.AccessCode) error {
	window, now := windowOf(s.code), s.live.Now()
	if remote == nil || window == nil || window.Ahead(now) || window.Over(now) || remote.StartsAt == nil || !remote.StartsAt.After(now) {
		return nil
	}
	return s.learnDevice(ctx)
}

// tooLate is the result where the window ends before the next start that the lock takes; nil where it does not.
func (s *scope) tooLate(window *plan.Window) *result {
	if window == nil || window.StartsAt.Before(window.EndsAt) {
		return nil
	}
	return &result{
		reason: v1alpha1.ReasonCreating, after: window.EndsAt.Sub(s.live.Now()) + kube.Soon,
		message: "The device takes no begin in the past, and the window ends before the next one: set a later spec.schedule.endsAt",
	}
}

// startRefused says that Seam has refused a call because of its start, and that another start is to be tried.
func (s *scope) startRefused(sent *plan.Window, err error) bool {
	refusal, ok := errors.AsType[*seam.Error](err)
	if !ok || sent == nil || sent.StartsAt.After(s.live.Now().Add(startSurelyAhead)) || !aboutStart(refusal) {
		return false
	}
	return s.history.startRefusals(s.want()) < maxStartRefusals
}

// startSurelyAhead is how far ahead a start must be to be certainly not refused for being past.
const startSurelyAhead = 10 * time.Minute

// aboutStart says that a refusal is about the start: by the field that Seam names or, where it names none, by its message.
func aboutStart(refusal *seam.Error) bool {
	if refusal.Kind != seam.InvalidInput && refusal.Kind != seam.Refused {
		return false
	}
	named := false
	for _, field := range refusal.Validation {
		if field.Field == "starts_at" {
			return true
		}
		named = named || field.Field != ""
	}
	if named {
		return false
	}
	words := strings.ToLower(refusal.Type + " " + refusal.Message)
	return slices.ContainsFunc([]string{"starts_at", "start_date", "start time", "start date"}, func(word string) bool {
		return strings.Contains(words, word)
	})
}
