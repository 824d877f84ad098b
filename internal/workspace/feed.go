// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"context"
	"sync"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// eventPage is how many events one call asks for: Seam's default.
	eventPage = 500
	// maxEventPages bounds one poll. Beyond that, a sweep costs less than the events do.
	maxEventPages = 20
	// eventOverlap is how late an event may show and not be missed. What shows later, the next sweep finds.
	eventOverlap = 10 * time.Second
	// eventLag bounds how far back a poll goes after a quiet time: so far, the operator's idea of Seam's time may be off,
	// and an event late.
	eventLag = 90 * time.Second
	// maxPushed bounds the events that wait for the next poll.
	maxPushed = 1024
)

// feed is the place in the stream of a workspace's events. It needs no storage: when a workspace is connected all its
// codes are looked at, and the stream is followed from a moment before.
type feed struct {
	// polling is held for as long as a poll takes, mu never while Seam is asked: a connection must not wait for that.
	polling sync.Mutex
	mu      sync.Mutex
	from    *position
}

// position is where the stream was left. Only a poll moves it on.
type position struct {
	since time.Time // Seam's time; what is older was seen, or swept over
	seen  map[string]time.Time
	news  time.Time // when there was something new last
	off   bool      // these credentials may not read events
}

// pushed are the events that Seam has sent by itself, until the next poll.
type pushed struct {
	mu     sync.Mutex
	events []seam.Event
	lost   bool // there were more than there is room for
}

func (p *pushed) take() (events []seam.Event, complete bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	events, complete = p.events, !p.lost
	p.events, p.lost = nil, false
	return events, complete
}

// restart follows the stream from shortly before now, Seam's time. A poll that is under way ends at the place before.
func (f *feed) restart(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.from = &position{since: now.Add(-eventLag), seen: map[string]time.Time{}, news: now}
}

// Push adds an event that Seam has sent by itself. It is among those of the next Events.
func (s *Session) Push(event seam.Event) {
	s.pushed.mu.Lock()
	defer s.pushed.mu.Unlock()
	if len(s.pushed.events) >= maxPushed {
		s.pushed.lost = true
		return
	}
	s.pushed.events = append(s.pushed.events, event)
}

// Missed says that events were read and could not be followed up: the next Events is not complete.
func (s *Session) Missed() {
	s.pushed.mu.Lock()
	defer s.pushed.mu.Unlock()
	s.pushed.lost = true
}

// Events returns what has happened since the last time (POST /events/list), pushed events included, each once and in no
// order. complete is false when there may have been more than can be told: then only a sweep tells. Where it fails
// half-way, it returns what it has read until then, too, which is not told again. With credentials that may not read
// events there are none, and every answer is complete.
func (s *Session) Events(ctx context.Context) (events []seam.Event, complete bool, err error) {
	client, err := s.connection()
	if err != nil {
		return nil, false, err
	}
	events, complete = s.pushed.take()
	polled, whole, err := s.feed.next(ctx, client, s.userScoped(), s.Now())
	return append(events, polled...), complete && whole, s.learnOfAll(err)
}

func (f *feed) next(ctx context.Context, client *seam.Client, ofUser bool, now time.Time) (fresh []seam.Event, complete bool, err error) {
	f.polling.Lock()
	defer f.polling.Unlock()
	f.mu.Lock()
	from := f.from
	f.mu.Unlock()
	if from.off {
		return nil, true, nil
	}
	fresh, complete, err = from.poll(ctx, client, now)
	if ofUser && seam.IsUnauthorized(err) {
		from.off = true
		return nil, true, nil
	}
	return fresh, complete, err
}

// poll reads page by page, newest first, down to what was seen before. Seam keeps the newest where there are more than
// asked for, so a full page means that there are older ones. What was read counts as seen, for the caller gets it also
// when a later page fails; what the later pages would have had is left to a sweep. Where the first page fails, nothing is
// lost, and the place stays.
func (p *position) poll(ctx context.Context, client *seam.Client, now time.Time) (fresh []seam.Event, complete bool, err error) {
	newest := p.since
	request := seam.ListEventsRequest{Since: &p.since, Limit: eventPage}
	for range maxEventPages {
		var page []seam.Event
		page, err = client.Events.List(ctx, request)
		if err != nil && request.Between == nil {
			return nil, true, err
		}
		if err != nil {
			break
		}
		last, oldest := spanOf(page, now)
		newest = latest(newest, last)
		fresh = append(fresh, p.unseen(page)...)
		if len(page) < eventPage {
			complete = true
			break
		}
		// Bounds are exclusive, and events of the same millisecond may be on either side.
		end := oldest.Add(time.Millisecond)
		if request.Between != nil && !end.Before(request.Between.To) || !end.After(p.since) {
			break // one moment has more events than a page
		}
		request = seam.ListEventsRequest{Between: &seam.Interval{From: p.since, To: end}, Limit: eventPage}
	}
	if len(fresh) > 0 {
		p.news = now
	}
	p.advance(newest, now)
	return fresh, complete, err
}

// spanOf are the times of the newest and of the oldest event of a page. A time that is no time must not carry the place
// away.
func spanOf(page []seam.Event, now time.Time) (newest, oldest time.Time) {
	oldest = now.Add(eventLag)
	for _, event := range page {
		if event.CreatedAt.Before(now.Add(eventLag)) {
			newest = latest(newest, event.CreatedAt)
		}
		if event.CreatedAt.Before(oldest) {
			oldest = event.CreatedAt
		}
	}
	return newest, oldest
}

// unseen are the events that were not there before.
func (p *position) unseen(page []seam.Event) []seam.Event {
	var fresh []seam.Event
	for _, event := range page {
		if _, ok := p.seen[event.EventID]; !ok {
			p.seen[event.EventID] = event.CreatedAt
			fresh = append(fresh, event)
		}
	}
	return fresh
}

// advance moves the place on after a poll, and forgets which events were seen before it. Once nothing new has shown for
// as long as an event may be late, what comes is newer than all that was seen: after thousands at once, they are not
// read again with each poll.
func (p *position) advance(newest, now time.Time) {
	if now.Sub(p.news) < eventOverlap {
		newest = newest.Add(-eventOverlap)
	}
	p.since = latest(p.since, latest(newest, now.Add(-eventLag)))
	for id, at := range p.seen {
		if at.Before(p.since) {
			delete(p.seen, id)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
