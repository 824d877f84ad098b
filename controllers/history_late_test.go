// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// late is a create whose connection was cut, and that takes effect all the same, some time after.
type late struct {
	request *http.Request
	at      time.Time
	maker   types.UID
}

// delayCreate has the next create take effect late, within the minute that the operator gives it.
func (h *history) delayCreate(rt *rapid.T) {
	h.delay = time.Duration(rapid.IntRange(1, 50).Draw(rt, "seconds")) * time.Second
}

// withDelays is the way to Seam on which creates may be held up.
func (h *history) withDelays(seam http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/access_codes/create" || h.delay == 0 {
			seam.ServeHTTP(rw, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			h.t.Error(err)
		}
		copied := r.Clone(context.WithoutCancel(r.Context()))
		copied.Body = io.NopCloser(bytes.NewReader(body))
		h.onTheWay = append(h.onTheWay, late{request: copied, at: h.clock.Now().Add(h.delay), maker: h.acting})
		h.delay = 0
		h.cluster.faults++
		if connection, _, err := http.NewResponseController(rw).Hijack(); err == nil {
			_ = connection.Close()
		}
	})
}

// arrive has those creates take effect whose time has come, and books what they have made.
func (h *history) arrive() {
	h.t.Helper()
	h.onTheWay = slices.DeleteFunc(h.onTheWay, func(create late) bool {
		if create.at.After(h.clock.Now()) {
			return false
		}
		before := h.atSeam()
		h.sim.ServeHTTP(httptest.NewRecorder(), create.request)
		for _, code := range h.atSeam() {
			known := slices.ContainsFunc(before, func(c sim.AccessCode) bool { return c.AccessCodeID == code.AccessCodeID })
			if !known && !code.IsBackup {
				h.t.Logf("%s a create arrives: %.8s", h.clock.Now().Format(time.TimeOnly), code.AccessCodeID)
				h.accounts.maker[code.AccessCodeID] = create.maker
			}
		}
		return true
	})
}
