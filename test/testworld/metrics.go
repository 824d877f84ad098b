// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Exposition is what the metrics endpoint would serve of the operator's own metrics, without the part of their name that
// all have.
func (w *World) Exposition() string {
	w.T.Helper()
	recorder := httptest.NewRecorder()
	promhttp.HandlerFor(w.Scrapes, promhttp.HandlerOpts{}).ServeHTTP(recorder, httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		w.T.Fatalf("scrape: %d %s", recorder.Code, recorder.Body)
	}
	return "\n" + strings.ReplaceAll(recorder.Body.String(), "access_code_operator_", "")
}

// Measures checks that these are among the lines of the exposition; one that ends with a space has no value.
func (w *World) Measures(when string, lines ...string) {
	w.T.Helper()
	text := w.Exposition()
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
		w.T.Errorf("%s: want %s, got\n%s", when, line, strings.Join(found, "\n"))
	}
}

// Lacks checks that no line of the exposition begins so.
func (w *World) Lacks(when string, beginnings ...string) {
	w.T.Helper()
	text := w.Exposition()
	for _, beginning := range beginnings {
		if strings.Contains(text, "\n"+beginning) {
			w.T.Errorf("%s: %s… is there", when, beginning)
		}
	}
}
