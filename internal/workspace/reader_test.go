// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// shelf is a Seam that has codes, and keeps an answer back when it is told to.
type shelf struct {
	*fakeSeam
	mu     sync.Mutex
	names  map[string]string // of the codes, by id
	pins   map[string]string // where a code has one
	broken map[string]bool   // ids whose codes can't be read
	gate   chan struct{}     // answers wait for it, when it is there
}

func newShelf(t *testing.T, codes int) *shelf {
	t.Helper()
	s := &shelf{fakeSeam: newSeam(t), names: map[string]string{}, pins: map[string]string{}, broken: map[string]bool{}}
	for i := range codes {
		s.names[id(i)] = "Guest"
	}
	s.answer(pathGet, s.get)
	s.answer(pathList, s.list)
	return s
}

func id(i int) string { return fmt.Sprintf("code-%d", i) }

func (s *shelf) wait() {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
}

// code is one code as Seam shows it.
func (s *shelf) code(id string) string {
	status := `"set"`
	if s.broken[id] {
		status = `{}`
	}
	return fmt.Sprintf(`{"access_code_id":%q,"device_id":"lock","name":%q,"code":%q,"status":%s}`, id, s.names[id], s.pins[id], status)
}

func (s *shelf) get(w http.ResponseWriter, r *http.Request) {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var asked struct {
		ID string `json:"access_code_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	if s.names[asked.ID] == "" {
		says(http.StatusNotFound, `{"error":{"type":"access_code_not_found","message":"no"},"ok":false}`)(w, nil)
		return
	}
	says(http.StatusOK, `{"access_code":`+s.code(asked.ID)+`,"ok":true}`)(w, nil)
}

func (s *shelf) list(w http.ResponseWriter, r *http.Request) {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var asked struct {
		IDs []string `json:"access_code_ids"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	codes := []json.RawMessage{}
	for _, id := range asked.IDs {
		if s.names[id] != "" {
			codes = append(codes, json.RawMessage(s.code(id)))
		}
	}
	body, _ := json.Marshal(map[string]any{"access_codes": codes, "ok": true})
	_, _ = w.Write(body)
}

// holdBack keeps answers back until the gate is closed.
func (s *shelf) holdBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = make(chan struct{})
}

// isAskedFor reads a code and checks that Seam is asked, for that code alone.
func (s *shelf) isAskedFor(t *testing.T, session *workspace.Session, id string) {
	t.Helper()
	s.seen()
	if _, err := session.Get(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{pathGet}, s.paths()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func (s *shelf) rename(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[id] = name
}

// TestReadsAreMerged: while calls are under way, whoever comes waits, and goes out with the others.
func TestReadsAreMerged(t *testing.T) {
	t.Parallel()
	const codes = 300
	fake := newShelf(t, codes)
	session := fake.connected(t, fake.registry())
	fake.holdBack()
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		wrong []string
	)
	for i := range codes {
		group.Go(func() {
			if code, err := session.Get(t.Context(), id(i)); err != nil || code.AccessCodeID != id(i) {
				mu.Lock()
				defer mu.Unlock()
				wrong = append(wrong, fmt.Sprint(id(i), err))
			}
		})
	}
	eventually(t, "two calls are under way and the rest waits", func() bool {
		return len(fake.peek()) == 2 && session.Waiting() == codes-2
	})
	close(fake.gate)
	group.Wait()
	if len(wrong) > 0 {
		t.Errorf("wrong: %v", wrong)
	}
	if got := len(fake.peek()); got > 4 {
		t.Errorf("%d calls for %d reads at once", got, codes)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not so: %s", what)
		}
	}
}

// TestReadThatIsGivenUpHoldsUpNoOther: a caller that stops waiting leaves the call to the others.
func TestReadThatIsGivenUpHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	fake := newShelf(t, 4)
	session := fake.connected(t, fake.registry())
	fake.holdBack()
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() { _, _ = session.Get(t.Context(), id(i)) })
	}
	eventually(t, "two calls are under way", func() bool { return len(fake.peek()) == 2 })
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error)
	go func() {
		_, err := session.Get(ctx, id(2))
		given <- err
	}()
	eventually(t, "a third waits", func() bool { return session.Waiting() == 1 })
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(fake.gate)
	group.Wait()
	if _, err := session.Get(t.Context(), id(3)); err != nil {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	const codes = 1200
	fake := newShelf(t, codes)
	session := fake.connected(t, fake.registry())
	var ids []string
	for i := range codes {
		ids = append(ids, id(i))
	}
	sweep := func(want ...string) {
		t.Helper()
		changed, err := session.Sweep(t.Context(), ids, true)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(changed)
		if diff := cmp.Diff(want, changed); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
	}
	changed, err := session.Sweep(t.Context(), ids, true)
	if err != nil || len(changed) != codes {
		t.Errorf("the first time %d have changed (%v)", len(changed), err)
	}
	if diff := cmp.Diff([]string{pathList, pathList, pathList}, fake.paths()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	sweep()
	fake.rename(id(7), "Somebody")
	fake.rename(id(8), "") // gone
	fake.mu.Lock()
	fake.pins[id(9)] = "1234"
	fake.mu.Unlock()
	sweep(id(7), id(8), id(9))
	sweep(id(8))
}

// TestReadAfterASweep: what a sweep has just seen is not asked for again, and what it has not seen is.
func TestReadAfterASweep(t *testing.T) {
	t.Parallel()
	fake := newShelf(t, 10)
	session := fake.connected(t, fake.registry())
	ids := []string{id(7), id(8)}
	if _, err := session.Sweep(t.Context(), ids, true); err != nil {
		t.Fatal(err)
	}
	fake.rename(id(7), "Somebody")
	fake.rename(id(8), "") // gone
	if changed, err := session.Sweep(t.Context(), ids, false); err != nil || len(changed) != 2 {
		t.Fatalf("changed %v, %v", changed, err)
	}
	codes := []struct {
		id    string
		there bool
		calls []string
	}{{id(7), true, nil}, {id(8), false, []string{pathGet}}, {id(7), true, []string{pathGet}}}
	for i, read := range codes {
		fake.seen()
		code, err := session.Get(t.Context(), read.id)
		if read.there != (err == nil && code.Name == "Somebody") || read.there == seam.IsAccessCodeNotFound(err) {
			t.Errorf("read %d: %+v, %v", i, code, err)
		}
		if diff := cmp.Diff(read.calls, fake.paths()); diff != "" {
			t.Errorf("read %d: calls (-want +got):\n%s", i, diff)
		}
	}
}

// TestSweptCodeIsNotUsedForEver: a code that a sweep has read answers no read after some time, nor after a write.
func TestSweptCodeIsNotUsedForEver(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *shelf, *workspace.Session){
		"time":          func(_ *testing.T, s *shelf, _ *workspace.Session) { s.clock.Step(2*time.Minute + time.Second) },
		"time set back": func(_ *testing.T, s *shelf, _ *workspace.Session) { s.clock.SetTime(s.clock.Now().Add(-time.Hour)) },
		"update": func(t *testing.T, _ *shelf, session *workspace.Session) {
			if err := session.Update(t.Context(), "lock", seam.UpdateAccessCodeRequest{AccessCodeID: id(0), Name: "New"}); err != nil {
				t.Fatal(err)
			}
		},
		"delete": func(t *testing.T, _ *shelf, session *workspace.Session) {
			if err := session.Delete(t.Context(), "lock", id(0)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, happens := range tests {
		t.Run(name, func(t *testing.T) {
			fake := newShelf(t, 2)
			session := fake.connected(t, fake.registry())
			if _, err := session.Sweep(t.Context(), []string{id(0), id(1)}, true); err != nil {
				t.Fatal(err)
			}
			happens(t, fake, session)
			fake.isAskedFor(t, session, id(0))
		})
	}
}

// TestSweepDuringAWrite: an answer that was on its way when something was written is not kept.
func TestSweepDuringAWrite(t *testing.T) {
	t.Parallel()
	fake := newShelf(t, 2)
	session := fake.connected(t, fake.registry())
	fake.holdBack()
	type result struct {
		changed []string
		err     error
	}
	swept := make(chan result)
	go func() {
		changed, err := session.Sweep(t.Context(), []string{id(0), id(1)}, true)
		swept <- result{changed, err}
	}()
	eventually(t, "the sweep is under way", func() bool { return len(fake.peek()) == 1 })
	if err := session.Update(t.Context(), "lock", seam.UpdateAccessCodeRequest{AccessCodeID: id(0), Name: "New"}); err != nil {
		t.Fatal(err)
	}
	close(fake.gate)
	got := <-swept
	if diff := cmp.Diff([]string{id(1)}, got.changed); diff != "" || got.err != nil {
		t.Errorf("%v; changed (-want +got):\n%s", got.err, diff)
	}
	fake.isAskedFor(t, session, id(0))
}

// TestUnreadableCodeHidesNoOther: an answer for many that can't be read because of one is asked for in halves.
func TestUnreadableCodeHidesNoOther(t *testing.T) {
	t.Parallel()
	fake := newShelf(t, 64)
	fake.broken[id(5)] = true
	session := fake.connected(t, fake.registry())
	var ids []string
	for i := range 64 {
		ids = append(ids, id(i))
	}
	if changed, err := session.Sweep(t.Context(), ids, true); err != nil || len(changed) != 64 {
		t.Fatalf("%d changed, %v", len(changed), err)
	}
	if got := len(fake.seen()); got > 14 {
		t.Errorf("%d calls", got)
	}
	changed, err := session.Sweep(t.Context(), ids, true)
	if diff := cmp.Diff([]string{id(5)}, changed); diff != "" || err != nil {
		t.Errorf("%v; changed (-want +got):\n%s", err, diff)
	}
}

// TestTooManyReadsHoldBackAll: no limit of reads is known, so a 429 to one counts for the workspace.
func TestTooManyReadsHoldBackAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header []string
		wait   time.Duration
	}{"with Retry-After": {[]string{"Retry-After", "7"}, 7 * time.Second}, "without": {nil, 10 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			fake := newSeam(t)
			session := fake.connected(t, fake.registry())
			fake.answer(pathList, says(http.StatusTooManyRequests, ``, test.header...))
			if _, err := session.List(t.Context(), "lock"); !seam.IsRateLimited(err) {
				t.Fatalf("the error is %v", err)
			}
			fake.seen()
			for path, call := range calls {
				if err := call(t.Context(), session, "lock"); !seam.IsRateLimited(err) || seam.RetryAfter(err) != test.wait || seam.InDoubt(err) {
					t.Errorf("%s: the error is %v, after %s", path, err, seam.RetryAfter(err))
				}
			}
			if got := fake.paths(); got != nil {
				t.Errorf("requests were made: %v", got)
			}
			fake.clock.Step(test.wait)
			if err := update(t.Context(), session, "lock"); err != nil {
				t.Errorf("when the time is over: %v", err)
			}
		})
	}
}

// TestExpectedReadsGoAlong: a call takes along what is about to be asked for, and nothing else.
func TestExpectedReadsGoAlong(t *testing.T) {
	t.Parallel()
	fake := newShelf(t, 4)
	session := fake.connected(t, fake.registry())
	read := func(i int, calls ...string) {
		t.Helper()
		if _, err := session.Get(t.Context(), id(i)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(calls, fake.paths()); diff != "" {
			t.Errorf("calls for code %d (-want +got):\n%s", i, diff)
		}
	}
	session.Expect(id(1), 3*time.Second)
	session.Expect(id(2), 3*time.Second)
	session.Expect(id(3), time.Minute)
	fake.clock.Step(2 * time.Second)
	read(0, pathGet)
	fake.clock.Step(800 * time.Millisecond)
	read(0, pathList)
	fake.clock.Step(200 * time.Millisecond)
	read(1)
	read(1, pathGet)
	read(3, pathGet)
	fake.clock.Step(5 * time.Second)
	read(2, pathGet)

	// What was written to since is asked for.
	session.Expect(id(1), 0)
	session.Expect(id(2), 0)
	read(0, pathList)
	if err := session.Update(t.Context(), "lock", seam.UpdateAccessCodeRequest{AccessCodeID: id(1), Name: "New"}); err != nil {
		t.Fatal(err)
	}
	fake.seen()
	read(1, pathGet)
	read(2)
}

// TestDevicesAreAskedForTogether: once for all who ask at the same time, and by itself where the list does not have it.
func TestDevicesAreAskedForTogether(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	gate := make(chan struct{})
	fake.answer("/devices/get", func(w http.ResponseWriter, r *http.Request) {
		<-gate
		showDevice(w, r)
	})
	fake.answer("/devices/list", showDevices)
	session := fake.connected(t, fake.registry())
	var group sync.WaitGroup
	for i := range 200 {
		name := fmt.Sprint("lock-", i%40)
		group.Go(func() {
			if found, err := session.Device(t.Context(), name); err != nil || found.DeviceID != name {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
		})
	}
	group.Go(func() {
		if _, err := session.Device(t.Context(), "gone"); !seam.IsDeviceNotFound(err) {
			t.Errorf("of a device that is gone: %v", err)
		}
	})
	eventually(t, "two calls are under way", func() bool { return len(fake.peek()) == 2 })
	close(gate)
	group.Wait()
	if got := len(fake.seen()); got > 6 {
		t.Errorf("%d calls for forty devices at once", got)
	}
	if _, err := session.Device(t.Context(), "lock-3"); err != nil || len(fake.seen()) != 0 {
		t.Errorf("asked for again (%v)", err)
	}
}

// TestDevicesThatAreUsedStayKnown: what there is no room for is the device that was asked for longest ago, no other.
func TestDevicesThatAreUsedStayKnown(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	name := func(i int) string { return fmt.Sprintf("lock-%d", i) }
	for i := range workspace.MaxDevices {
		session.RememberDevice(&seam.Device{DeviceID: name(i)})
	}
	if session.KnownDevice(name(0)) == nil {
		t.Fatal("forgotten, although there was room")
	}
	session.RememberDevice(&seam.Device{DeviceID: "another"})
	for device, want := range map[string]bool{name(0): true, name(1): false, name(2): true, "another": true} {
		if got := session.KnownDevice(device) != nil; got != want {
			t.Errorf("%s is known: %t, want %t", device, got, want)
		}
	}
	fake.clock.SetTime(fake.clock.Now().Add(-time.Hour))
	if session.KnownDevice(name(0)) != nil {
		t.Error("known from the future, after the clock was set back")
	}
}

// showDevice shows every device but the one that is gone.
func showDevice(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		ID string `json:"device_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	if asked.ID == "gone" {
		says(http.StatusNotFound, `{"error":{"type":"device_not_found","message":"no"},"ok":false}`)(w, r)
		return
	}
	says(http.StatusOK, fmt.Sprintf(`{"device":{"device_id":%q},"ok":true}`, asked.ID))(w, r)
}

func showDevices(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		IDs []string `json:"device_ids"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	devices := []map[string]string{}
	for _, id := range asked.IDs {
		if id != "gone" {
			devices = append(devices, map[string]string{"device_id": id})
		}
	}
	body, _ := json.Marshal(map[string]any{"devices": devices, "ok": true})
	_, _ = w.Write(body)
}
