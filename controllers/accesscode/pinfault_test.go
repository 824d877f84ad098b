// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/contract"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestPINAsPeopleStoreIt: white space around it is fine, also what Windows adds; of anything else the likely cause is named,
// and nothing of the value is shown.
func TestPINAsPeopleStoreIt(t *testing.T) {
	for _, stored := range []string{testworld.PIN, testworld.PIN + "\n", testworld.PIN + "\r\n", " " + testworld.PIN + "\n\n", "\t" + testworld.PIN + "\t"} {
		w := newWorld(t)
		w.Connected()
		w.SetSecret("guest-pin", "pin", stored)
		w.Code("guest", testworld.FromSecret)
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		if *w.Live(sim.SeedNativeLockID).Code != testworld.PIN {
			t.Errorf("%q: another PIN on the lock", stored)
		}
	}
}

func TestPINThatIsNone(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(testworld.PIN))
	tests := map[string]struct{ stored, says string }{
		"with a byte order mark":     {"\ufeff" + testworld.PIN + "\r\n", "byte order mark"},
		"in UTF-16":                  {"\xff\xfe4\x008\x002\x009\x001\x003\x00", "UTF-16"},
		"encoded twice":              {encoded, "base64"},
		"encoded twice with newline": {base64.StdEncoding.EncodeToString([]byte(testworld.PIN+"\n")) + "\n", "base64"},
		"in quotes":                  {`"` + testworld.PIN + `"`, "quotes"},
		"in single quotes":           {"'" + testworld.PIN + "'\n", "quotes"},
		"in curly quotes":            {"\u201c" + testworld.PIN + "\u201d", "quotes"},
		"with a blank":               {"482 913", "between them"},
		"with dashes":                {"48-29-13", "between them"},
		"as a float":                 {"4.82913e+05", "rewritten"},
		"of another script":          {"٤٨٢٩١٣", "0 to 9"},
		"empty":                      {"\n", "is empty"},
		"too short":                  {"482", "and has 3"},
		"too long":                   {"4829134829134", "and has 13"},
		"a word":                     {"front", "4 to 12 digits: correct it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", tt.stored)
			w.Code("guest", testworld.FromSecret)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
			said := w.message("guest")
			if !strings.Contains(said, tt.says) || !strings.Contains(said, `key "pin" of Secret "guest-pin"`) {
				t.Errorf("message %q", said)
			}
			for _, value := range []string{testworld.PIN, encoded, strings.TrimSpace(tt.stored)} {
				if value != "" && strings.Contains(said, value) {
					t.Errorf("the value is shown: %q", said)
				}
			}
			if n := w.Calls("/access_codes/create"); n != 0 {
				t.Errorf("%d creates", n)
			}
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}

// The Secret of a chosen PIN is told of in the same way.
func TestChosenPINThatWasMadeNone(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	var secret corev1.Secret
	w.Exists(&secret, "guest")
	secret.Data["code"] = []byte(`"` + testworld.PIN + `"`)
	if err := w.Client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, `key "code" of Secret "guest"`) || !strings.Contains(said, "quotes") {
		t.Errorf("message %q", said)
	}
}

// TestWhatSeamRefuses: the message names the field of the spec and the remedy, and there is an Event.
func TestWhatSeamRefuses(t *testing.T) {
	refusal := func(field string) string {
		return `{"ok":false,"error":{"type":"invalid_input","message":"m","request_id":"r","validation_errors":{"_errors":[],"` + field + `":{"_errors":["not so"]}}}}`
	}
	noOffline := func(c *v1alpha1.AccessCode) {
		testworld.Chosen(c)
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{}
	}
	tests := map[string]struct {
		edit  func(*v1alpha1.AccessCode)
		body  string
		lock  func(*sim.Device)
		parts []string
	}{
		"a name in place of an id":   {edit: func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "Front Door" }, parts: []string{`spec.deviceID "Front Door"`, "console", "delete this AccessCode"}},
		"the same, PIN to be chosen": {edit: func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "Front Door"; testworld.Chosen(c) }, parts: []string{`spec.deviceID "Front Door"`, "console", "delete this AccessCode"}},
		"offline without a window":   {edit: noOffline, parts: []string{"spec.schedule", "endsAt"}},
		"the PIN":                    {body: refusal("code"), parts: []string{"PIN in spec.code", "not so"}},
		"the PIN of a Secret":        {edit: testworld.FromSecret, body: refusal("code"), parts: []string{`key "pin" of Secret "guest-pin"`, "not so"}},
		"the object's name":          {body: refusal("name"), parts: []string{"set spec.displayName", "not so"}},
		"the name":                   {edit: func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" }, body: refusal("name"), parts: []string{"spec.displayName (not so)", "change it"}},
		"the type of the lock":       {body: `{"ok":false,"error":{"type":"device_type_not_supported","message":"m","request_id":"r"}}`, parts: []string{"spec.deviceID", "another lock"}},
		"a lock without codes":       {lock: func(d *sim.Device) { d.CanProgramOnlineCodes, d.CanProgramOfflineCodes = false, false }, parts: []string{"takes no access codes", "spec.deviceID"}},
		"a sequence": {
			edit: func(c *v1alpha1.AccessCode) { c.Spec.Code = "123456" },
			lock: func(d *sim.Device) {
				d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: "no_ascending_or_descending_sequence"}}
			},
			parts: []string{"spec.code", "up or down"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Seam = contract.Wrap(t, w.Sim, contract.Provoked())
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			if tt.lock != nil {
				if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, tt.lock); err != nil {
					t.Fatal(err)
				}
			}
			if tt.body != "" {
				w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, Times: -1, Body: tt.body})
			}
			w.Code("guest", tt.edit)
			w.Settle("guest")
			w.expectRefused("guest", tt.parts)
		})
	}
}

// expectRefused checks an AccessCode that can't be made as it is.
func (w *world) expectRefused(name string, parts []string) {
	w.T.Helper()
	w.Expect(name, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	said := w.message(name)
	for _, part := range parts {
		if !strings.Contains(said, part) {
			w.T.Errorf("message %q, want %q", said, part)
		}
	}
	if len(said) >= kube.MaxMessage || strings.Contains(said, "deviceSelector") {
		w.T.Errorf("message of %d bytes: %q", len(said), said)
	}
	if told := w.Recorded(); !slices.Contains(told, accesscode.EventCreateFailed) {
		w.T.Errorf("Events %v", told)
	}
}
