// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"encoding/json"
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

const pathEvents = "/events/list"

// stream is a Seam in which things happen. As the real one, it tells the newest first, and keeps those where there are
// too many.
type stream struct {
	*fakeSeam
	mu     sync.Mutex
	events []happening // oldest first
	calls  int
	// inclusive has "since" include its own moment.
	inclusive bool
}

type happening struct {
	id string
	at time.Time
}

func newStream(t *testing.T) *stream {
	t.Helper()
	s := &stream{fakeSeam: newSeam(t)}
	s.answer(pathEvents, s.list)
	return s
}

// happen adds events at Seam's time.
func (s *stream) happen(events ...happening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
	slices.SortStableFunc(s.events, func(a, b happening) int { return a.at.Compare(b.at) })
}

func (s *stream) list(w http.ResponseWriter, r *http.Request) {
	var query struct {
		Since   *time.Time  `json:"since"`
		Between []time.Time `json:"between"`
		Limit   int         `json:"limit"`
	}
	_ = json.NewDecoder(r.Body).Decode(&query)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	start, end := query.Since, time.Time{}
	if query.Since == nil {
		start, end = &query.Between[0], query.Between[1]
	}
	found := []map[string]any{}
	for _, e := range slices.Backward(s.events) {
		if (e.at.After(*start) || s.inclusive && e.at.Equal(*start)) && (end.IsZero() || e.at.Before(end)) && len(found) < query.Limit {
			found = append(found, map[string]any{"event_id": e.id, "event_type": "access_code.changed", "created_at": e.at})
		}
	}
	body, _ := json.Marshal(map[string]any{"events": found, "ok": true})
	says(http.StatusOK, string(body))(w, nil)
}

// polls is how many calls there were since the last time.
func (s *stream) polls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = 0
	return calls
}

// hear polls and compares which events there are, and whether they are all.
func hear(t *testing.T, session *workspace.Session, complete bool, want ...string) {
	t.Helper()
	events, whole, err := session.Events(t.Context())
	if err != nil || whole != complete {
		t.Fatalf("complete is %v, %v", whole, err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.EventID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestEventsAreReturnedOnce(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	fake.happen(happening{"long ago", noon.Add(-time.Hour)})
	session := fake.connected(t, fake.registry())
	hear(t, session, true)

	fake.clock.Step(5 * time.Second)
	fake.happen(happening{"a", noon.Add(time.Second)}, happening{"b", noon.Add(2 * time.Second)})
	hear(t, session, true, "a", "b")
	hear(t, session, true)

	// One that shows late is not lost, and those around it are not told again.
	fake.happen(happening{"late", noon.Add(-7 * time.Second)})
	hear(t, session, true, "late")

	fake.clock.Step(time.Hour)
	hear(t, session, true)
	fake.happen(happening{"c", noon.Add(time.Hour)})
	hear(t, session, true, "c")
	hear(t, session, true)
}

// TestMoreEventsThanAPage: Seam tells the newest only, so that what is before them has to be asked for.
func TestMoreEventsThanAPage(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	var want []string
	for i := range 1700 {
		id := fmt.Sprintf("event-%04d", i)
		want = append(want, id)
		// Two of each moment, so that a page ends between two of one.
		fake.happen(happening{id, noon.Add(time.Duration(i/2) * time.Millisecond)})
	}
	hear(t, session, true, want...)
	if got := fake.polls(); got > 5 {
		t.Errorf("%d calls for four pages", got)
	}
	hear(t, session, true)
	fake.clock.Step(5 * time.Minute)
	hear(t, session, true)
	fake.polls()
	hear(t, session, true)
	if got := fake.polls(); got != 1 {
		t.Errorf("%d calls when nothing has happened for long", got)
	}
}

// TestManyEventsAreNotReadForLong: after many events at once, these are read again only for as long as one may be late.
func TestManyEventsAreNotReadForLong(t *testing.T) {
	t.Parallel()
	for _, inclusive := range []bool{false, true} {
		fake := newStream(t)
		fake.inclusive = inclusive
		session := fake.connected(t, fake.registry())
		var want []string
		for i := range 1700 {
			id := fmt.Sprintf("event-%04d", i)
			want = append(want, id)
			fake.happen(happening{id, noon.Add(time.Duration(i) * time.Millisecond)})
		}
		hear(t, session, true, want...)
		fake.polls()
		for range 2 {
			fake.clock.Step(5 * time.Second)
			hear(t, session, true)
		}
		if got := fake.polls(); got < 2 || got > 10 {
			t.Errorf("%d calls in the 10 s after", got)
		}
		for range 10 {
			fake.clock.Step(5 * time.Second)
			hear(t, session, true)
		}
		if got := fake.polls(); got != 10 {
			t.Errorf("%d calls for ten polls, later", got)
		}
		fake.happen(happening{"next", noon.Add(2 * time.Second)})
		hear(t, session, true, "next")
	}
}

// TestMoreEventsThanAPollReadsLeadToASweep: only then are the events not complete.
func TestMoreEventsThanAPollReadsLeadToASweep(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	for i := range 700 {
		fake.happen(happening{fmt.Sprintf("at-once-%d", i), noon})
	}
	if _, complete, err := session.Events(t.Context()); complete || err != nil {
		t.Errorf("complete is %v (%v), of more events in one moment than a page holds", complete, err)
	}

	fake = newStream(t)
	session = fake.connected(t, fake.registry())
	fake.clock.Step(2 * time.Minute)
	var many []happening
	for i := range 11_000 {
		many = append(many, happening{fmt.Sprintf("many-%d", i), noon.Add(time.Duration(i) * 10 * time.Millisecond)})
	}
	fake.happen(many...)
	if _, complete, err := session.Events(t.Context()); complete || err != nil {
		t.Errorf("complete is %v (%v), of more events than it is worth to ask for", complete, err)
	}
	hear(t, session, true)

	session.Missed()
	hear(t, session, false)
	hear(t, session, true)
}

func TestEventsOfAFailedPollComeWithTheNext(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	fake.happen(happening{"a", noon})
	session.Push(seam.Event{EventID: "pushed"})
	fake.answer(pathEvents, says(http.StatusInternalServerError, ""))
	events, _, err := session.Events(t.Context())
	if !seam.IsUnavailable(err) || len(events) != 1 || events[0].EventID != "pushed" {
		t.Errorf("got %d events, %v", len(events), err)
	}
	fake.answer(pathEvents, fake.list)
	hear(t, session, true, "a")
	hear(t, session, true)
}

// TestEventsOfTheFirstPageAreKept: the events of the first page are returned although the second page fails, and the events are
// then not complete.
func TestEventsOfTheFirstPageAreKept(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	fake.clock.Step(2 * time.Minute)
	var many []happening
	for i := range 520 {
		many = append(many, happening{fmt.Sprintf("many-%d", i), noon.Add(time.Duration(i) * 10 * time.Millisecond)})
	}
	fake.happen(many...)
	pages := 0
	fake.answer(pathEvents, func(w http.ResponseWriter, r *http.Request) {
		if pages++; pages == 2 {
			says(http.StatusInternalServerError, "")(w, r)
			return
		}
		fake.list(w, r)
	})
	events, complete, err := session.Events(t.Context())
	newest := slices.ContainsFunc(events, func(e seam.Event) bool { return e.EventID == "many-519" })
	if !seam.IsUnavailable(err) || complete || len(events) < 500 || !newest {
		t.Errorf("%d events, complete is %v, the newest among them is %v: %v", len(events), complete, newest, err)
	}
}

func TestPushedEventsAreBounded(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	for i := range 5000 {
		session.Push(seam.Event{EventID: fmt.Sprint(i)})
	}
	events, complete, err := session.Events(t.Context())
	if err != nil || complete || len(events) != 1024 {
		t.Errorf("%d events, complete is %v, %v", len(events), complete, err)
	}
	hear(t, session, true)
}

// TestImpossibleEventTimesAreIgnored: an event from the year 9999 must not move the position in the stream there.
func TestImpossibleEventTimesAreIgnored(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	session := fake.connected(t, fake.registry())
	fake.happen(happening{"never", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	hear(t, session, true, "never")
	fake.clock.Step(5 * time.Second)
	fake.happen(happening{"a", noon.Add(time.Second)})
	hear(t, session, true, "a")
}

// TestEventsOfAUser: credentials of one user may not be allowed to read events. That is no reason to doubt them.
func TestEventsOfAUser(t *testing.T) {
	t.Parallel()
	for _, ofUser := range []bool{true, false} {
		fake := newStream(t)
		fake.answer("/devices/list", says(http.StatusOK, `{"devices":[],"ok":true}`))
		registry := fake.registry()
		credentials := fake.credentials("1")
		credentials.UserScoped = ofUser
		if _, err := registry.Connect(t.Context(), key, credentials); err != nil {
			t.Fatal(err)
		}
		session, _ := registry.Connected(key)
		fake.answer(pathEvents, says(http.StatusUnauthorized, `{"error":{"type":"unauthorized","message":"no"},"ok":false}`))
		_, complete, err := session.Events(t.Context())
		if ofUser && (err != nil || !complete) || !ofUser && !seam.IsUnauthorized(err) {
			t.Errorf("of a user: %v; complete is %v, %v", ofUser, complete, err)
		}
		fake.seen()
		_, _, _ = session.Events(t.Context())
		if got := len(fake.seen()); ofUser == (got > 0) {
			t.Errorf("of a user: %v; asked again %d times", ofUser, got)
		}
	}
}

// TestEventsAfterAReconnection: what happened in between is for the sweep that every connection begins with.
func TestEventsAfterAReconnection(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	registry := fake.registry()
	session := fake.connected(t, registry)
	registry.Disconnect(key)
	if !session.SweptAt().IsZero() {
		t.Error("a workspace that is disconnected counts as swept")
	}
	fake.clock.Step(time.Hour)
	fake.happen(happening{"in between", noon.Add(time.Minute)}, happening{"just before", noon.Add(time.Hour - time.Second)})
	session = fake.connected(t, registry)
	hear(t, session, true, "just before")
}

// TestConnectionDuringAPoll: an endpoint that is slow to tell events does not hold up a new connection, and what it tells
// in the end, were it that a user's credentials may not read them, belongs to the one of before.
func TestConnectionDuringAPoll(t *testing.T) {
	t.Parallel()
	fake := newStream(t)
	registry := fake.registry()
	fake.answer("/devices/list", says(http.StatusOK, `{"devices":[],"ok":true}`))
	connect := func(ofUser bool) *workspace.Session {
		t.Helper()
		_, err := registry.Connect(t.Context(), key, workspace.Credentials{
			Version: fmt.Sprint("of a user ", ofUser), Endpoint: fake.url, Auth: seam.APIKey(token), UserScoped: ofUser,
		})
		if err != nil {
			t.Fatal(err)
		}
		session, _ := registry.Connected(key)
		return session
	}
	session := connect(true)
	asked, answer, told := make(chan struct{}), make(chan struct{}), make(chan struct{})
	fake.answer(pathEvents, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		says(http.StatusUnauthorized, `{"error":{"type":"unauthorized","message":"no"},"ok":false}`)(w, r)
	})
	go func() {
		defer close(told)
		_, _, _ = session.Events(t.Context())
	}()
	<-asked
	registry.Disconnect(key)
	connect(true)
	close(answer)
	<-told
	fake.answer(pathEvents, fake.list)
	fake.happen(happening{"after the connection", noon})
	hear(t, session, true, "after the connection")

	// Other credentials, which are exchanged for those in use, may read what a user's may not.
	fake.answer(pathEvents, says(http.StatusUnauthorized, `{"error":{"type":"unauthorized","message":"no"},"ok":false}`))
	hear(t, session, true)
	fake.answer(pathEvents, fake.list)
	connect(false)
	fake.happen(happening{"after the exchange", noon.Add(time.Second)})
	hear(t, session, true, "after the connection", "after the exchange")
}
