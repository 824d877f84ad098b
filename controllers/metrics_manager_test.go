// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// scrape returns the operator's own metrics, as its metrics endpoint would serve them.
func (k *cluster) scrape(ctx context.Context) string {
	k.t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(k.metrics); err != nil {
		k.t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		k.t.Fatalf("scrape: %d %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// TestMetricsFollowTheCache: a scrape counts what the API server has.
func TestMetricsFollowTheCache(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	counts := func(line string) {
		t.Helper()
		line = "\naccess_code_operator_" + strings.ReplaceAll(line, "NS", k.namespace) + "\n"
		k.eventually("the metrics having"+line, func(ctx context.Context) (bool, error) { return strings.Contains(k.scrape(ctx), line), nil })
	}
	const one = `accesscodes{namespace="NS",reason="Set",state="set"} 1`
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	counts(`workspace_up{namespace="NS",workspace="default"} 1`)
	counts(one)
	counts(`accesscodes_not_on_lock{namespace="NS"} 0`)
	k.stop()
	k.start()
	counts(one)
	k.remove(&v1alpha1.AccessCode{}, "guest")
	k.eventually("nothing being left to count", func(ctx context.Context) (bool, error) {
		return !strings.Contains(k.scrape(ctx), "access_code_operator_accesscodes"), nil
	})
}
