// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

// maxStartRefusals is how many starts are tried in a row for one wanted state: the one at Seam, none, and some later ones.
const maxStartRefusals = 5

// startSurelyAhead is how far ahead a start must be to be certainly not refused for being past.
const startSurelyAhead = 10 * time.Minute

// tooLate is the result where the window ends before the next start that the lock takes; false where it does not.
func tooLate(s snapshot, window *plan.Window) (result, bool) {
	if window == nil || window.StartsAt.Before(window.EndsAt) {
		return result{}, false
	}
	return result{
		reason: v1alpha1.ReasonCreating, after: window.EndsAt.Sub(s.session.Now()) + kube.Soon,
		message: "The device takes no begin in the past, and the window ends before the next one: set a later spec.schedule.endsAt",
	}, true
}

// startRefused says that Seam has refused a call because of its start, and that another start is to be tried.
func startRefused(s snapshot, sent *plan.Window, err error) bool {
	if sent == nil || sent.StartsAt.After(s.session.Now().Add(startSurelyAhead)) || !plan.RefusesStart(err) {
		return false
	}
	return s.history.startRefusals(s.desired) < maxStartRefusals
}

// startRefusedResult is the result of a call that Seam has refused because of its start: another is sent at once.
func (s snapshot) startRefusedResult() result {
	return result{quiet: true, after: kube.Soon, happened: happened{want: s.desired, startRefused: true}}
}
