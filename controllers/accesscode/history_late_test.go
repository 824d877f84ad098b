// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// delays hold up creates on their way to Seam. The server that they are held up at has goroutines of its own.
type delays struct {
	mu       sync.Mutex
	next     time.Duration // by which the next create is held up, zero for not at all
	acting   types.UID     // of the AccessCode that is being reconciled
	onTheWay []late
}

// late is a create whose connection was cut, and that takes effect all the same, some time after.
type late struct {
	request *http.Request
	at      time.Time
	maker   types.UID
}

// delayCreate has the next create take effect late, within the minute that the operator gives it.
func (h *history) delayCreate(rt *rapid.T) {
	h.delays.set(time.Duration(rapid.IntRange(1, 50).Draw(rt, "seconds")) * time.Second)
}

func (d *delays) set(next time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = next
}

// act says whose reconcile comes next.
func (d *delays) act(uid types.UID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.acting = uid
}

// renamed hands over what an AccessCode has on the way when it comes back under another UID.
func (d *delays) renamed(before, after types.UID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.onTheWay {
		if d.onTheWay[i].maker == before {
			d.onTheWay[i].maker = after
		}
	}
}

// hold keeps a create, and says whether it does.
func (d *delays) hold(r *http.Request, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path != "/access_codes/create" || d.next == 0 {
		return false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	copied := r.Clone(context.WithoutCancel(r.Context()))
	copied.Body = io.NopCloser(bytes.NewReader(body))
	d.onTheWay = append(d.onTheWay, late{request: copied, at: now.Add(d.next), maker: d.acting})
	d.next = 0
	return true
}

// due takes those whose time has come.
func (d *delays) due(now time.Time) (due []late) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onTheWay = slices.DeleteFunc(d.onTheWay, func(create late) bool {
		if create.at.After(now) {
			return false
		}
		due = append(due, create)
		return true
	})
	return due
}

// withDelays is the way to Seam on which creates may be held up.
func (h *history) withDelays(seam http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !h.delays.hold(r, h.Clock.Now()) {
			seam.ServeHTTP(rw, r)
			return
		}
		if connection, _, err := http.NewResponseController(rw).Hijack(); err == nil {
			_ = connection.Close()
		}
	})
}

// arrive has those creates take effect whose time has come, and books what they have made.
func (h *history) arrive() {
	h.T.Helper()
	for _, create := range h.delays.due(h.Clock.Now()) {
		h.cluster.faults++
		before := h.atSeam()
		h.Sim.ServeHTTP(httptest.NewRecorder(), create.request)
		for _, code := range h.atSeam() {
			known := slices.ContainsFunc(before, func(c sim.AccessCode) bool { return c.AccessCodeID == code.AccessCodeID })
			if !known && !code.IsBackup {
				h.T.Logf("%s a create arrives: %.8s", h.Clock.Now().Format(time.TimeOnly), code.AccessCodeID)
				h.accounts.maker[code.AccessCodeID] = create.maker
			}
		}
	}
}
