// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"errors"
	"fmt"
	"net/http"
)

// IssueOrder puts an error or a warning on a code, for what the simulator does not cause by itself. It stays, whatever else
// happens to the code, until EndIssue.
type IssueOrder struct {
	ErrorCode   string `json:"error_code"` // exactly one of the two
	WarningCode string `json:"warning_code"`
	Message     string `json:"message"`
	// Scope is what an error is about, one of the constants Scope*. When empty, it is what the newest types of the API say
	// about the error code, or the access code where they do not have it.
	Scope string `json:"scope"`
	// Of duplicate_code_on_device.
	ManagedAccessCodeID   string `json:"managed_access_code_id"`
	UnmanagedAccessCodeID string `json:"unmanaged_access_code_id"`
	// ChangeType is modified or removed, for a modification from outside.
	ChangeType string `json:"change_type"`
	// Quiet omits the event that the service has for the error code, if any.
	Quiet bool `json:"quiet"`
}

// What an error can be about.
const (
	ScopeAccessCode       = "access_code"
	ScopeDevice           = "device"
	ScopeConnectedAccount = "connected_account"
	ScopeBridge           = "bridge"
)

// errorScopes has the error codes of the newest types that are not of the access code itself.
func errorScopes() map[string]string {
	return map[string]string{
		"account_disconnected": ScopeConnectedAccount, "dormakaba_sites_disconnected": ScopeConnectedAccount,
		"insufficient_permissions": ScopeConnectedAccount, "salto_ks_subscription_limit_exceeded": ScopeConnectedAccount,
		"bridge_disconnected":        ScopeBridge,
		"august_lock_not_authorized": ScopeDevice, "auxiliary_heat_running": ScopeDevice, "device_disconnected": ScopeDevice,
		"device_offline": ScopeDevice, "device_removed": ScopeDevice, "empty_backup_access_code_pool": ScopeDevice,
		"hub_disconnected": ScopeDevice, "missing_device_credentials": ScopeDevice, "subscription_required": ScopeDevice,
	}
}

func (o IssueOrder) check() error {
	switch {
	case (o.ErrorCode == "") == (o.WarningCode == ""):
		return errors.New("exactly one of error_code and warning_code must be given")
	case o.WarningCode != "" && o.Scope != "":
		return errors.New("warnings have no scope")
	}
	switch o.Scope {
	case "", ScopeAccessCode, ScopeDevice, ScopeConnectedAccount, ScopeBridge:
		return nil
	}
	return fmt.Errorf("scope %q is none of access_code, device, connected_account and bridge", o.Scope)
}

// issue makes what the API shows of an order.
func (w *world) issue(o IssueOrder) Issue {
	issue := Issue{
		ErrorCode: o.ErrorCode, WarningCode: o.WarningCode, Message: o.Message, CreatedAt: stamp(w.now),
		ManagedAccessCodeID: o.ManagedAccessCodeID, UnmanagedAccessCodeID: o.UnmanagedAccessCodeID, ChangeType: o.ChangeType,
	}
	if issue.Message == "" {
		issue.Message = "Something is wrong with the access code."
	}
	if o.ErrorCode == "" {
		return issue
	}
	scope := o.Scope
	if scope == "" {
		scope = errorScopes()[o.ErrorCode]
	}
	switch scope {
	case ScopeDevice:
		issue.IsDeviceError = new(true)
	case ScopeConnectedAccount:
		issue.IsConnectedAccountError, issue.IsDeviceError = new(true), new(false)
	case ScopeBridge:
		issue.IsBridgeError, issue.IsConnectedAccountError = new(true), new(true)
	default:
		issue.IsAccessCodeError = new(true)
	}
	return issue
}

// AddIssue puts an error or a warning on a code; one with the same error code is replaced. An error that blocks the operation
// under way halts it. On a code without an operation, it changes nothing but what is shown.
func (s *Server) AddIssue(codeID string, order IssueOrder) error {
	if err := order.check(); err != nil {
		return err
	}
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		issue := w.issue(order)
		c.ordered = append(without(c.ordered, order.ErrorCode+order.WarningCode), issue) // one of the two is empty
		if event := c.eventOf(issue); event != "" && c.managed && !order.Quiet {
			w.emit(c, event, c.issueFields())
		}
		return nil
	})
}

// EndIssue removes an error or a warning from a code, whatever caused it. An operation that it halted starts again.
func (s *Server) EndIssue(codeID, issueCode string) error {
	return s.changeCode(codeID, func(w *world, c *accessCode) error {
		if !hasIssue(c.ownErrors(), issueCode) && !hasIssue(c.ownWarnings(), issueCode) {
			return fmt.Errorf("issue %q: %w", issueCode, ErrNotFound)
		}
		halted := c.blocked()
		c.ordered, c.errors, c.warnings = without(c.ordered, issueCode), without(c.errors, issueCode), without(c.warnings, issueCode)
		if halted && c.op != opNone {
			w.restart(c)
		}
		return nil
	})
}

// eventOf is the event that tells of an issue; most have none.
func (c *accessCode) eventOf(issue Issue) string {
	switch {
	case issue.WarningCode == warnDelaySetting:
		return eventDelaySetting
	case issue.WarningCode == warnDelayRemoving:
		return eventDelayRemoving
	case issue.ErrorCode == errFailedToRemove, issue.ErrorCode == errStillActive:
		return eventFailedRemoving
	case issue.ErrorCode == errFailedToSet, issue.ErrorCode == errFailedToIssue, issue.ErrorCode == errFailedToUpdate:
		return eventFailedSetting
	}
	return ""
}

// ownErrors are those of the code, without its device's.
func (c *accessCode) ownErrors() []Issue {
	list := append([]Issue{}, c.errors...)
	for _, issue := range c.ordered {
		if issue.ErrorCode != "" {
			list = append(without(list, issue.ErrorCode), issue)
		}
	}
	return list
}

func (c *accessCode) ownWarnings() []Issue {
	list := append([]Issue{}, c.warnings...)
	for _, issue := range c.ordered {
		if issue.WarningCode != "" {
			list = append(without(list, issue.WarningCode), issue)
		}
	}
	return list
}

// shownErrors returns the device's errors and then the code's own. Of two with the same error code, that of an IssueOrder
// counts.
func (c *accessCode) shownErrors() []Issue {
	own := c.ownErrors()
	list := c.shownDeviceErrors()
	for _, issue := range own {
		list = without(list, issue.ErrorCode)
	}
	return append(list, own...)
}

func (c *accessCode) shownWarnings() []Issue { return c.ownWarnings() }

// SetOmitStatus leaves the deprecated `status` out of the codes that the API shows, or lets
// it be seen again, from now on.
func (s *Server) SetOmitStatus(omit bool) {
	s.do(func(w *world) { w.opts.OmitStatus = omit })
}

// controlIssues are the endpoints for what the service says of codes.
func (s *Server) controlIssues(add func(string, func(*http.Request) (any, error))) {
	add("PATCH /_sim/options", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			OmitStatus *bool `json:"omit_status"`
		}{})
		if err != nil {
			return nil, err
		}
		if p.OmitStatus != nil {
			s.SetOmitStatus(*p.OmitStatus)
		}
		return nil, nil
	})
	add("POST /_sim/codes/{id}/issues", func(r *http.Request) (any, error) {
		p, err := decode(r, IssueOrder{})
		if err != nil {
			return nil, err
		}
		return nil, s.AddIssue(r.PathValue("id"), p)
	})
	add("DELETE /_sim/codes/{id}/issues/{code}", func(r *http.Request) (any, error) {
		return nil, s.EndIssue(r.PathValue("id"), r.PathValue("code"))
	})
}
