// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// kubeRequests are the requests to the API server by their HTTP method.
type kubeRequests map[string]int

// reads are lists, gets and the beginnings of watches.
func (k kubeRequests) reads() int { return k[http.MethodGet] + k[http.MethodHead] }

// writes are all others.
func (k kubeRequests) writes() int {
	sum := 0
	for _, count := range k {
		sum += count
	}
	return sum - k.reads()
}

// minus is what was counted since an earlier time.
func (k kubeRequests) minus(before kubeRequests) kubeRequests {
	return kubeRequests(difference(k, before))
}

// difference is what was counted since an earlier time; what did not change is left out.
func difference(after, before map[string]int) map[string]int {
	diff := map[string]int{}
	for key, count := range after {
		if d := count - before[key]; d != 0 {
			diff[key] = d
		}
	}
	return diff
}

// parseRequests sums rest_client_requests_total, of the operator's metrics, by method.
func parseRequests(text string) (kubeRequests, error) {
	counts := kubeRequests{}
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, "rest_client_requests_total{")
		if !found {
			continue
		}
		labels, value, found := strings.Cut(rest, "} ")
		if !found {
			return nil, fmt.Errorf("reading metrics: a line without a value: %q", strings.TrimSpace(line))
		}
		count, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return nil, fmt.Errorf("reading metrics: %w", err)
		}
		method := label(labels, "method")
		if method == "" {
			return nil, fmt.Errorf("reading metrics: a line without a method: %q", strings.TrimSpace(line))
		}
		counts[method] += int(count)
	}
	return counts, nil
}

// label finds the value of a label. Those that are looked for contain neither quotes nor commas.
func label(labels, name string) string {
	for part := range strings.SplitSeq(labels, ",") {
		if value, found := strings.CutPrefix(part, name+`="`); found {
			return strings.TrimSuffix(value, `"`)
		}
	}
	return ""
}

// fetch reads a page of text.
func fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("asking %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err // names the address itself
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("asking %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("asking %s: %s", url, response.Status)
	}
	return string(data), nil
}
