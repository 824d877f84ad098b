// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// restarts kills the API server while each operation is at one of its writes, and starts it again. One restart serves all
// operations: each waits at its write for the others. A sample takes another write for each kind.
func (l *lab) restarts(t *testing.T, m *matrix, pool chan *lane) {
	t.Helper()
	perKind := sample(t)
	for i, name := range []string{restartBefore, restartAfter} {
		for _, nth := range pick([]int{1, 2, 3}, perKind, i) {
			t.Run(fmt.Sprintf("%s, no. %d", name, nth), func(t *testing.T) {
				l.restartRound(t, m, pool, kind{name: name}, nth)
			})
		}
	}
}

func (l *lab) restartRound(t *testing.T, m *matrix, pool chan *lane, killed kind, nth int) {
	t.Helper()
	ops := operations()
	b := &barrier{arrived: make(chan struct{}, len(ops)), down: make(chan struct{}), up: make(chan struct{})}
	var wg sync.WaitGroup
	for i, op := range ops {
		n := <-pool
		defer func() { pool <- n }()
		wg.Go(func() {
			f := fault{op: op, kind: killed, withoutStatus: withoutStatus(i + nth)}
			err := n.runThroughRestart(t.Context(), f, b, nth)
			if errors.Is(err, errUnreached) {
				return // the operation has fewer writes than that
			}
			m.add(f, err)
			if err != nil {
				t.Errorf("%s: %v", op.name, err)
			}
		})
	}
	for range ops {
		<-b.arrived
	}
	go b.watch(t.Context(), l.Address())
	if err := l.RestartAPIServer(t.Context()); err != nil {
		t.Error(err)
	}
	close(b.up)
	wg.Wait()
}

// barrier is where the operations wait for each other and for the API server.
type barrier struct {
	arrived, down, up chan struct{}
}

// watch notices when nothing listens at the address any more.
func (b *barrier) watch(ctx context.Context, address string) {
	defer close(b.down)
	_ = wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err != nil {
			return true, nil
		}
		return false, connection.Close()
	})
}

// runThroughRestart plays an operation whose nth write to Kubernetes meets the restart.
func (n *lane) runThroughRestart(ctx context.Context, f fault, b *barrier, nth int) error {
	var once sync.Once
	arrive := func() { once.Do(func() { b.arrived <- struct{}{} }) }
	defer arrive() // or the others would wait for ever
	s, err := n.newStage(ctx, f.op, f.withoutStatus)
	defer func() { _ = s.clear(ctx) }()
	if err != nil {
		return err
	}
	s.gate.beginAtWrite(nth, func(x *exchange) { //nolint:contextcheck // the effect outlives its sender
		if f.kind.name == restartAfter {
			x.effect()
		}
		arrive()
		<-b.down
		x.cut()
	})
	if err := f.op.act(ctx, s); err != nil {
		return err
	}
	if err := s.struck(ctx); err != nil {
		return err
	}
	<-b.up
	if err := s.settled(ctx); err != nil {
		return err
	}
	return s.rest(ctx)
}
