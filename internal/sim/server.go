// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"k8s.io/utils/clock"
)

// Server is one simulated Seam. It is an http.Handler, holds no goroutine and no
// timer, and needs no Close: time is caught up with at the start of every request.
// Its methods may be called from any goroutine.
type Server struct {
	routes  map[string]route
	control http.Handler
	latency time.Duration

	mu     sync.Mutex // guards everything below
	base   clock.PassiveClock
	offset time.Duration
	world  *world
	faults faultList
	log    requestLog
}

// New returns a Server; nothing is started.
func New(o Options) *Server {
	o = o.completed()
	s := &Server{
		routes:  routeTable(o),
		latency: o.Latency,
		base:    o.Clock,
		world:   newWorld(o),
		log:     newRequestLog(o.RequestLimit),
	}
	s.control = s.controlRoutes()
	s.world.settle(s.now())
	if o.Seed {
		seed(s.world)
	}
	return s
}

// now is the simulator's own time. Milliseconds are all that the wire carries, so
// nothing finer exists here either: a time read back compares equal.
func (s *Server) now() time.Time {
	return s.base.Now().Add(s.offset).UTC().Truncate(time.Millisecond)
}

// do brings the world to the present time and runs f on it, one at a time.
func (s *Server) do(f func(w *world)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.settle(s.now())
	f(s.world)
}

// ServeHTTP answers the API and, under /_sim/, the control endpoints of doc.go.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	// The input is read before anything else: a fault may ask for its device, and
	// net/http notices a client that hangs up only once the body has been read.
	in := readInput(r)
	x := exchange{id: uuid.NewString(), writer: w}
	x.record = func(status int) {
		s.record(Request{Method: r.Method, Path: r.URL.Path, Status: status, RequestID: x.id})
	}
	if s.latency > 0 && !hold(r, s.latency) {
		x.record(0)
		return
	}
	fault := s.takeFault(r.URL.Path, in)
	if !s.before(fault, r, &x) {
		x.send(s.answer(r, in, x.id), fault)
	}
}

// answer computes the reply of the API: authentication, verb, validation, effect, in
// this order, as the real service does.
func (s *Server) answer(r *http.Request, in *input, requestID string) reply {
	s.mu.Lock()
	s.world.settle(s.now())
	date := s.world.now
	result, failure := s.dispatch(r, in)
	s.mu.Unlock()
	// Encoding happens outside the lock: results are copies, and a list can be long.
	if failure != nil {
		return failure.reply(date, requestID)
	}
	return okReply(date, requestID, result)
}

func (s *Server) dispatch(r *http.Request, in *input) (result, *apiError) {
	rt, ok := s.routes[r.URL.Path]
	if !ok {
		return nil, fail(http.StatusNotFound, "not_found", "Route %q not found", r.URL.Path)
	}
	c := &call{world: s.world, request: r}
	if !rt.open {
		who, err := authenticate(s.world, r.Header, rt)
		if err != nil {
			return nil, err
		}
		c.principal = who
	}
	if err := rt.checkVerb(r.Method); err != nil {
		return nil, err
	}
	if in.failure != nil {
		return nil, in.failure
	}
	return rt.serve(c, in)
}

// record keeps the request in the log of /_sim/requests. Bodies are never kept:
// they carry PINs.
func (s *Server) record(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.At = s.now()
	s.log.add(r)
}
