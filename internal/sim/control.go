// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"time"
)

// State is all that the service holds, unmanaged codes included.
type State struct {
	Now         time.Time    `json:"now"`
	Workspaces  []Workspace  `json:"workspaces"`
	Devices     []Device     `json:"devices"`
	AccessCodes []AccessCode `json:"access_codes"`
}

// Now is the simulator's own time.
func (s *Server) Now() time.Time {
	var now time.Time
	s.do(func(w *world) { now = w.now })
	return now
}

// Advance moves the simulator's clock forward by d, through every transition between,
// and returns the new time. A negative d moves nothing.
func (s *Server) Advance(d time.Duration) time.Time {
	s.mu.Lock()
	s.offset += max(d, 0)
	s.mu.Unlock()
	return s.Now()
}

// State returns a copy of everything.
func (s *Server) State() State {
	state := State{}
	s.do(func(w *world) {
		state.Now = w.now
		state.Workspaces, state.Devices = w.listWorkspaces(), w.listDevices()
		codes := make([]*accessCode, 0, len(w.codes))
		for _, c := range w.codes {
			codes = append(codes, c)
		}
		sortCodes(codes)
		state.AccessCodes = wireCodes(codes)
	})
	return state
}

// Codes returns the codes of one device, unmanaged ones included, oldest first.
func (s *Server) Codes(deviceID string) []AccessCode {
	codes := []AccessCode{}
	s.do(func(w *world) {
		if d := w.devices[deviceID]; d != nil {
			codes = wireCodes(codesOf(d))
		}
	})
	return codes
}

// Requests returns the counts and the log of API requests.
func (s *Server) Requests() Requests {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.snapshot()
}

// ResetRequests empties counts and log.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = newRequestLog(s.log.limit)
}

// OrderFault orders a fault and returns it with its id.
func (s *Server) OrderFault(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return Fault{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.order(f), nil
}

// Faults lists the faults still to come, with what is left of their counts.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = *f
	}
	return list
}

// ClearFaults cancels all ordered faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// change runs a control change that can fail.
func (s *Server) change(f func(w *world) error) error {
	var err error
	s.do(func(w *world) { err = f(w) })
	return err
}

// changeCode runs a change on one code and then schedules its next transition.
func (s *Server) changeCode(id string, f func(w *world, c *accessCode) error) error {
	return s.change(func(w *world) error {
		c := w.codes[id]
		if c == nil {
			return fmt.Errorf("access code %q: %w", id, ErrNotFound)
		}
		if err := f(w, c); err != nil {
			return fmt.Errorf("access code %q: %w", id, err)
		}
		if w.codes[id] == c {
			w.schedule(c)
		}
		return nil
	})
}
