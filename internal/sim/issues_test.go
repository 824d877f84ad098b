// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// putIssue puts an issue on a code by the control endpoint.
func (a *api) putIssue(id any, issue object) {
	a.t.Helper()
	if got := a.post("/_sim/codes/"+str(id)+"/issues", issue); got.status != http.StatusOK {
		a.t.Fatalf("got %d %s", got.status, got.raw)
	}
}

func (a *api) endIssue(id any, code string) {
	a.t.Helper()
	if got := a.do(http.MethodDelete, "/_sim/codes/"+str(id)+"/issues/"+code, nil); got.status != http.StatusOK {
		a.t.Fatalf("got %d %s", got.status, got.raw)
	}
}

// TestOrderedErrorsSayWhatTheyAreAbout: the flags are those of the types of the API.
func TestOrderedErrorsSayWhatTheyAreAbout(t *testing.T) {
	access := object{"is_access_code_error": true}
	device := object{"is_device_error": true}
	account := object{"is_connected_account_error": true, "is_device_error": false}
	bridge := object{"is_bridge_error": true, "is_connected_account_error": true}
	for code, want := range map[string]object{
		"access_code_inactive": access, "code_constraints_violated": access, "failed_to_issue": access, "failed_to_update": access,
		"failed_to_remove": access, "provider_issue": access, "a_word_of_tomorrow": access,
		"subscription_required": device, "hub_disconnected": device, "device_removed": device, "missing_device_credentials": device,
		"insufficient_permissions": account, "account_disconnected": account, "salto_ks_subscription_limit_exceeded": account,
		"bridge_disconnected": bridge,
	} {
		t.Run(code, func(t *testing.T) {
			a := newAPI(t)
			id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
			a.pass(setDelay)
			if err := a.sim.AddIssue(str(id), sim.IssueOrder{ErrorCode: code, Message: "Why."}); err != nil {
				t.Fatal(err)
			}
			state, err := a.sim.Code(str(id))
			if err != nil || len(state.AccessCode.Errors) != 1 {
				t.Fatalf("got %+v, error %v", state.AccessCode.Errors, err)
			}
			issue := state.AccessCode.Errors[0]
			got := object{}
			for name, flag := range map[string]*bool{
				"is_access_code_error": issue.IsAccessCodeError, "is_device_error": issue.IsDeviceError,
				"is_connected_account_error": issue.IsConnectedAccountError, "is_bridge_error": issue.IsBridgeError,
			} {
				if flag != nil {
					got[name] = *flag
				}
			}
			a.equal("flags", got, want)
			a.equal("status", state.AccessCode.Status, "set")
			if err := a.sim.EndIssue(str(id), code); err != nil {
				t.Fatal(err)
			}
			a.equal("after its end", a.code(id)["errors"], any([]any{}))
		})
	}
}

// TestOrderedErrorHaltsWhatIsUnderWay: a code that is being set stays so, one that is being
// removed opens until the error ends.
func TestOrderedErrorHaltsWhatIsUnderWay(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, frame(0, 2*time.Hour))["access_code_id"]
	a.putIssue(id, object{"error_code": "failed_to_set_on_device", "message": "Jammed."})
	a.putIssue(id, object{"warning_code": "delay_in_issuing"})
	a.pass(time.Hour)
	a.equal("status", a.code(id)["status"], any("setting"))
	a.equal("warnings", each(a.code(id)["warnings"], "warning_code"), []any{"delay_in_setting_on_device", "delay_in_issuing"})
	a.endIssue(id, "failed_to_set_on_device")
	a.endIssue(id, "delay_in_issuing")
	a.pass(setDelay)
	a.equal("status", a.code(id)["status"], any("set"))
	a.equal("warnings", a.code(id)["warnings"], any([]any{}))

	a.putIssue(id, object{"error_code": "failed_to_remove_from_device"})
	a.equal("nothing is being removed", a.code(id)["status"], any("set"))
	a.pass(2 * time.Hour)
	a.equal("status", a.code(id)["status"], any("removing"))
	a.equal("errors", each(a.code(id)["errors"], "error_code"), []any{"failed_to_remove_from_device"})
	a.endIssue(id, "failed_to_remove_from_device")
	a.pass(removeDelay)
	a.equal("gone", a.gone(id), true)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.failed_to_set_on_device", "access_code.delay_in_setting_on_device",
		"access_code.set_on_device", "access_code.failed_to_remove_from_device", "access_code.delay_in_removing_from_device",
		"access_code.removed_from_device", "access_code.deleted",
	})
}

// TestViolatedConstraintsEndWithTheNextPIN: nothing else makes the service try again.
func TestViolatedConstraintsEndWithTheNextPIN(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1111"})["access_code_id"]
	if err := a.sim.AddIssue(str(id), sim.IssueOrder{ErrorCode: "code_constraints_violated"}); err != nil {
		t.Fatal(err)
	}
	a.sim.Advance(time.Hour)
	state := func() sim.AccessCode {
		t.Helper()
		got, err := a.sim.Code(str(id))
		if err != nil {
			t.Fatal(err)
		}
		return got.AccessCode
	}
	a.equal("status", state().Status, "setting")
	a.ok("/access_codes/update", object{"access_code_id": id, "code": "2583"})
	a.equal("errors", len(state().Errors), 0)
	a.pass(time.Hour)
	a.equal("status", state().Status, "set")
}

func TestIssueOrdersAreChecked(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	for name, order := range map[string]sim.IssueOrder{
		"neither":         {},
		"both":            {ErrorCode: "a", WarningCode: "b"},
		"scope":           {ErrorCode: "a", Scope: "lock"},
		"scope of a hint": {WarningCode: "a", Scope: sim.ScopeDevice},
	} {
		t.Run(name, func(t *testing.T) {
			if err := a.sim.AddIssue(id, order); err == nil {
				t.Error("got no error")
			}
		})
	}
	if err := a.sim.AddIssue(unknownID, sim.IssueOrder{ErrorCode: "a"}); !errors.Is(err, sim.ErrNotFound) {
		t.Errorf("got error %v", err)
	}
	if err := a.sim.EndIssue(id, "a"); !errors.Is(err, sim.ErrNotFound) {
		t.Errorf("got error %v", err)
	}
}

// TestStatusCanBeLeftOut: the API shows codes without it, the control side still tells.
func TestStatusCanBeLeftOut(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.OmitStatus = true })
	created := a.ok("/access_codes/create", with(frame(0, time.Hour), "device_id", sim.SeedNativeLockID, "use_backup_access_code_pool", true))
	id := obj(created["access_code"])["access_code_id"]
	a.pass(setDelay)
	attempt := a.ok("/action_attempts/get", object{"action_attempt_id": obj(created["action_attempt"])["action_attempt_id"]})
	pulled := a.ok("/access_codes/pull_backup_access_code", object{"access_code_id": id})
	listed := a.ok("/access_codes/list", object{"device_id": sim.SeedNativeLockID})
	for what, code := range map[string]any{
		"create": created["access_code"], "get": a.code(id),
		"list":    list(listed["access_codes"])[0],
		"attempt": obj(obj(obj(attempt["action_attempt"])["result"]))["access_code"],
		"backup":  pulled["backup_access_code"], "primary": pulled["access_code"],
		"unmanaged": a.unmanaged(sim.SeedUnmanagedCodeID),
	} {
		if status, has := obj(code)["status"]; has {
			t.Errorf("%s: got status %v", what, status)
		}
		if str(obj(code)["display_status"]) == "" {
			t.Errorf("%s: got no display_status", what)
		}
	}
	a.equal("control", a.sim.Codes(sim.SeedNativeLockID)[0].Status, "set")
	if got := a.do(http.MethodPatch, "/_sim/options", object{"omit_status": false}); got.status != http.StatusOK {
		t.Fatalf("got %d %s", got.status, got.raw)
	}
	a.equal("from now on", a.code(id)["status"], any("set"))
	a.equal("display_status", a.code(id)["display_status"], any("Active"))
}
