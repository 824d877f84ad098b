// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const (
	// setDelay is how long a lock takes to be programmed, removeDelay how long it takes to forget a code.
	setDelay    = 2 * time.Second
	removeDelay = 2 * time.Second
)

// simulator is the simulator's control endpoints. They answer at once, whatever the latency of the API is.
type simulator struct {
	url  string
	http *http.Client
}

// launchSimulator starts the simulator without limits, which are turned on where they are measured.
func launchSimulator(ctx context.Context, family *localcluster.Family, path string, latency time.Duration) (*simulator, error) {
	url, err := family.LaunchSimulator(ctx, path, "--rate-limits=false", "--latency="+latency.String(),
		"--set-delay="+setDelay.String(), "--remove-delay="+removeDelay.String())
	return &simulator{url: url, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute}}, err
}

// workspace adds a workspace and a key for it.
func (s *simulator) workspace(ctx context.Context, name string) (tenant, error) {
	var made struct {
		ID string `json:"workspace_id"`
	}
	if err := s.call(ctx, http.MethodPost, "workspaces", map[string]any{"name": name}, &made); err != nil {
		return tenant{}, err
	}
	t := tenant{sim: s, workspaceID: made.ID, key: "seam_bench_" + name}
	err := s.call(ctx, http.MethodPost, "api-keys", map[string]any{"workspace_id": made.ID, "key": t.key}, nil)
	return t, err
}

func (s *simulator) tally(ctx context.Context) (sim.Tally, error) {
	var t sim.Tally
	err := s.read(ctx, "tally", &t)
	return t, err
}

// code is one code with the time of its last update. The error is localcluster.ErrNotFound when there is none.
func (s *simulator) code(ctx context.Context, id string) (sim.CodeState, error) {
	var state sim.CodeState
	err := s.read(ctx, "codes/"+id, &state)
	return state, err
}

// mark resets the tally of shown codes to zero.
func (s *simulator) mark(ctx context.Context) error {
	return s.call(ctx, http.MethodPost, "mark", nil, nil)
}

func (s *simulator) limits(ctx context.Context, on bool) error {
	return s.call(ctx, http.MethodPost, "rate-limits", map[string]any{"on": on}, nil)
}

// changeAtLock gives a code another PIN at the lock.
func (s *simulator) changeAtLock(ctx context.Context, id, pin string) error {
	return s.call(ctx, http.MethodPost, "codes/"+id+"/change", map[string]any{"code": pin}, nil)
}

func (s *simulator) read(ctx context.Context, path string, answer any) error {
	return s.call(ctx, http.MethodGet, path, nil, answer)
}

func (s *simulator) call(ctx context.Context, method, path string, body, answer any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("asking the simulator: %w", err)
		}
	}
	return localcluster.CallSimulator(ctx, s.http, method, s.url+"/_sim/"+path, data, answer)
}

// tenant is a workspace at Seam and its key.
type tenant struct {
	sim         *simulator
	workspaceID string
	key         string
}

// devices adds locks and returns their ids.
func (t tenant) devices(ctx context.Context, count int) ([]string, error) {
	ids := make([]string, count)
	for i := range ids {
		var made struct {
			Device sim.Device `json:"device"`
		}
		body := map[string]any{"workspace_id": t.workspaceID, "name": fmt.Sprintf("Door %d", i+1)}
		if err := t.sim.call(ctx, http.MethodPost, "devices", body, &made); err != nil {
			return nil, err
		}
		ids[i] = made.Device.ID
	}
	return ids, nil
}
