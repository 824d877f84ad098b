// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// reserve books creates that must be allowed.
func reserve(t *testing.T, session *workspace.Session, times int) {
	t.Helper()
	for i := range times {
		if _, err := session.Reserve("lock", "guest"); err != nil {
			t.Fatalf("reservation %d: %v", i+1, err)
		}
	}
}

func create(ctx context.Context, session *workspace.Session, deviceID string) error {
	reservation, err := session.Reserve(deviceID, "guest")
	if err != nil {
		return err
	}
	_, err = session.Create(ctx, reservation, seam.CreateAccessCodeRequest{DeviceID: deviceID, Code: "90817"})
	return err
}

func update(ctx context.Context, session *workspace.Session, deviceID string) error {
	return session.Update(ctx, deviceID, seam.UpdateAccessCodeRequest{AccessCodeID: "code-1", Name: "Guest"})
}

func remove(ctx context.Context, session *workspace.Session, deviceID string) error {
	return session.Delete(ctx, deviceID, "code-1")
}

type call func(ctx context.Context, session *workspace.Session, deviceID string) error

// calls are all that a Live can do at Seam.
var calls = map[string]call{
	pathGet: func(ctx context.Context, session *workspace.Session, _ string) error {
		code, err := session.Get(ctx, "code-1")
		return errors.Join(err, expectCode(code, err))
	},
	pathList: func(ctx context.Context, session *workspace.Session, deviceID string) error {
		codes, err := session.List(ctx, deviceID)
		if err == nil && len(codes) != 1 {
			return errors.New("not one code")
		}
		return err
	},
	pathGenerate: func(ctx context.Context, session *workspace.Session, deviceID string) error {
		pin, err := session.GenerateCode(ctx, deviceID)
		if err == nil && pin != "90817" {
			return errors.New("another PIN")
		}
		return err
	},
	pathCreate: create,
	pathUpdate: update,
	pathDelete: remove,
}

func expectCode(code *seam.AccessCode, err error) error {
	if err == nil && code.AccessCodeID != "code-1" {
		return errors.New("another code")
	}
	return nil
}

func TestCalls(t *testing.T) {
	t.Parallel()
	bodies := map[string]map[string]any{
		pathGet:      {"access_code_id": "code-1"},
		pathList:     {"device_id": "lock"},
		pathGenerate: {"device_id": "lock"},
		pathCreate:   {"device_id": "lock", "code": "90817"},
		pathUpdate:   {"access_code_id": "code-1", "name": "Guest"},
		pathDelete:   {"access_code_id": "code-1"},
	}
	for path, call := range calls {
		t.Run(path, func(t *testing.T) {
			fake := newSeam(t)
			session := fake.connected(t, fake.registry())
			if err := call(t.Context(), session, "lock"); err != nil {
				t.Fatal(err)
			}
			requests := fake.seen()
			if len(requests) != 1 || requests[0].path != path {
				t.Fatalf("requests %v, want one to %s", requests, path)
			}
			for field, value := range bodies[path] {
				if diff := cmp.Diff(value, requests[0].body[field]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", field, diff)
				}
			}
		})
	}
}

func TestCallsOfADisconnectedWorkspace(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	session := fake.connected(t, registry)
	registry.Disconnect(key)
	for path, call := range calls {
		if err := call(t.Context(), session, "lock"); !errors.Is(err, workspace.ErrNotConnected) {
			t.Errorf("%s: the error is %v, want %v", path, err, workspace.ErrNotConnected)
		}
	}
	if _, err := session.Reserve("lock", "guest"); !errors.Is(err, workspace.ErrNotConnected) {
		t.Errorf("Reserve: the error is %v, want %v", err, workspace.ErrNotConnected)
	}
	if got := fake.paths(); got != nil {
		t.Errorf("requests were made: %v", got)
	}
}

// Seam's answer comes through as it is, and a refusal that is no 429 holds nothing back.
func TestCallsThatFail(t *testing.T) {
	t.Parallel()
	for path, call := range calls {
		t.Run(path, func(t *testing.T) {
			fake := newSeam(t)
			session := fake.connected(t, fake.registry())
			fake.answer(path, says(http.StatusNotFound, `{"error":{"type":"access_code_not_found","message":"no"},"ok":false}`))
			for range 2 {
				if err := call(t.Context(), session, "lock"); !seam.IsAccessCodeNotFound(err) {
					t.Errorf("the error is %v", err)
				}
			}
			if got := len(fake.seen()); got != 2 {
				t.Errorf("%d requests, want 2", got)
			}
		})
	}
}

// reservation books a create, which is where creates are held back.
func reservation(_ context.Context, session *workspace.Session, deviceID string) error {
	_, err := session.Reserve(deviceID, "guest")
	return err
}

func TestCallsKeepToTheLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path      string
		call            call
		limit, requests int
	}{
		{"create", pathCreate, reservation, 10, 0},
		{"update", pathUpdate, update, 10, 10},
		{"delete", pathDelete, remove, 20, 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := newSeam(t)
			session := fake.connected(t, fake.registry())
			for i := range test.limit {
				if err := test.call(t.Context(), session, "lock"); err != nil {
					t.Fatalf("call %d: %v", i+1, err)
				}
			}
			if got := len(fake.seen()); got != test.requests {
				t.Fatalf("%d requests, want %d", got, test.requests)
			}
			held(t, fake, test.path, test.call(t.Context(), session, "lock"), 61*time.Second)
			if err := test.call(t.Context(), session, "other"); err != nil {
				t.Errorf("another device: %v", err)
			}
			fake.clock.Step(61 * time.Second)
			if err := test.call(t.Context(), session, "lock"); err != nil {
				t.Errorf("a minute later: %v", err)
			}
		})
	}
}

// A call that was long on its way counts from when it was over: so late may Seam have counted it.
func TestCallCountsFromItsEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path string
		call       call
		limit      int
	}{
		{"create", pathCreate, create, 10},
		{"update", pathUpdate, update, 10},
		{"delete", pathDelete, remove, 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := newSeam(t)
			session := fake.connected(t, fake.registry())
			fake.answer(test.path, func(w http.ResponseWriter, r *http.Request) {
				fake.clock.Step(5 * time.Second)
				says(http.StatusOK, good[test.path])(w, r)
			})
			if err := test.call(t.Context(), session, "lock"); err != nil {
				t.Fatal(err)
			}
			fake.answer(test.path, nil)
			for range test.limit - 1 {
				if err := test.call(t.Context(), session, "lock"); err != nil {
					t.Fatal(err)
				}
			}
			fake.seen()
			fake.clock.Step(57 * time.Second) // 62 seconds after the first was sent
			held(t, fake, test.path, test.call(t.Context(), session, "lock"), 4*time.Second)
			fake.clock.Step(4 * time.Second)
			if err := test.call(t.Context(), session, "lock"); err != nil {
				t.Errorf("61 seconds after the first was over: %v", err)
			}
		})
	}
}

// held checks that a call was held back for so long, without a request.
func held(t *testing.T, fake *fakeSeam, path string, err error, wait time.Duration) {
	t.Helper()
	limited, ok := errors.AsType[*seam.Error](err)
	if !ok {
		t.Fatalf("not held back: %v", err)
	}
	got := []any{limited.Kind, limited.Path, limited.RetryAfter, limited.InDoubt, limited.Status}
	if diff := cmp.Diff([]any{seam.RateLimited, path, wait, false, 0}, got); diff != "" {
		t.Errorf("the error (-want +got):\n%s", diff)
	}
	if paths := fake.paths(); paths != nil {
		t.Errorf("requests were made: %v", paths)
	}
}

func TestSeamSaysTooMany(t *testing.T) {
	t.Parallel()
	verbs := []struct {
		name, path  string
		first, next call
		other       call
	}{
		{"create", pathCreate, create, reservation, update},
		{"update", pathUpdate, update, update, remove},
		{"delete", pathDelete, remove, remove, reservation},
	}
	waits := []struct {
		name   string
		header []string
		wait   time.Duration
	}{
		{"with Retry-After", []string{"Retry-After", "7"}, 7 * time.Second},
		{"with a date", []string{"Retry-After", noon.Add(9 * time.Second).Format(http.TimeFormat)}, 9 * time.Second},
		{"without Retry-After", nil, time.Minute},
		{"with a Retry-After of nothing", []string{"Retry-After", "0"}, time.Minute},
		{"with a Retry-After that is none", []string{"Retry-After", "soon"}, time.Minute},
	}
	for _, verb := range verbs {
		for _, wait := range waits {
			t.Run(verb.name+" "+wait.name, func(t *testing.T) {
				fake := newSeam(t)
				session := fake.connected(t, fake.registry())
				fake.answer(verb.path, says(http.StatusTooManyRequests, ``, wait.header...))
				if err := verb.first(t.Context(), session, "lock"); !seam.IsRateLimited(err) {
					t.Fatalf("the error is %v", err)
				}
				fake.answer(verb.path, nil)
				fake.seen()
				held(t, fake, verb.path, verb.next(t.Context(), session, "lock"), wait.wait)
				if err := errors.Join(verb.next(t.Context(), session, "other"), verb.other(t.Context(), session, "lock")); err != nil {
					t.Errorf("another device, or another verb: %v", err)
				}
				fake.clock.Step(wait.wait)
				if err := verb.next(t.Context(), session, "lock"); err != nil {
					t.Errorf("when the time is over: %v", err)
				}
			})
		}
	}
}

func TestReservationsAmongMany(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	session := fake.connected(t, registry)
	var (
		group   sync.WaitGroup
		allowed atomic.Int32
	)
	for i := range 50 {
		group.Go(func() {
			if _, err := session.Reserve("lock", "guest"); err == nil {
				allowed.Add(1)
			}
			if i%10 == 0 {
				_, _ = registry.Connect(context.WithoutCancel(t.Context()), key, fake.credentials("1"))
			}
			_ = session.Now()
			_ = registry.Fresh(key, "1", time.Minute)
		})
	}
	group.Wait()
	if got := allowed.Load(); got != 10 {
		t.Errorf("%d reservations, want 10", got)
	}
}

// Windows open and close by Seam's clock.
func TestNowIsSeamsTime(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	tests := []struct {
		name   string
		date   string // of the answer
		offset time.Duration
	}{
		{"the same", date(0), 0},
		{"ahead by what a header is good for", date(29 * time.Second), 0},
		{"behind by what a header is good for", date(-29 * time.Second), 0},
		{"ahead", date(10 * time.Minute), 10 * time.Minute},
		{"not known, so as before", "", 10 * time.Minute},
		{"no date, so as before", "yesterday", 10 * time.Minute},
		{"behind", date(-time.Hour), -time.Hour},
		{"ahead by half a minute", date(30 * time.Second), 30 * time.Second},
		{"the same again", date(time.Second), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake.answer(pathGet, func(w http.ResponseWriter, r *http.Request) {
				if w.Header().Set("Date", test.date); test.date == "" {
					w.Header()["Date"] = nil
				}
				says(http.StatusOK, good[pathGet])(w, r)
			})
			if _, err := session.Get(t.Context(), "code-1"); err != nil {
				t.Fatal(err)
			}
			if got := session.Now().Sub(noon); got != test.offset {
				t.Errorf("Seam's time is %s off, want %s", got, test.offset)
			}
		})
	}
	fake.clock.Step(time.Hour)
	if got := session.Now().Sub(noon); got != time.Hour {
		t.Errorf("an hour later, Seam's time has gone on by %s", got)
	}
}

// date is Seam's clock, so far from the operator's.
func date(offset time.Duration) string { return noon.Add(offset).Format(http.TimeFormat) }

// A refusal tells the time as well as an answer does.
func TestNowIsLearnedFromRefusals(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	fake.answer(pathGet, says(http.StatusServiceUnavailable, ``, "Date", date(time.Hour)))
	if _, err := session.Get(t.Context(), "code-1"); !seam.IsUnavailable(err) {
		t.Fatalf("the error is %v", err)
	}
	if got := session.Now().Sub(noon); got != time.Hour {
		t.Errorf("Seam's time is %s off, want 1h", got)
	}
}

// TestCanceledReservationFreesItsPlace: a call that was not made does not count.
func TestCanceledReservationFreesItsPlace(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	reserve(t, session, 9)
	for range 3 {
		reservation, err := session.Reserve("lock", "guest")
		if err != nil {
			t.Fatal(err)
		}
		fake.clock.Step(time.Second)
		reservation.Cancel()
	}
	reserve(t, session, 1)
	if _, err := session.Reserve("lock", "guest"); !seam.IsRateLimited(err) {
		t.Errorf("the eleventh: %v", err)
	}
}
