// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func limited(o *sim.Options) { o.RateLimits = true }

func TestCreateLimit(t *testing.T) {
	a := newAPI(t, limited)
	for i := range 10 {
		a.create(sim.SeedNativeLockID, object{"code": fmt.Sprint(1000 + i)})
		a.pass(time.Second)
	}
	body := object{"device_id": sim.SeedNativeLockID, "code": "2000"}
	got := a.post("/access_codes/create", body)
	a.wantError(got, 429, "rate_limit_exceeded")
	a.equal("Retry-After", got.header.Get("Retry-After"), "50")
	a.create(sim.SeedJustInTimeLockID, nil) // another device
	a.pass(49500 * time.Millisecond)
	got = a.post("/access_codes/create", body)
	a.equal("rounded up", got.header.Get("Retry-After"), "1")
	a.pass(500 * time.Millisecond)
	a.ok("/access_codes/create", body) // the first call is a minute old, no other is
	body["code"] = "2001"
	a.wantError(a.post("/access_codes/create", body), 429, "rate_limit_exceeded")
}

func TestUpdateAndDeleteLimits(t *testing.T) {
	a := newAPI(t, limited)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	for i := range 10 {
		a.ok("/access_codes/update", object{"access_code_id": id, "name": fmt.Sprint(i)})
	}
	a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "name": "x"}), 429, "rate_limit_exceeded")
	a.equal("name", a.code(id)["name"], any("9"))
	for range 20 {
		a.ok("/access_codes/delete", object{"access_code_id": id})
	}
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": id}), 429, "rate_limit_exceeded")
	for range 100 { // reading has no limit
		a.code(id)
	}
}

func TestNoLimits(t *testing.T) {
	a := newAPI(t)
	for i := range 30 {
		a.create(sim.SeedNativeLockID, object{"code": fmt.Sprint(1000 + i)})
	}
}
