// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// apiProxy stands between one operator and the API server. It hands the writes, and the reads of Secrets, of the
// operation under way to its gate.
type apiProxy struct {
	*httptest.Server

	forward *httputil.ReverseProxy

	mu    sync.Mutex
	stage *stage
	// stale, while not nil, holds back watch events until it is closed.
	stale chan struct{}
	// renewed is when the operator last tried to acquire or renew the lease.
	renewed time.Time
}

// newAPIProxy returns a proxy that speaks for whoever calls with a token: client-go sends none over plain HTTP.
func newAPIProxy(config *rest.Config, token string) (*apiProxy, error) {
	transport, err := rest.TransportFor(rest.AnonymousClientConfig(config))
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	p := &apiProxy{forward: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Authorization", "Bearer "+token)
		},
		Transport:     transport,
		FlushInterval: -1, // what is watched goes on at once
		ErrorLog:      log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			(&exchange{w: w}).cut() // what is seen of an API server that is not there
		},
	}}
	p.Server = httptest.NewServer(p)
	return p, nil
}

// serve passes the operator's writes for a stage through its gate.
func (p *apiProxy) serve(s *stage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = s
}

func (p *apiProxy) current() *stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

func (p *apiProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("watch") != "" {
		p.forward.ServeHTTP(&heldWriter{ResponseWriter: w, proxy: p}, r)
		return
	}
	if strings.Contains(r.URL.Path, "/leases") && r.Method == http.MethodPut {
		p.mu.Lock()
		p.renewed = time.Now()
		p.mu.Unlock()
	}
	s := p.current()
	resource, name := target(r.URL.Path)
	read := r.Method == http.MethodGet
	if s == nil || resource == "" || read && resource != "secrets" {
		p.forward.ServeHTTP(w, r)
		return
	}
	x, body, err := newExchange(w, r, p.forward)
	if err != nil {
		return // the operator is gone
	}
	if name == "" {
		name = nameOf(body)
	}
	if !strings.HasPrefix(name, s.name) {
		x.through()
		return
	}
	s.gate.pass(kubernetesSide, r.Method+" "+resource, x)
}

// target is the resource, with its subresource, and the name in a path of the API; the resource is empty for what is
// no part of an operation.
func target(path string) (resource, name string) {
	_, path, ok := strings.Cut(path, "/namespaces/")
	if !ok {
		return "", ""
	}
	parts := strings.Split(path, "/")[1:]
	if len(parts) == 0 || parts[0] != "accesscodes" && parts[0] != "seamworkspaces" && parts[0] != "secrets" {
		return "", ""
	}
	resource = parts[0]
	if len(parts) > 1 {
		name = parts[1]
	}
	if len(parts) > 2 {
		resource += "/" + parts[2]
	}
	return resource, name
}

// nameOf is the name of an object that is created, in whatever encoding it is sent.
func nameOf(body []byte) string {
	object, _, err := clientgoscheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		return ""
	}
	metadata, err := apimeta.Accessor(object)
	if err != nil {
		return ""
	}
	return metadata.GetName()
}

// freeze holds back what the operator watches: its cache is stale from here on.
func (p *apiProxy) freeze() (thaw func()) {
	held := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = held
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stale = nil
		close(held)
	}
}

func (p *apiProxy) lastRenewal() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.renewed
}

// heldWriter passes watch events on, unless they are held back.
type heldWriter struct {
	http.ResponseWriter

	proxy *apiProxy
}

func (w *heldWriter) Write(data []byte) (int, error) {
	w.proxy.mu.Lock()
	held := w.proxy.stale
	w.proxy.mu.Unlock()
	if held != nil {
		<-held
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap lets the response be flushed.
func (w *heldWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
