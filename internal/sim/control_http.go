// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// controlPrefix is where the control endpoints live, outside the paths of the API.
const controlPrefix = "/_sim/"

// controlRoutes are the endpoints that doc.go lists, each the twin of a Go method.
func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	add := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := f(r)
			answerControl(w, body, err)
		})
	}
	add("GET /_sim/state", func(*http.Request) (any, error) { return s.State(), nil })
	add("GET /_sim/requests", func(*http.Request) (any, error) { return s.Requests(), nil })
	add("DELETE /_sim/requests", func(*http.Request) (any, error) { s.ResetRequests(); return nil, nil })
	add("GET /_sim/clock", func(*http.Request) (any, error) { return clockBody{Now: s.Now()}, nil })
	add("POST /_sim/clock/advance", s.controlAdvance)
	add("GET /_sim/faults", func(*http.Request) (any, error) { return map[string]any{"faults": s.Faults()}, nil })
	add("POST /_sim/faults", s.controlFault)
	add("DELETE /_sim/faults", func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil })
	s.controlTally(add)
	s.controlCodes(add)
	s.controlIssues(add)
	s.controlTenants(add)
	s.controlTokens(add)
	s.controlDevices(add)
	return mux
}

// controlCodes are the endpoints for what happens to codes at the lock.
func (s *Server) controlCodes(add func(string, func(*http.Request) (any, error))) {
	add("POST /_sim/codes", func(r *http.Request) (any, error) {
		p, err := decode(r, ForeignCode{})
		if err != nil {
			return nil, err
		}
		id, err := s.AddForeignCode(p)
		return map[string]any{"access_code_id": id}, err
	})
	add("POST /_sim/codes/{id}/take-off", func(r *http.Request) (any, error) {
		return nil, s.TakeOffLock(r.PathValue("id"))
	})
	add("POST /_sim/codes/{id}/lose", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			SameID bool `json:"same_id"`
		}{})
		if err != nil {
			return nil, err
		}
		id, err := s.LoseCode(r.PathValue("id"), p.SameID)
		return map[string]any{"access_code_id": id}, err
	})
	add("POST /_sim/codes/{id}/use", func(r *http.Request) (any, error) {
		return nil, s.UseCode(r.PathValue("id"))
	})
	add("POST /_sim/codes/{id}/change", func(r *http.Request) (any, error) {
		p, err := decode(r, LockChange{})
		if err != nil {
			return nil, err
		}
		return nil, s.ChangeAtLock(r.PathValue("id"), p)
	})
	add("POST /_sim/codes/{id}/fail", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			Message string `json:"message"`
		}{})
		if err != nil {
			return nil, err
		}
		return nil, s.FailCode(r.PathValue("id"), p.Message)
	})
	add("POST /_sim/codes/{id}/recover", func(r *http.Request) (any, error) {
		return nil, s.RecoverCode(r.PathValue("id"))
	})
}

// clockBody is the answer of the clock endpoints.
type clockBody struct {
	Now time.Time `json:"now"`
}

func (s *Server) controlAdvance(r *http.Request) (any, error) {
	p, err := decode(r, struct {
		By Duration `json:"by"`
	}{})
	if err != nil {
		return nil, err
	}
	if p.By < 0 {
		return nil, errors.New("the clock goes forward only")
	}
	return clockBody{Now: s.Advance(time.Duration(p.By))}, nil
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	p, err := decode(r, Fault{})
	if err != nil {
		return nil, err
	}
	f, err := s.OrderFault(p)
	return map[string]any{"fault": f}, err
}

// decode reads a JSON body over the given values. An unknown member is an error: a misspelt one would otherwise be taken for
// one without effect.
func decode[T any](r *http.Request, value T) (T, error) {
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
		return value, fmt.Errorf("reading body: %w", err)
	}
	return value, nil
}

func answerControl(w http.ResponseWriter, body any, err error) {
	status := http.StatusOK
	if body == nil { // nothing to say but that it went well
		body = map[string]any{"ok": true}
	}
	if err != nil {
		status, body = http.StatusBadRequest, map[string]any{"ok": false, "error": err.Error()}
		if errors.Is(err, ErrNotFound) {
			status = http.StatusNotFound
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that hung up is its own affair.
	_ = json.NewEncoder(w).Encode(body)
}
