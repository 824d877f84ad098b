// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"fmt"
	"strings"
	"sync"
)

// The servers that the operator calls.
const (
	seamSide       = "Seam"
	kubernetesSide = "Kubernetes"
)

// step is one call that the operator makes during an operation.
type step struct {
	side string
	// call is what is called: the endpoint at Seam; verb and resource at Kubernetes.
	call string
	// nth counts equal calls, from 1.
	nth int
}

func (s step) String() string {
	if s.nth == 1 {
		return s.side + " " + s.call
	}
	return fmt.Sprintf("%s %s, no. %d", s.side, s.call, s.nth)
}

// writes says that the step changes something.
func (s step) writes() bool {
	for _, read := range []string{"/get", "/list", "/generate_code", "GET "} {
		if strings.Contains(s.call, read) {
			return false
		}
	}
	return true
}

// gate sees every call of an operation, and lets the armed fault strike at one of them.
type gate struct {
	mu sync.Mutex
	// open says that the operation is under way: what comes before it is not counted.
	open  bool
	seen  map[step]int
	trace []step
	at    step
	// write is the number of the write to Kubernetes at which to strike, whatever it writes; 0 for the step in at.
	write  int
	strike func(x *exchange)
	// struck is closed when the fault begins to act.
	struck chan struct{}
	// awaited is the step at which the user does something, if there is one.
	awaited *meeting
}

// meeting is the step at which the operator waits until the user has done something.
type meeting struct {
	at            step
	reached, done chan struct{}
}

func newGate() *gate { return &gate{seen: map[step]int{}, struck: make(chan struct{})} }

// meet makes the operator wait at a step. It closes reached there, and goes on once done is closed.
func (g *gate) meet(at step) *meeting {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.awaited = &meeting{at: at, reached: make(chan struct{}), done: make(chan struct{})}
	return g.awaited
}

// begin starts to count steps, and lets strike act at one of them; strike may be nil.
func (g *gate) begin(at step, strike func(x *exchange)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.at, g.strike = true, at, strike
}

// beginAtWrite starts to count steps, and lets strike act at the nth write to Kubernetes.
func (g *gate) beginAtWrite(nth int, strike func(x *exchange)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.write, g.strike = true, nth, strike
}

// pass lets a call through, or lets the fault strike at it. Where the user is to act at this call, that comes first.
func (g *gate) pass(side, call string, x *exchange) {
	user, strike := g.count(side, call)
	if user != nil {
		close(user.reached)
		<-user.done
	}
	if strike != nil {
		strike(x)
		return
	}
	x.through()
}

// count counts a call, and returns what is to happen at it.
func (g *gate) count(side, call string) (user *meeting, strike func(x *exchange)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return nil, nil
	}
	kind := step{side: side, call: call}
	g.seen[kind]++
	now := kind
	now.nth = g.seen[kind]
	g.trace = append(g.trace, now)
	if g.write > 0 && side == kubernetesSide && now.writes() {
		if g.write--; g.write == 0 {
			g.at = now
		}
	}
	if g.awaited != nil && now == g.awaited.at {
		user = g.awaited
	}
	if g.strike != nil && now == g.at {
		strike = g.strike
		g.strike = nil
		close(g.struck)
	}
	return user, strike
}

// steps are those that were counted so far.
func (g *gate) steps() []step {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]step(nil), g.trace...)
}

func (g *gate) wasStruck() bool { return closed(g.struck) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
