// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// The states of action_attempt.status.
const (
	attemptPending = "pending"
	attemptSuccess = "success"
	attemptError   = "error"
)

// The kinds of action attempt that access codes have.
const (
	attemptCreate = "CREATE_ACCESS_CODE"
	attemptUpdate = "UPDATE_ACCESS_CODE"
	attemptDelete = "DELETE_ACCESS_CODE"
)

// attempt is the action_attempt beside an accepted change. The official clients never
// wait for those of access codes.
type attempt struct {
	id       string
	sequence int64
	kind     string
	code     *accessCode // may be gone from the world
	status   string
	problem  Issue // why, for status error
}

// attemptLog keeps the newest attempts in the order of their creation.
type attemptLog struct {
	limit int
	list  []*attempt
	byID  map[string]*attempt
}

// add forgets in blocks of a quarter, so that keeping the bound costs little each time.
func (l *attemptLog) add(a *attempt) {
	if len(l.list) >= l.limit+l.limit/4 {
		old := len(l.list) - l.limit
		for _, forgotten := range l.list[:old] {
			delete(l.byID, forgotten.id)
		}
		l.list = slices.Clone(l.list[old:])
	}
	l.list = append(l.list, a)
	l.byID[a.id] = a
}

// attempt starts an action attempt for a change that has just been accepted.
func (w *world) attempt(c *accessCode, kind string) map[string]any {
	a := &attempt{id: uuid.NewString(), sequence: w.next(), kind: kind, code: c, status: attemptPending}
	w.attempts.add(a)
	c.attempts = append(c.attempts, a)
	return a.wire(w)
}

// conclude ends the attempts of a code whose state shows their outcome. An attempt that has ended keeps its outcome, even if
// the service keeps trying after an error.
func (w *world) conclude(c *accessCode) {
	gone := w.codes[c.id] == nil
	c.attempts = slices.DeleteFunc(c.attempts, func(a *attempt) bool {
		a.status, a.problem = c.outcome(a.kind, gone)
		return a.status != attemptPending
	})
}

// outcome is the state of an attempt. A code that waits for its window counts as a success: nothing is left to do now.
func (c *accessCode) outcome(kind string, gone bool) (string, Issue) {
	for _, e := range c.ownErrors() {
		if c.blocks(e.ErrorCode) && !gone {
			return attemptError, e
		}
	}
	switch {
	case kind == attemptDelete && gone, kind != attemptDelete && !gone && c.op == opNone:
		return attemptSuccess, Issue{}
	case gone:
		return attemptError, Issue{ErrorCode: "access_code_deleted", Message: "The access code was deleted before the change reached the device."}
	}
	return attemptPending, Issue{}
}

// wire makes the `action_attempt` object.
func (a *attempt) wire(w *world) map[string]any {
	object := map[string]any{
		"action_attempt_id": a.id, "action_type": a.kind, "status": a.status, "result": nil, "error": nil,
	}
	switch {
	case a.status == attemptError:
		object["error"] = map[string]any{"type": a.problem.ErrorCode, "message": a.problem.Message}
	case a.status == attemptSuccess && a.kind == attemptDelete:
		object["result"] = map[string]any{}
	case a.status == attemptSuccess:
		// The object as it is now, PIN included, or as it was when it vanished.
		object["result"] = map[string]any{"access_code": w.answer(a.code)}
	}
	return object
}

func attemptRoutes() []route {
	list := endpoint("/action_attempts/list", reads(), parseAttemptList, listAttempts)
	list.noSessions = true
	parse := func(in *input) string { return in.requiredID("action_attempt_id") }
	return []route{endpoint("/action_attempts/get", reads(), parse, getAttempt), list}
}

func getAttempt(c *call, id string) (result, *apiError) {
	a := c.world.attempts.byID[id]
	// Whose device it is decides who may ask, even after the code is gone.
	if a == nil || !c.sees(a.code.device) {
		err := fail(http.StatusNotFound, "action_attempt_not_found", "Could not find an action_attempt")
		err.data = map[string]any{"action_attempt_id": id}
		return nil, err
	}
	c.world.conclude(a.code)
	return result{"action_attempt": a.wire(c.world)}, nil
}

// attemptList is the input of /action_attempts/list.
type attemptList struct {
	ids      []string
	deviceID string
	page
}

func parseAttemptList(in *input) attemptList {
	return attemptList{ids: in.ids("action_attempt_ids"), deviceID: in.id("device_id"), page: parsePage(in)}
}

// listAttempts answers oldest first, like all lists but that of events.
func listAttempts(c *call, p attemptList) (result, *apiError) {
	found := []*attempt{}
	for _, a := range c.world.attempts.list {
		if c.sees(a.code.device) && allows(p.ids, a.id) && (p.deviceID == "" || p.deviceID == a.code.device.ID) {
			c.world.conclude(a.code)
			found = append(found, a)
		}
	}
	shown, pagination := paginate(c, p.page, 500, found, func(a *attempt) int64 { return a.sequence })
	objects := make([]map[string]any, len(shown))
	for i, a := range shown {
		objects[i] = a.wire(c.world)
	}
	return result{"action_attempts": objects, "pagination": pagination}, nil
}
