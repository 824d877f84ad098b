// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// createPath is what creates a code at Seam.
const createPath = "/access_codes/create"

// doubtName names the SeamWorkspace of the codes whose creation nobody recorded.
const doubtName = "doubt"

// doubts are the AccessCodes of that SeamWorkspace and their locks. The provider of the second lock chooses the PIN, so that
// Seam would not refuse a second code: only the stored intention tells of the first.
func (u *upgrade) doubts() map[string]string {
	return map[string]string{"doubted": u.locks[2], "doubted-provider": sim.SeedProviderPINLockID}
}

// crash lets an operator create the codes, and kills it when Seam has them all and has not answered yet.
func (u *upgrade) crash(o *operator) {
	u.t.Helper()
	created := &crossing{next: u.sim, awaited: len(u.doubts()), struck: make(chan struct{}), strike: func() {
		if err := o.Kill(); err != nil {
			u.t.Error(err)
		}
	}}
	server := httptest.NewServer(created)
	u.t.Cleanup(server.Close)
	ws := u.workspace(doubtName, credentialsName)
	ws.Spec.Endpoint = server.URL
	u.create(u.t, ws)
	for name, lock := range u.doubts() {
		code := u.code(name, lock)
		code.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: doubtName}
		u.create(u.t, code)
	}
	u.eventually("the operator being killed", func(context.Context) (bool, error) { return !o.Running(), nil })
	for name := range u.doubts() {
		if id := u.get(name).Status.AccessCodeID; id != "" || len(u.named(name)) != 1 {
			u.t.Fatalf("AccessCode %q is not in doubt: it has recorded %q of %d codes at Seam", name, id, len(u.named(name)))
		}
	}
}

// resolved waits until each code is recorded that was created before the crash, and none was created besides.
func (u *upgrade) resolved() {
	u.t.Helper()
	for name := range u.doubts() {
		u.becomes(name, v1alpha1.ReasonSet)
		if codes := u.named(name); len(codes) != 1 || codes[0] != u.get(name).Status.AccessCodeID {
			u.t.Errorf("AccessCode %q has recorded %q of the codes %q", name, u.get(name).Status.AccessCodeID, codes)
		}
	}
}

// named are the ids of the codes of that name at Seam.
func (u *upgrade) named(name string) []string {
	var ids []string
	for _, code := range u.sim.State().AccessCodes {
		if code.Name != nil && *code.Name == name {
			ids = append(ids, code.AccessCodeID)
		}
	}
	return ids
}

// crossing passes requests to Seam. The first creates have their effect and get no answer. With the last one that is awaited,
// it strikes.
type crossing struct {
	next    http.Handler
	strike  func()
	struck  chan struct{}
	mu      sync.Mutex
	awaited int
}

func (c *crossing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != createPath || !c.before() {
		c.next.ServeHTTP(w, r)
		return
	}
	c.next.ServeHTTP(httptest.NewRecorder(), r)
	if c.created() {
		c.strike()
		close(c.struck)
	}
	<-c.struck // from then on, nobody is there to hear an answer
}

// before says that it has yet to strike.
func (c *crossing) before() bool {
	select {
	case <-c.struck:
		return false
	default:
		return true
	}
}

// created counts a create, and says that it was the last of those that are awaited.
func (c *crossing) created() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaited--
	return c.awaited == 0
}
