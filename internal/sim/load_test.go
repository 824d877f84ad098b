// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func deviceID(n int) string { return fmt.Sprintf("10ad0000-0000-4000-8000-%012d", n) }

// serve sends one request without a network.
func serve(tb testing.TB, s *sim.Server, path, body string) string {
	tb.Helper()
	req := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+sim.SeedAPIKey)
	req.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		tb.Errorf("%s: got %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func populate(tb testing.TB, devices, codes int) (*sim.Server, *testclock.FakePassiveClock) {
	tb.Helper()
	clock := testclock.NewFakePassiveClock(start())
	s := sim.New(sim.Options{Seed: true, Clock: clock})
	for d := range devices {
		if _, err := s.AddDevice(sim.Lock(sim.SeedWorkspaceID, deviceID(d), fmt.Sprintf("Lock %d", d))); err != nil {
			tb.Fatal(err)
		}
	}
	for n := range codes {
		serve(tb, s, "/access_codes/create", fmt.Sprintf(`{"device_id":%q,"code":"%d"}`, deviceID(n%devices), 1000+n/devices))
	}
	return s, clock
}

// Many callers at once see a consistent world, and every code arrives.
func TestManyCallers(t *testing.T) {
	s, clock := populate(t, 20, 200)
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			for n := range 20 {
				serve(t, s, "/access_codes/create", fmt.Sprintf(`{"device_id":%q,"code":"%d"}`, deviceID(n), 2000+caller))
				serve(t, s, "/access_codes/list", fmt.Sprintf(`{"device_id":%q}`, deviceID(n)))
				serve(t, s, "/events/list", `{"since":"2000-01-01","limit":5}`)
				clock.SetTime(start().Add(time.Duration(n) * time.Second))
			}
		})
	}
	callers.Wait()
	s.Advance(time.Minute)
	set := 0
	for _, c := range s.State().AccessCodes {
		if c.IsManaged && c.Status == "set" {
			set++
		}
	}
	if want := 200 + 8*20; set != want {
		t.Errorf("got %d codes set, want %d", set, want)
	}
}

// BenchmarkGet asks one code of ten thousand on five hundred locks.
func BenchmarkGet(b *testing.B) {
	s, _ := populate(b, 500, 10_000)
	for n := 0; b.Loop(); n++ {
		serve(b, s, "/access_codes/get", fmt.Sprintf(`{"device_id":%q,"code":"1007"}`, deviceID(n%500)))
	}
}

// BenchmarkLife makes a code among ten thousand, sees it set, and deletes it.
func BenchmarkLife(b *testing.B) {
	s, _ := populate(b, 500, 10_000)
	for n := 0; b.Loop(); n++ {
		made := serve(b, s, "/access_codes/create", fmt.Sprintf(`{"device_id":%q,"code":"9999"}`, deviceID(n%500)))
		s.Advance(3 * time.Second)
		id := strings.SplitN(strings.SplitN(made, `"access_code_id":"`, 2)[1], `"`, 2)[0]
		serve(b, s, "/access_codes/delete", fmt.Sprintf(`{"access_code_id":%q}`, id))
		s.Advance(3 * time.Second)
	}
}
