// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// exchange is one call of the operator on its way to the server.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	next http.Handler
}

// newExchange reads the whole request first, so that it can take effect when its sender is gone.
func newExchange(w http.ResponseWriter, r *http.Request, next http.Handler) (*exchange, []byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return &exchange{w: w, r: r, next: next}, body, nil
}

func (x *exchange) through() { x.next.ServeHTTP(x.w, x.r) }

// effect lets the server answer the call, and keeps the answer back.
func (x *exchange) effect() *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	x.next.ServeHTTP(answer, x.r.WithContext(context.WithoutCancel(x.r.Context())))
	return answer
}

// deliver sends an answer that was kept back.
func (x *exchange) deliver(answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		x.w.Header()[name] = values
	}
	x.w.WriteHeader(answer.Code)
	_, _ = x.w.Write(answer.Body.Bytes())
}

// truncate sends the first half of an answer.
func (x *exchange) truncate(answer *httptest.ResponseRecorder) {
	whole := answer.Body.Bytes()
	x.w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	x.w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	x.w.WriteHeader(answer.Code)
	_, _ = x.w.Write(whole[:len(whole)/2])
	_ = http.NewResponseController(x.w).Flush()
	x.cut()
}

// refuse answers with an error status.
func (x *exchange) refuse(status int, headers ...string) {
	for i := 0; i+1 < len(headers); i += 2 {
		x.w.Header().Set(headers[i], headers[i+1])
	}
	http.Error(x.w, http.StatusText(status), status)
}

// cut ends the connection without an answer.
func (x *exchange) cut() {
	if connection, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// hang leaves the call without an answer until its sender gives up.
func (x *exchange) hang() { <-x.r.Context().Done() }
