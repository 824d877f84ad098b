// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"maps"
	"slices"
	"time"
)

// Request is one entry of the request log. Bodies are never kept: they carry PINs.
type Request struct {
	At        time.Time `json:"at"` // the simulator's time
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Status    int       `json:"status"` // zero: the connection was cut
	RequestID string    `json:"request_id"`
}

// Requests is what has been asked of the API, control endpoints left out.
type Requests struct {
	Total  int            `json:"total"`
	ByPath map[string]int `json:"by_path"`
	Last   []Request      `json:"last"` // oldest first, bounded by Options.RequestLimit
}

type requestLog struct {
	limit    int
	byPath   map[string]int
	byStatus map[int]int
	total    int
	last     []Request
}

func newRequestLog(limit int) requestLog {
	return requestLog{limit: limit, byPath: map[string]int{}, byStatus: map[int]int{}}
}

// add keeps up to twice the limit, so that forgetting costs little per request.
func (l *requestLog) add(r Request) {
	l.total++
	l.byPath[r.Path]++
	l.byStatus[r.Status]++
	if len(l.last) >= 2*l.limit {
		l.last = slices.Clone(l.last[l.limit:])
	}
	l.last = append(l.last, r)
}

func (l *requestLog) snapshot() Requests {
	return Requests{
		Total:  l.total,
		ByPath: maps.Clone(l.byPath),
		Last:   append([]Request{}, l.last[max(0, len(l.last)-l.limit):]...),
	}
}
