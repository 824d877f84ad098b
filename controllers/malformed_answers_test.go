// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// malformedCode is a code in which one field has another value.
func malformedCode(field, value string) string {
	fields := []string{
		`"access_code_id"`, `"8d2e0000-0000-4000-8000-00000000beef"`, `"workspace_id"`, `"` + sim.SeedWorkspaceID + `"`,
		`"device_id"`, `"` + sim.SeedNativeLockID + `"`, `"name"`, `"guest"`, `"code"`, `"` + testworld.PIN + `"`,
		`"status"`, `"set"`, `"type"`, `"ongoing"`, `"is_managed"`, `true`, `"errors"`, `[]`, `"warnings"`, `[]`, `"created_at"`, `"2026-11-23T12:00:00Z"`,
	}
	var object []string
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == field {
			fields[i+1] = value
		}
		object = append(object, fields[i]+":"+fields[i+1])
	}
	return "{" + strings.Join(object, ",") + "}"
}

// answer has an object in every place where a call may look for one.
func answer(object string) string {
	return `{"ok":true,"access_code":` + object + `,"access_codes":[` + object + `],"device":` + object + `,"devices":[` + object +
		`],"workspace":` + object + `,"generated_code":` + object + `,"backup_access_code":` + object + `}`
}

// malformedAnswers are answers with which Seam must not be able to do harm.
var malformedAnswers = map[string]struct {
	status int
	body   string
}{
	"an error page":         {200, "<html>all is well</html>"},
	"nothing":               {204, ""},
	"an empty body":         {200, ""},
	"null":                  {200, "null"},
	"nulls":                 {200, answer("null")},
	"lists":                 {200, answer("[]")},
	"a number":              {200, "5"},
	"words":                 {200, answer(`"guest"`)},
	"numbers for words":     {200, answer(malformedCode(`"status"`, "7"))},
	"a word for errors":     {200, answer(malformedCode(`"errors"`, `"none"`))},
	"a word for a flag":     {200, answer(malformedCode(`"is_managed"`, `"true"`))},
	"a word for a time":     {200, answer(malformedCode(`"created_at"`, `"yesterday"`))},
	"the id of another":     {200, answer(malformedCode("", ""))},
	"no id":                 {200, answer(malformedCode(`"access_code_id"`, `""`))},
	"an endless id":         {200, answer(malformedCode(`"access_code_id"`, `"`+strings.Repeat("a", 5000)+`"`))},
	"another device":        {200, answer(malformedCode(`"device_id"`, `"`+sim.SeedSixDigitLockID+`"`))},
	"another workspace":     {200, answer(malformedCode(`"workspace_id"`, `"5eed0000-0000-4000-8000-0000000000ff"`))},
	"an endless workspace":  {200, answer(malformedCode(`"workspace_id"`, `"`+strings.Repeat("w", 5000)+`"`))},
	"deep":                  {200, strings.Repeat(`{"access_code":`, 50_000)},
	"deep and closed":       {200, answer(strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000))},
	"everything twice":      {200, `{"ok":true,"access_code":` + malformedCode("", "") + `,"access_code":{"access_code_id":"b"},"access_codes":[],"access_codes":null}`},
	"a success that failed": {200, `{"ok":false,"error":{"type":"internal","message":"` + testworld.PIN + `"}}`},
	"much":                  {200, `{"ok":true,"padding":"` + strings.Repeat("x", 10<<20) + `"}`},
}

// meddle gives a malformed answer to the next calls of a path. arrive says whether Seam gets them all the same.
func (w *world) meddle(path string, times int, arrive bool, status int, body string) (left *int) {
	inner := w.Seam
	left = &times
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path || times <= 0 {
			inner.ServeHTTP(rw, r)
			return
		}
		times--
		if arrive {
			inner.ServeHTTP(httptest.NewRecorder(), r)
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	})
	return left
}

// TestMalformedAnswersOfSeam: whatever a call is answered, and whether it has arrived or not, no PIN gets out and no code of
// somebody else is touched. Once Seam answers well again there is one code on the lock, and none once the AccessCode is gone.
func TestMalformedAnswersOfSeam(t *testing.T) {
	for _, path := range []string{
		"/access_codes/create", "/access_codes/get", "/access_codes/list", "/access_codes/update", "/access_codes/delete",
		"/access_codes/generate_code", "/devices/get", "/workspaces/get",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			for name, n := range malformedAnswers {
				for _, arrive := range []bool{false, true} {
					// Whether a question has arrived makes no difference, and much is much wherever it comes from.
					if beyond(path, name, arrive) || arrive && !changes(path) || name == "much" && path != "/access_codes/get" {
						continue
					}
					t.Run(name, func(t *testing.T) { meetMalformed(t, path, arrive, n.status, n.body) })
				}
			}
		})
	}
}

// beyond says that a malformed answer can't be recognised: an answer to a create that is right in all but the id. The code is
// created again, which the lock refuses, and a person has to look.
func beyond(path, name string, arrive bool) bool {
	return path == "/access_codes/create" && (name == "everything twice" || name == "the id of another" && arrive)
}

func changes(path string) bool {
	return path == "/access_codes/create" || path == "/access_codes/update" || path == "/access_codes/delete"
}

func meetMalformed(t *testing.T, path string, arrive bool, status int, body string) {
	w := newWorld(t)
	const times = 2 // a change that Seam accepts three times to no effect is left alone for an hour
	w.Connected()
	foreign := w.Foreign(sim.SeedNativeLockID, "cleaner", "135791")
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		if path == "/access_codes/generate_code" {
			c.Spec.Code = ""
		}
	})
	if path == "/access_codes/list" {
		w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 503}) // so that it is looked for
	}
	left := w.meddle(path, times, arrive, status, body)
	w.reconcilesThrough("guest", times)
	for range times + 1 { // some calls are made every ten minutes
		w.Step(kube.SlowLook + time.Minute)
		w.Settle("guest")
	}
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest 7" })
	w.reconcilesThrough("guest", times)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if codes := w.Lives(sim.SeedNativeLockID); len(codes) != 2 {
		t.Errorf("%d codes on the lock, want ours and the other: %+v", len(codes), codes)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.reconcilesThrough("guest", times)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("the AccessCode does not go: %+v", w.Get("guest").Status)
	}
	if code := w.Live(sim.SeedNativeLockID); code.AccessCodeID != foreign || *code.Code != "135791" {
		t.Errorf("on the lock: %+v", code)
	}
	w.Recorded()
	if *left == times {
		t.Error("nobody asked")
	}
}

// reconcilesThrough reconciles an AccessCode several times, whatever the result, and checks its status each time.
func (w *world) reconcilesThrough(name string, times int) {
	w.T.Helper()
	for range times {
		result, err := w.Reconcile(name)
		if result.RequeueAfter < 0 || result.RequeueAfter > 24*time.Hour {
			w.T.Errorf("next look in %s", result.RequeueAfter)
		}
		if err != nil && strings.Contains(err.Error(), testworld.PIN) {
			w.T.Errorf("the error quotes the PIN: %v", err)
		}
		w.Step(max(min(result.RequeueAfter, time.Minute), time.Second))
		var code v1alpha1.AccessCode
		if !w.Exists(&code, name) {
			return
		}
		w.checkStatus(&code)
	}
}

// checkStatus checks that a status keeps the bounds of the CRD and contains no PIN.
func (w *world) checkStatus(code *v1alpha1.AccessCode) {
	w.T.Helper()
	status := code.Status
	for text, limit := range map[string]int{status.AccessCodeID: 128, status.WorkspaceID: 128, status.State: 64, status.Type: 64} {
		if len([]rune(text)) > limit {
			w.T.Errorf("%.20s… is %d characters long", text, len([]rune(text)))
		}
	}
	if len(status.Errors) > 16 || len(status.Warnings) > 16 {
		w.T.Errorf("%d errors, %d warnings", len(status.Errors), len(status.Warnings))
	}
	for _, condition := range status.Conditions {
		if len([]rune(condition.Message)) > 300 || strings.Contains(condition.Message, testworld.PIN) {
			w.T.Errorf("message %q", condition.Message)
		}
	}
}
