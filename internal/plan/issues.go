// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Errors of Seam's that end when another code leaves the lock.
const (
	ErrorDuplicate = "duplicate_code_on_device"
	ErrorNoSpace   = "no_space_for_access_code_on_device"
)

// opens is what an error says about whether the PIN opens the lock in its window.
type opens int

const (
	// opensUnsaid: the error does not say. What decides is whether the code has arrived at the lock.
	opensUnsaid opens = iota
	// opensNot: it does not open, or nobody can tell.
	opensNot
	// opensAnyway: it opens; the error is about something else.
	opensAnyway
)

// meaning is what an error of Seam's means for the code that carries it.
type meaning struct {
	opens opens
	// retried says that Seam keeps trying by itself.
	retried bool
	// person says that somebody has to act before it works, or, where Seam also retries, may have to.
	person bool
	// reason is the reason of the Ready condition while the error keeps the code off the lock.
	reason string
	// text says what is the matter, and what to do.
	text string
}

// meaningOf returns what an error means. The error codes are those of Seam's newest types (npm @seamapi/http 2.32.0) and their
// former names. Of an unknown one, it is only known that it is an error.
func meaningOf(issue seam.Issue) meaning {
	for _, about := range []func(string) (meaning, bool){aboutCode, aboutAccess, aboutConnection} {
		if m, ok := about(issue.ErrorCode); ok {
			return m
		}
	}
	return meaning{reason: v1alpha1.ReasonDeviceError, text: "The code is not on the lock; Seam reports an error" + scopeOf(issue)}
}

// scopeOf tells a person what an unknown error is about.
func scopeOf(issue seam.Issue) string {
	switch issue.Scope() {
	case seam.ScopeDevice:
		return " of the lock"
	case seam.ScopeConnectedAccount:
		return " of the lock's account"
	case seam.ScopeBridge:
		return " of the lock's bridge"
	}
	return ""
}

// aboutCode returns the meaning of an error of the code itself.
func aboutCode(code string) (meaning, bool) {
	retried := func(text string) (meaning, bool) {
		return meaning{opens: opensNot, retried: true, reason: v1alpha1.ReasonDeviceError, text: text}, true
	}
	switch code {
	case "failed_to_set_on_device":
		return retried("The code is not on the lock; Seam keeps trying")
	case "failed_to_issue":
		return retried("The code was not on the lock when its window began; Seam keeps trying")
	case "failed_to_update":
		return retried("The lock still has the code as it was before the last change; Seam keeps trying")
	case "failed_to_remove", "failed_to_remove_from_device":
		return retried("Seam could not take the code off the lock and keeps trying")
	case errorModified, warningModifiedBefore:
		return retried("The code was changed or removed at the lock; Seam sets it again")
	case ErrorNoSpace:
		return meaning{
			opens: opensNot, retried: true, person: true, reason: v1alpha1.ReasonDeviceError,
			text: "The lock has no place for another code: take one off it; Seam then sets this one by itself",
		}, true
	case "access_code_inactive":
		return meaning{
			opens: opensNot, person: true, reason: v1alpha1.ReasonNotConverging,
			text: "The code is on the lock but disabled there, and opens nothing: enable it in the app of the lock's maker",
		}, true
	case ErrorConstraints:
		return meaning{
			opens: opensNot, person: true, reason: v1alpha1.ReasonInvalidSpec,
			text: "The lock does not take this PIN, and Seam does not try it again: choose another PIN",
		}, true
	case ErrorDuplicate:
		return meaning{
			opens: opensNot, person: true, reason: v1alpha1.ReasonCodeConflict,
			text: "The lock has another code with this PIN that Seam does not manage: remove that code, or choose another PIN",
		}, true
	case "provider_issue":
		return meaning{reason: v1alpha1.ReasonDeviceError, text: "The code is not on the lock; its provider reports a problem, see status.errors"}, true
	}
	return meaning{}, false
}

// aboutAccess returns the meaning of an error that ends when somebody does something about the lock, or about what Seam may do
// with it.
func aboutAccess(code string) (meaning, bool) {
	person := func(text string) (meaning, bool) {
		return meaning{person: true, reason: v1alpha1.ReasonNotConverging, text: text}, true
	}
	switch code {
	case "subscription_required":
		return person("Seam can't reach the lock without a subscription: buy it from the provider, or from Seam")
	case "insufficient_permissions":
		return person("The account that Seam uses may not manage this lock: connect it again in Seam, or give it the permissions at the provider")
	case "august_lock_not_authorized":
		return person("The account that Seam uses may not use this lock: invite it as an owner in the August app")
	case "missing_device_credentials":
		return person("Seam lacks the credentials of this lock: enter them in Seam")
	case "salto_ks_subscription_limit_exceeded":
		return person("The Salto site has as many users as its subscription allows: remove users, or extend it")
	case "device_removed":
		return meaning{
			opens: opensNot, person: true, reason: v1alpha1.ReasonDeviceNotFound,
			text: "The lock was removed from its account: connect it to Seam again, or delete this AccessCode",
		}, true
	case "empty_backup_access_code_pool", "auxiliary_heat_running":
		return meaning{opens: opensAnyway, retried: true}, true
	}
	return meaning{}, false
}

// aboutConnection returns the meaning of an error with the word offline or disconnected. These stand in the error codes for
// devices, hubs, bridges and accounts alike, so that new ones are understood, too.
func aboutConnection(code string) (meaning, bool) {
	if !strings.Contains(code, "offline") && !strings.Contains(code, "disconnected") {
		return meaning{}, false
	}
	m := meaning{retried: true, reason: v1alpha1.ReasonDeviceUnreachable, text: "The lock, its hub or its account is not connected"}
	if code == "account_disconnected" {
		m.opens, m.person = opensNot, true // nobody can tell what is on the lock
	}
	return m, true
}

// trouble is an error that keeps a code from being on the lock as it is wanted.
type trouble struct {
	meaning
	code string
}

// troubleOf returns the error that says most about why a code is not on the lock; false where no error keeps it off. arrived
// says that Seam has nothing left to do for the code.
func troubleOf(remote *seam.AccessCode, arrived bool) (trouble, bool) {
	var worst trouble
	found := false
	for _, issue := range remote.Errors {
		t := trouble{meaningOf(issue), issue.ErrorCode}
		if t.opens == opensAnyway || t.opens == opensUnsaid && arrived {
			continue
		}
		if !found || cmp.Or(cmp.Compare(t.rank(), worst.rank()), cmp.Compare(t.code, worst.code)) < 0 {
			worst, found = t, true
		}
	}
	return worst, found
}

// rank sorts errors by how much they say, the most first: what a person must do, then that the lock is not connected, as other
// errors may then be out of date.
func (t trouble) rank() int {
	switch {
	case t.person && !t.retried && t.code != ErrorDuplicate:
		return 0
	case t.reason == v1alpha1.ReasonDeviceUnreachable:
		return 1
	case t.code == ErrorDuplicate:
		return 2
	case t.opens == opensNot:
		return 3
	}
	return 4
}

// step returns the step for a code with this error.
func (t trouble) step(want Desired, known Known, remote *seam.AccessCode) Step {
	step := Step{Kind: Wait, Reason: t.reason, After: errorPollAfter(known.Looks), Message: t.text + errorCodes(troubling(remote.Errors))}
	switch {
	case t.person && !t.retried:
		step.Kind, step.After = GiveUp, 0
	case t.code == ErrorNoSpace && want.MaxCodes > 0:
		step.Message = fmt.Sprintf("The lock takes %d codes and has no place for another: take one off it; Seam then sets this one by itself%s",
			want.MaxCodes, errorCodes(troubling(remote.Errors)))
	}
	return step
}

// troubling returns the errors without those that are about something else.
func troubling(issues []seam.Issue) []seam.Issue {
	return slices.DeleteFunc(slices.Clone(issues), func(i seam.Issue) bool { return meaningOf(i).opens == opensAnyway })
}

// HasNoSpace says that the lock has no place for the code.
func HasNoSpace(code *seam.AccessCode) bool { return hasError(code, ErrorNoSpace) }
