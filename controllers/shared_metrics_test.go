// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// exposition is what the metrics endpoint would serve of the operator's own metrics, without the part of their name that
// all have.
func (w *world) exposition() string {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	promhttp.HandlerFor(w.scrapes, promhttp.HandlerOpts{}).ServeHTTP(recorder, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		w.t.Fatalf("scrape: %d %s", recorder.Code, recorder.Body)
	}
	return "\n" + strings.ReplaceAll(recorder.Body.String(), "access_code_operator_", "")
}

// measures checks that these are among the lines of the exposition; one that ends with a space has no value.
func (w *world) measures(when string, lines ...string) {
	w.t.Helper()
	text := w.exposition()
	for _, line := range lines {
		if strings.Contains(text, "\n"+line+"\n") {
			continue
		}
		name, _, _ := strings.Cut(line, " ")
		name, _, _ = strings.Cut(name, "{")
		var found []string
		for got := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(got, name+"{") || strings.HasPrefix(got, name+" ") {
				found = append(found, got)
			}
		}
		w.t.Errorf("%s: want %s, got\n%s", when, line, strings.Join(found, "\n"))
	}
}

// lacks checks that no line of the exposition begins so.
func (w *world) lacks(when string, beginnings ...string) {
	w.t.Helper()
	text := w.exposition()
	for _, beginning := range beginnings {
		if strings.Contains(text, "\n"+beginning) {
			w.t.Errorf("%s: %s… is there", when, beginning)
		}
	}
}
