// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/contract"
)

// TestPINAsPeopleStoreIt: white space around it is fine, also what Windows adds; of anything else the likely cause is named,
// and nothing of the value is shown.
func TestPINAsPeopleStoreIt(t *testing.T) {
	for _, stored := range []string{testPIN, testPIN + "\n", testPIN + "\r\n", " " + testPIN + "\n\n", "\t" + testPIN + "\t"} {
		w := newWorld(t)
		w.connected()
		w.setSecret("guest-pin", "pin", stored)
		w.code("guest", fromSecret)
		w.settle("guest")
		w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		if *w.live(sim.SeedNativeLockID).Code != testPIN {
			t.Errorf("%q: another PIN on the lock", stored)
		}
	}
}

func TestPINThatIsNone(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(testPIN))
	tests := map[string]struct{ stored, says string }{
		"with a byte order mark":     {"\ufeff" + testPIN + "\r\n", "byte order mark"},
		"in UTF-16":                  {"\xff\xfe4\x008\x002\x009\x001\x003\x00", "UTF-16"},
		"encoded twice":              {encoded, "base64"},
		"encoded twice with newline": {base64.StdEncoding.EncodeToString([]byte(testPIN+"\n")) + "\n", "base64"},
		"in quotes":                  {`"` + testPIN + `"`, "quotes"},
		"in single quotes":           {"'" + testPIN + "'\n", "quotes"},
		"in curly quotes":            {"\u201c" + testPIN + "\u201d", "quotes"},
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
			w.connected()
			w.setSecret("guest-pin", "pin", tt.stored)
			w.code("guest", fromSecret)
			w.settle("guest")
			w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
			said := w.message("guest")
			if !strings.Contains(said, tt.says) || !strings.Contains(said, `key "pin" of Secret "guest-pin"`) {
				t.Errorf("message %q", said)
			}
			for _, value := range []string{testPIN, encoded, strings.TrimSpace(tt.stored)} {
				if value != "" && strings.Contains(said, value) {
					t.Errorf("the value is shown: %q", said)
				}
			}
			if n := w.calls("/access_codes/create"); n != 0 {
				t.Errorf("%d creates", n)
			}
			w.setSecret("guest-pin", "pin", testPIN)
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}

// The Secret of a chosen PIN is told of in the same way.
func TestChosenPINThatWasMadeNone(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", chosen)
	w.settle("guest")
	var secret corev1.Secret
	w.exists(&secret, "guest")
	secret.Data["code"] = []byte(`"` + testPIN + `"`)
	if err := w.client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
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
		chosen(c)
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{}
	}
	tests := map[string]struct {
		edit  func(*v1alpha1.AccessCode)
		body  string
		lock  func(*sim.Device)
		parts []string
	}{
		"a name in place of an id":   {edit: func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "Front Door" }, parts: []string{`spec.deviceID "Front Door"`, "console", "delete this AccessCode"}},
		"the same, PIN to be chosen": {edit: func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "Front Door"; chosen(c) }, parts: []string{`spec.deviceID "Front Door"`, "console", "delete this AccessCode"}},
		"offline without a window":   {edit: noOffline, parts: []string{"spec.schedule", "endsAt"}},
		"the PIN":                    {body: refusal("code"), parts: []string{"PIN in spec.code", "not so"}},
		"the PIN of a Secret":        {edit: fromSecret, body: refusal("code"), parts: []string{`key "pin" of Secret "guest-pin"`, "not so"}},
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
			w.seam = contract.Wrap(t, w.sim, contract.Provoked())
			w.connected()
			w.setSecret("guest-pin", "pin", testPIN)
			if tt.lock != nil {
				if err := w.sim.UpdateDevice(sim.SeedNativeLockID, tt.lock); err != nil {
					t.Fatal(err)
				}
			}
			if tt.body != "" {
				w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, Times: -1, Body: tt.body})
			}
			w.code("guest", tt.edit)
			w.settle("guest")
			w.expectRefused("guest", tt.parts)
		})
	}
}

// expectRefused checks an AccessCode that can't be made as it is.
func (w *world) expectRefused(name string, parts []string) {
	w.t.Helper()
	w.expect(name, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	said := w.message(name)
	for _, part := range parts {
		if !strings.Contains(said, part) {
			w.t.Errorf("message %q, want %q", said, part)
		}
	}
	if len(said) >= maxMessage || strings.Contains(said, "deviceSelector") {
		w.t.Errorf("message of %d bytes: %q", len(said), said)
	}
	if told := w.recorded(); !slices.Contains(told, eventCreateFailed) {
		w.t.Errorf("Events %v", told)
	}
}
