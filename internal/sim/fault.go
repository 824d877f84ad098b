// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	// FaultStatus answers with Fault.Status; nothing else happens.
	FaultStatus FaultKind = "status"
	// FaultLoseResponse lets the effect happen and cuts the connection before any byte.
	FaultLoseResponse FaultKind = "lose_response"
	// FaultDrop cuts the connection before the effect.
	FaultDrop FaultKind = "drop"
	// FaultDelay holds the request for Fault.Delay, then goes on as usual. A client
	// that hangs up in that time has no effect.
	FaultDelay FaultKind = "delay"
	// FaultTruncate lets the effect happen and cuts the body in the middle.
	FaultTruncate FaultKind = "truncate"
	// FaultGarbage answers 200 with something that is not JSON; no effect.
	FaultGarbage FaultKind = "garbage"
)

// Fault is an order for something to go wrong.
type Fault struct {
	ID string `json:"fault_id"` // given by the simulator
	// Path is the endpoint; with a `*` at its end every path that begins like it.
	Path string `json:"path"`
	// DeviceID narrows to requests about one device, by device_id or by the
	// device of their access_code_id.
	DeviceID string    `json:"device_id,omitempty"`
	Kind     FaultKind `json:"kind"`
	Skip     int       `json:"skip"`  // requests to let pass first
	Times    int       `json:"times"` // how often; zero is once, negative for ever

	Status     int      `json:"status,omitempty"`      // kind status
	ErrorType  string   `json:"error_type,omitempty"`  // kind status: error.type of the envelope
	Body       string   `json:"body,omitempty"`        // kind status: sent in place of the envelope
	RetryAfter int      `json:"retry_after,omitempty"` // kind status: seconds
	Delay      Duration `json:"delay,omitempty"`       // kind delay, real time
}

// Duration is a time.Duration that is written like "1m30s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("reading duration: %w", err)
	}
	*d = Duration(parsed)
	return nil
}

func (f Fault) check() error {
	kinds := []FaultKind{FaultStatus, FaultLoseResponse, FaultDrop, FaultDelay, FaultTruncate, FaultGarbage}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("fault kind %q is not one of %q", f.Kind, kinds)
	case !strings.HasPrefix(f.Path, "/"):
		return fmt.Errorf("fault path %q does not begin with a slash", f.Path)
	case f.Kind == FaultStatus && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("fault status %d is not an answer", f.Status)
	case f.Kind == FaultDelay && f.Delay <= 0:
		return fmt.Errorf("fault of kind %q needs a delay", f.Kind)
	}
	return nil
}

func (f Fault) matches(path, deviceID string) bool {
	prefix, isPrefix := strings.CutSuffix(f.Path, "*")
	if path != f.Path && (!isPrefix || !strings.HasPrefix(path, prefix)) {
		return false
	}
	return f.DeviceID == "" || f.DeviceID == deviceID
}

// faultList keeps the orders; the first that matches and has nothing to skip acts.
type faultList []*Fault

func (l *faultList) order(f Fault) Fault {
	f.ID = uuid.NewString()
	if f.Times == 0 {
		f.Times = 1
	}
	*l = append(*l, &f)
	return f
}

func (l *faultList) take(path, deviceID string) *Fault {
	for i, f := range *l {
		if !f.matches(path, deviceID) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			*l = slices.Delete(*l, i, i+1)
		}
		return &taken
	}
	return nil
}

// takeFault finds the fault for a request and counts it down.
func (s *Server) takeFault(path string, in *input) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return nil
	}
	deviceID := ""
	if id, ok := in.values["device_id"].(string); ok {
		deviceID = id
	} else if id, ok := in.values["access_code_id"].(string); ok && s.world.codes[id] != nil {
		deviceID = s.world.codes[id].device.ID
	}
	return s.faults.take(path, deviceID)
}

// before carries out the part of a fault that comes before the effect, and reports whether the request has been answered.
func (s *Server) before(f *Fault, r *http.Request, x *exchange) bool {
	if f == nil {
		return false
	}
	switch f.Kind {
	case FaultDrop:
		x.cut()
		return true
	case FaultStatus:
		x.send(f.reply(s.Now(), x.id), nil)
		return true
	case FaultGarbage:
		garbage := reply{status: http.StatusOK, contentType: "text/html", body: []byte("<html>Please log in</html>")}
		garbage.date, garbage.requestID = s.Now(), x.id
		x.send(garbage, nil)
		return true
	case FaultDelay:
		if hold(r, time.Duration(f.Delay)) {
			return false
		}
		x.record(0)
		return true
	case FaultLoseResponse, FaultTruncate:
	}
	return false
}

// hold waits in real time and reports whether the client waited as well.
func hold(r *http.Request, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (f *Fault) reply(date time.Time, requestID string) reply {
	kind := f.ErrorType
	if kind == "" {
		kind = "internal_server_error"
	}
	err := fail(f.Status, kind, "Fault ordered through the simulator")
	err.retryAfter = time.Duration(f.RetryAfter) * time.Second
	r := err.reply(date, requestID)
	if f.Body != "" {
		r.body = []byte(f.Body)
	}
	return r
}
