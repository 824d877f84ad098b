// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// reply is an answer ready to be written.
type reply struct {
	status      int
	date        time.Time // the simulator's time, header Date
	requestID   string
	retryAfter  int // seconds; zero sends no header
	contentType string
	body        []byte
}

func okReply(date time.Time, requestID string, body result) reply {
	body["ok"] = true
	return reply{status: http.StatusOK, date: date, requestID: requestID}.withJSON(body)
}

// withJSON encodes the body. Everything sent is made of plain maps, slices and
// strings, so encoding fails only on a mistake in this package; it then shows as 500.
func (r reply) withJSON(body any) reply {
	data, err := json.Marshal(body)
	if err != nil {
		r.status, data = http.StatusInternalServerError, []byte(`{"ok":false}`)
	}
	r.contentType, r.body = "application/json; charset=utf-8", data
	return r
}

// exchange is one request that is being answered: what the log records of it, and the writer.
type exchange struct {
	id     string
	writer http.ResponseWriter
	// record logs the status, zero when the connection is cut. It runs before the
	// client hears anything, so that whoever has an answer finds it in the log.
	record func(status int)
}

// send writes the reply, or as much of it as the fault lets through.
func (x *exchange) send(r reply, fault *Fault) {
	if fault != nil && fault.Kind == FaultLoseResponse {
		x.cut()
		return
	}
	body := r.body
	if fault != nil && fault.Kind == FaultTruncate {
		body = body[:len(body)/2]
	}
	h := x.writer.Header()
	h.Set("Content-Type", r.contentType)
	h.Set("Date", r.date.Format(http.TimeFormat))
	h.Set("Seam-Request-Id", r.requestID)
	// The full length even when half is sent: net/http then cuts the connection.
	h.Set("Content-Length", strconv.Itoa(len(r.body)))
	if r.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
	x.record(r.status)
	x.writer.WriteHeader(r.status)
	// A client that hung up is its own affair: the effect has happened.
	_, _ = x.writer.Write(body)
}

// cut closes the connection before any byte of an answer.
func (x *exchange) cut() {
	conn, _, err := http.NewResponseController(x.writer).Hijack()
	if err != nil {
		// Not on a connection of our own (HTTP/2, a recorder): say so instead of
		// letting a test believe that the answer was lost.
		x.record(http.StatusNotImplemented)
		x.writer.WriteHeader(http.StatusNotImplemented)
		return
	}
	x.record(0)
	_ = conn.Close()
}
