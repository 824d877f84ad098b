// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestTally(t *testing.T) {
	a := newAPI(t)
	first := str(a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"])
	second := str(a.create(sim.SeedNativeLockID, object{"code": "5678"})["access_code_id"])
	a.ok("/access_codes/get", object{"access_code_id": first})
	a.equal("unmarked", a.sim.Tally().Shown, 0)
	a.controlOK("POST", "mark", nil)
	a.ok("/access_codes/get", object{"access_code_id": first})
	a.ok("/access_codes/get", object{"access_code_id": first})
	a.equal("one shown twice", a.sim.Tally().Shown, 1)
	a.ok("/access_codes/list", object{"access_code_ids": []string{second}})
	a.post("/access_codes/get", object{"access_code_id": unknownID})
	got := a.controlOK("GET", "tally", nil)
	a.equal("requests", got["requests"], any(7.0))
	a.equal("by path", got["by_path"], any(object{"/access_codes/create": 2.0, "/access_codes/get": 4.0, "/access_codes/list": 1.0}))
	a.equal("by status", got["by_status"], any(object{"200": 6.0, "404": 1.0}))
	a.equal("codes", got["codes"], any(3.0)) // the seed has one
	a.equal("shown", got["shown"], any(2.0))
	a.controlOK("GET", "state", nil)
	a.controlOK("POST", "mark", nil)
	a.equal("marked again", a.sim.Tally().Shown, 0)
}

func TestControlCode(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"])
	got := a.controlOK("GET", "codes/"+id, nil)
	a.equal("never updated", got["updated_at"], any(time.Time{}.Format(time.RFC3339)))
	a.pass(setDelay)
	a.ok("/access_codes/update", object{"access_code_id": id, "code": "5678"})
	got = a.controlOK("GET", "codes/"+id, nil)
	a.equal("updated", got["updated_at"], any(start().Add(setDelay).Format(time.RFC3339)))
	a.equal("PIN", obj(got["access_code"])["code"], any("5678"))
	a.equal("unknown", a.control("GET", "codes/"+unknownID, nil).status, http.StatusNotFound)
}

func TestControlRateLimits(t *testing.T) {
	a := newAPI(t)
	creates := func(count int) []int {
		var refused []int
		for n := range count {
			if status := a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID}).status; status != http.StatusOK {
				refused = append(refused, n)
			}
		}
		return refused
	}
	a.equal("off", len(creates(12)), 0)
	a.controlOK("POST", "rate-limits", object{"on": true})
	a.equal("on, from zero", creates(11), []int{10})
	a.controlOK("POST", "rate-limits", object{"on": false})
	a.equal("off again", len(creates(1)), 0)
	a.equal("misspelt", a.control("POST", "rate-limits", object{"enabled": true}).status, 400)
}

func TestLatency(t *testing.T) {
	const latency = 30 * time.Millisecond
	a := newAPI(t, func(o *sim.Options) { o.Latency = latency })
	began := time.Now()
	a.create(sim.SeedNativeLockID, nil)
	if took := time.Since(began); took < latency {
		t.Errorf("a request took %s, want at least %s", took, latency)
	}
}
