// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// scraper reads the metrics of an operator.
type scraper struct {
	url    string
	client *http.Client
}

func newScraper(t *testing.T, o *operator) scraper {
	t.Helper()
	// The operator signs its certificate itself.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return scraper{
		url:    o.metrics,
		client: &http.Client{Transport: transport, Timeout: 10 * time.Second},
	}
}

// get returns the status and the text of an answer. Without a token none is sent.
func (s scraper) get(ctx context.Context, token string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("reading the metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
