// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestNameThatIsTrimmed: a block scalar's newline, or a blank at the end, is no difference that an update could mend.
func TestNameThatIsTrimmed(t *testing.T) {
	for displayName, want := range map[string]string{
		"Guest 1204 ": "Guest 1204", "Guest 1204\n": "Guest 1204", "  Guest\t1204": "Guest 1204", "Guest  1204": "Guest 1204",
		"Guest\n1204\n": "Guest 1204", "\ufeffGuest 1204": "Guest 1204", "\u00a0Guest 1204\u2003": "Guest 1204",
	} {
		for _, at := range []string{want, displayName} { // as Seam has it
			w := newWorld(t)
			w.Connected()
			w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = displayName })
			w.Settle("guest")
			if got := *w.Live(sim.SeedNativeLockID).Name; got != want {
				t.Errorf("%q is %q at Seam", displayName, got)
			}
			w.showsName(want, at)
			updates := w.Calls("/access_codes/update")
			w.Step(time.Hour)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.Calls("/access_codes/update"); n != updates {
				t.Errorf("%q: %d updates", displayName, n-updates)
			}
			w.statusLost("guest")
			w.Restart()
			w.Settle("guest")
			w.Live(sim.SeedNativeLockID)
		}
	}
}

// showsName has Seam show a name in another way from now on.
func (w *world) showsName(name, as string) {
	inner := w.Seam
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		maps.Copy(rw.Header(), answer.Header())
		rw.Header().Del("Content-Length")
		rw.WriteHeader(answer.Code)
		before, _ := json.Marshal(name)
		after, _ := json.Marshal(as)
		body := strings.ReplaceAll(answer.Body.String(), `"name":`+string(before), `"name":`+string(after))
		_, _ = rw.Write([]byte(body))
	})
}

// TestNameThatTheLockDoesNotTake: where none is given, it is the object's, and the remedy is to give one.
func TestNameThatTheLockDoesNotTake(t *testing.T) {
	for given, parts := range map[string][]string{
		"": {"name of this AccessCode", "set spec.displayName"}, "   ": {"name of this AccessCode", "set spec.displayName"},
		"The guest of flat 1204": {"spec.displayName has 22", "shorten it"},
	} {
		w := newWorld(t)
		w.Connected()
		w.Code("booking-7315-front-door", func(c *v1alpha1.AccessCode) {
			c.Spec.DeviceID, c.Spec.DisplayName = sim.SeedSixDigitLockID, given
		})
		w.Settle("booking-7315-front-door")
		w.Expect("booking-7315-front-door", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
		for _, part := range parts {
			if said := w.message("booking-7315-front-door"); !strings.Contains(said, part) {
				t.Errorf("displayName %q: %s", given, said)
			}
		}
	}
}
