// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Tally is what a benchmark asks for again and again: counts without the things that they count.
type Tally struct {
	Requests int            `json:"requests"`
	ByPath   map[string]int `json:"by_path"`
	// ByStatus has the HTTP status as its key, "0" where the connection was cut.
	ByStatus map[string]int `json:"by_status"`
	// Codes are those that exist, unmanaged ones and those being removed included.
	Codes int `json:"codes"`
	// Shown is how many codes were part of an answer of /access_codes/get or /access_codes/list since Mark.
	Shown int `json:"shown"`
}

// Tally counts since the start, or since ResetRequests.
func (s *Server) Tally() Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.settle(s.now())
	return Tally{
		Requests: s.log.total, ByPath: maps.Clone(s.log.byPath), ByStatus: s.log.statuses(),
		Codes: len(s.world.codes), Shown: len(s.world.shown),
	}
}

// Mark resets Tally.Shown to zero. Before the first Mark nothing is counted.
func (s *Server) Mark() {
	s.do(func(w *world) { w.shown = map[string]struct{}{} })
}

// SetRateLimits turns the documented limits on or off. Calls made while they were off do not count.
func (s *Server) SetRateLimits(on bool) {
	s.do(func(w *world) { w.limits = rateLimits{on: on, calls: map[limitKey][]time.Time{}} })
}

// CodeState is one code, with what the API does not show of it.
type CodeState struct {
	AccessCode AccessCode `json:"access_code"`
	// UpdatedAt is when /access_codes/update changed it last; zero when never.
	UpdatedAt time.Time `json:"updated_at"`
}

// Code returns one code, unmanaged ones included.
func (s *Server) Code(id string) (CodeState, error) {
	var state CodeState
	err := s.change(func(w *world) error {
		c := w.codes[id]
		if c == nil {
			return fmt.Errorf("access code %q: %w", id, ErrNotFound)
		}
		state = CodeState{AccessCode: c.wire(), UpdatedAt: c.updatedAt}
		return nil
	})
	return state, err
}

// show notes that codes are part of an answer.
func (w *world) show(codes ...*accessCode) {
	if w.shown == nil {
		return
	}
	for _, c := range codes {
		w.shown[c.id] = struct{}{}
	}
}

func (l *requestLog) statuses() map[string]int {
	counts := make(map[string]int, len(l.byStatus))
	for status, count := range l.byStatus {
		counts[strconv.Itoa(status)] = count
	}
	return counts
}

// controlTally are the endpoints for measuring.
func (s *Server) controlTally(add func(string, func(*http.Request) (any, error))) {
	add("GET /_sim/tally", func(*http.Request) (any, error) { return s.Tally(), nil })
	add("POST /_sim/mark", func(*http.Request) (any, error) { s.Mark(); return nil, nil })
	add("GET /_sim/codes/{id}", func(r *http.Request) (any, error) { return s.Code(r.PathValue("id")) })
	add("POST /_sim/rate-limits", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			On bool `json:"on"`
		}{})
		if err != nil {
			return nil, err
		}
		s.SetRateLimits(p.On)
		return nil, nil
	})
}
