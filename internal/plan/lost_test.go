// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestFindLost(t *testing.T) {
	t.Parallel()
	lost := Lost{DeviceID: "lock", ID: "recorded", PINs: []redact.Secret{"", "1234"}, Names: []string{"guest"}}
	code := func(id, device, name string, pin redact.Secret) seam.AccessCode {
		return seam.AccessCode{AccessCodeID: id, DeviceID: device, Name: name, Code: pin}
	}
	for name, tc := range map[string]struct {
		unmanaged []seam.AccessCode
		want      string
		shown     string
	}{
		"none":                                {nil, "", ""},
		"by its id, whatever was made of it":  {[]seam.AccessCode{code("recorded", "lock", "Other", "9999")}, "recorded", ""},
		"by PIN and name":                     {[]seam.AccessCode{code("new", "lock", "guest", "1234")}, "new", ""},
		"by PIN where the lock has no names":  {[]seam.AccessCode{code("new", "lock", "", "1234")}, "new", ""},
		"its id before PIN and name":          {[]seam.AccessCode{code("new", "lock", "guest", "1234"), code("recorded", "lock", "guest", "5678")}, "recorded", ""},
		"somebody else's with the same PIN":   {[]seam.AccessCode{code("new", "lock", "Gardener", "1234")}, "", "new"},
		"somebody else's with the same name":  {[]seam.AccessCode{code("new", "lock", "guest", "5678")}, "", ""},
		"a PIN that nobody shows":             {[]seam.AccessCode{code("new", "lock", "guest", "")}, "", ""},
		"another lock":                        {[]seam.AccessCode{code("recorded", "other", "guest", "1234")}, "", ""},
		"in a list with those of other locks": {[]seam.AccessCode{code("a", "other", "guest", "1234"), code("b", "lock", "guest", "1234")}, "b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, shown := lost.Find(tc.unmanaged)
			if got := idOf(ours); got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
			if got := idOf(shown); got != tc.shown {
				t.Errorf("shown %q, want %q", got, tc.shown)
			}
		})
	}
}

func idOf(code *seam.AccessCode) string {
	if code == nil {
		return ""
	}
	return code.AccessCodeID
}
