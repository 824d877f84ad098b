// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// TB has the methods of a *testing.T that are used here.
type TB interface {
	Helper()
	Name() string
	Errorf(format string, args ...any)
	Cleanup(f func())
}

// Option changes what Wrap checks.
type Option func(*watch)

// Provoked is for tests that send wrong requests on purpose: what the document refuses may
// be sent then, and must be answered with an error.
func Provoked() Option { return func(w *watch) { w.provoked = true } }

// Allowed lets findings pass that tests cause on purpose and the handler rightly does not
// mind, such as `POST /access_codes/get: body: property "x" is unsupported`.
func Allowed(findings ...string) Option {
	return func(w *watch) { w.allowed = append(w.allowed, findings...) }
}

// Wrap checks every request to a handler and every answer of it against the official documents, and fails the test where they
// differ. Without EnvDocument the handler is returned as it is.
func Wrap(t TB, h http.Handler, options ...Option) http.Handler {
	t.Helper()
	if os.Getenv(EnvDocument) == "" {
		return h
	}
	documents, err := official()
	if err != nil {
		t.Errorf("%v", err)
		return h
	}
	return wrap(t, documents, h, options)
}

// Wrap is the function Wrap for a certain document.
func (d *Document) Wrap(t TB, h http.Handler, options ...Option) http.Handler {
	return wrap(t, []*Document{d}, h, options)
}

func wrap(t TB, documents []*Document, h http.Handler, options []Option) http.Handler {
	w := &watch{t: t, documents: documents, handler: h, counts: counts{}, observe: func(exchange) {}}
	for _, option := range options {
		option(w)
	}
	t.Cleanup(w.finish)
	return w
}

// watch is a handler under watch.
type watch struct {
	t         TB
	documents []*Document
	handler   http.Handler
	provoked  bool
	allowed   []string
	observe   func(exchange)

	running sync.WaitGroup

	mu     sync.Mutex
	counts counts
	over   bool
}

// outside reports paths that are no part of Seam's API.
func outside(path string) bool { return strings.HasPrefix(path, "/_sim/") || path == "/health" }

func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if outside(r.URL.Path) {
		w.handler.ServeHTTP(rw, r)
		return
	}
	w.running.Add(1)
	defer w.running.Done()
	x := exchange{method: r.Method, path: r.URL.Path, query: r.URL.Query(), sent: r.Header.Clone()}
	// Read in whole, so that the handler still gets what a client sent before it hung up.
	body, err := io.ReadAll(r.Body)
	x.body = body
	r.Body = &replay{Reader: bytes.NewReader(body), failure: err}
	x.ordered = ordersFault(w.handler, r)
	spy := &recorder{ResponseWriter: rw}
	w.handler.ServeHTTP(spy, r)
	x.status, x.received, x.answer, x.lost = spy.result()
	w.judge(x, err == nil)
}

// judge counts an exchange and reports what is wrong with it.
func (w *watch) judge(x exchange, whole bool) {
	c := count{}
	if whole {
		refused := !x.lost && x.status >= http.StatusBadRequest
		found := w.check((*Document).checkRequest, x)
		c.requests = 1
		if len(found) > 0 && w.provoked && (refused || x.lost || x.ordered) {
			c.provoked, found = 1, nil
		}
		w.report(x, found)
	}
	switch found := w.check((*Document).checkResponse, x); {
	case x.lost, x.ordered && len(found) > 0:
		c.spoilt = 1
	case x.status >= http.StatusBadRequest:
		c.errors = 1
		w.report(x, found)
	default:
		c.answers = 1
		w.report(x, found)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.add(x.path, c)
	w.observe(x)
}

// check is what the documents say of an exchange.
func (w *watch) check(by func(*Document, exchange) []string, x exchange) []string {
	var found []string
	for _, d := range w.documents {
		found = append(found, prefixed(d.prefix(), by(d, x))...)
	}
	return found
}

func (w *watch) report(x exchange, found []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return // a client that outlives its test has nobody left to tell
	}
	for _, one := range found {
		if slices.Contains(w.allowed, x.method+" "+x.path+": "+strings.TrimPrefix(one, prefixTypes)) {
			continue
		}
		w.t.Errorf("contract: %s %s, status %d: %s", x.method, x.path, x.status, one)
	}
}

// finish writes the counts where EnvCounts says. The server has been closed by then: it was
// begun after Wrap, and cleanups run backwards. Only for a connection that a fault has cut
// the server does not wait.
func (w *watch) finish() {
	w.running.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if err := w.counts.save(os.Getenv(EnvCounts)); err != nil {
		w.t.Errorf("contract: %v", err)
	}
}

// replay is a body that has been read already, with the error at its end if there was one.
type replay struct {
	io.Reader
	failure error
}

func (r *replay) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF && r.failure != nil {
		err = r.failure
	}
	return n, err
}

func (r *replay) Close() error { return nil }

// recorder passes an answer on and keeps it.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	lost   bool
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Hijack is how the simulator cuts a connection.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.lost = r.lost || err == nil
	return conn, buffer, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// result is what the client got. Less than was announced is an answer that was cut.
func (r *recorder) result() (status int, header http.Header, body []byte, lost bool) {
	announced, err := strconv.Atoi(r.Header().Get("Content-Length"))
	cut := err == nil && announced != r.body.Len()
	if r.status == 0 && !r.lost {
		r.status = http.StatusOK // as net/http does for a handler that writes nothing
	}
	return r.status, r.Header().Clone(), r.body.Bytes(), r.lost || cut
}
