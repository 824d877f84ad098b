// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

const (
	// setDelay is how long a lock takes to be programmed: long enough to be seen, and over by the time that the operator
	// looks for the first time.
	setDelay = 2 * time.Second
	// removeDelay is how long a lock takes to forget a code.
	removeDelay = 2 * time.Second
)

// startSimulator starts the simulator on a port of its own choice.
func (d *demo) startSimulator(ctx context.Context) error {
	var err error
	d.sim.url, err = d.cluster.LaunchSimulator(ctx, d.parts.own(localcluster.Simulator),
		"--seed", "--set-delay="+setDelay.String(), "--remove-delay="+removeDelay.String())
	return err
}

// simulator is the other side of the operator: what is on the locks, and what happens at them.
type simulator struct {
	url string
	out *console
}

func (s *simulator) state(ctx context.Context) (remoteState, error) {
	var state remoteState
	err := s.call(ctx, http.MethodGet, "/_sim/state", "", &state)
	return state, err
}

// takeOff has somebody remove a code at the lock.
func (s *simulator) takeOff(ctx context.Context, code remoteCode) error {
	return s.show(ctx, "/_sim/codes/"+code.ID+"/take-off", "{}")
}

// advance moves the simulator's clock.
func (s *simulator) advance(ctx context.Context, by time.Duration) error {
	return s.show(ctx, "/_sim/clock/advance", fmt.Sprintf(`{"by":%q}`, by))
}

// refuse has the lock refuse a code.
func (s *simulator) refuse(ctx context.Context, code remoteCode) error {
	return s.show(ctx, "/_sim/codes/"+code.ID+"/fail", `{"message":"The keypad does not answer."}`)
}

// recover has the lock take the code again.
func (s *simulator) recover(ctx context.Context, code remoteCode) error {
	return s.show(ctx, "/_sim/codes/"+code.ID+"/recover", "{}")
}

// putOn has somebody put a code on a lock past Seam, and returns its id. The call is in a file, as it has the PIN.
func (s *simulator) putOn(ctx context.Context, file, call string) (string, error) {
	answer, err := s.shown(ctx, "/_sim/codes", call, "@"+file)
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"access_code_id"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.ID == "" {
		return "", errors.New("the simulator has not told the id of the code that was put on the lock")
	}
	return made.ID, nil
}

// show prints a control call as one would make it with curl, and makes it.
func (s *simulator) show(ctx context.Context, path, body string) error {
	_, err := s.shown(ctx, path, body, localcluster.Quoted(body))
	return err
}

// shown prints the body of a call in the given words and returns the answer.
func (s *simulator) shown(ctx context.Context, path, body, words string) (json.RawMessage, error) {
	s.out.say("$ curl -X POST %s%s -d %s", s.url, path, words)
	var answer json.RawMessage
	if err := s.call(ctx, http.MethodPost, path, body, &answer); err != nil {
		return nil, err
	}
	s.out.text(string(answer))
	s.out.say("")
	return answer, nil
}

func (s *simulator) call(ctx context.Context, method, path, body string, answer any) error {
	return localcluster.CallSimulator(ctx, http.DefaultClient, method, s.url+path, []byte(body), answer)
}
