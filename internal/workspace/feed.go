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
	// maxEventPages bounds one poll. Beyond so many events, a sweep is cheaper.
	maxEventPages = 20
	// eventOverlap is how late an event may appear and still be read by the next poll. Only a sweep finds what appears later.
	eventOverlap = 10 * time.Second
	// eventLag is how far back a poll goes when no event came for long. It covers an error in what is known of Seam's time, and
	// events that appear late.
	eventLag = 90 * time.Second
	// maxPushed bounds the pushed events that wait for the next poll.
	maxPushed = 1024
)

// feed follows the event stream of a workspace. Its position is not stored: when a workspace is connected, all its codes are
// read, and the stream is followed from shortly before.
type feed struct {
	// polling is held during a poll. mu is held only briefly, so that connecting does not wait for Seam's answer.
	polling sync.Mutex
	mu      sync.Mutex
	from    *position
}

// position is how far the stream has been read. Only a poll moves it.
type position struct {
	since time.Time // Seam's time; older events were read, or a sweep has covered them
	seen  map[string]time.Time
	news  time.Time // when a poll last found a new event
	off   bool      // these credentials may not read events
}

// pushed are the events that came by webhook since the last poll.
type pushed struct {
	mu     sync.Mutex
	events []seam.Event
	lost   bool // there was no room for all
}

func (p *pushed) take() (events []seam.Event, complete bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	events, complete = p.events, !p.lost
	p.events, p.lost = nil, false
	return events, complete
}

// restart moves the position to shortly before now, Seam's time. It does not affect a poll that is under way.
func (f *feed) restart(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.from = &position{since: now.Add(-eventLag), seen: map[string]time.Time{}, news: now}
}

// Push adds an event that came by webhook. The next Events returns it.
func (s *Session) Push(event seam.Event) {
	s.pushed.mu.Lock()
	defer s.pushed.mu.Unlock()
	if len(s.pushed.events) >= maxPushed {
		s.pushed.lost = true
		return
	}
	s.pushed.events = append(s.pushed.events, event)
}

// Missed records that events were read but could not be followed up. The next Events is then not complete.
func (s *Session) Missed() {
	s.pushed.mu.Lock()
	defer s.pushed.mu.Unlock()
	s.pushed.lost = true
}

// Events returns the events since the last call (POST /events/list) and the pushed ones, each once and in no order. complete is
// false when some may be missing, which only a sweep can make up for. When it fails half-way, it also returns what it has read
// until then, and does not return that again. With credentials that may not read events, it returns none, and complete is true.
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

// poll reads pages, the newest events first, back to those that were read before. Of the events that do not fit into a page
// Seam leaves out the oldest, so that a full page means that there are older ones. When a later page fails, poll returns the
// pages before it, and a sweep has to find the rest. When the first page fails, nothing is lost, and the position stays.
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

// spanOf returns the times of the newest and of the oldest event of a page. It ignores impossible times, which would move the
// position too far.
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

// unseen returns the events that were not seen before, and marks them as seen.
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

// advance moves the position after a poll, and forgets the seen events before it. After a quiet eventOverlap, the position
// moves past all that were seen: after thousands of events at once, these are not read again with each poll.
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
