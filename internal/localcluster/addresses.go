// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// FreeAddresses returns loopback addresses with ports that are free at the moment. They may be taken before they are used: see
// attempts.
func FreeAddresses(ctx context.Context, count int) ([]string, error) {
	var addresses []string
	var problems []error
	listeners := make([]net.Listener, 0, count)
	for range count {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			problems = append(problems, fmt.Errorf("looking for a free port: %w", err))
			break
		}
		listeners = append(listeners, listener)
		addresses = append(addresses, listener.Addr().String())
	}
	// Closed after the last one is found, so that no port is found twice.
	for _, listener := range listeners {
		problems = append(problems, listener.Close())
	}
	return addresses, errors.Join(problems...)
}

// Answers says whether a GET is answered with 200.
func Answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("asking %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err // names the address itself
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking %s: %s", url, response.Status)
	}
	return nil
}

// Listens says whether something listens at an address. A program may report that it is ready before it finds that its port has
// been taken meanwhile, such as by an outgoing connection.
func Listens(ctx context.Context, address string) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err // names the address itself
	}
	return connection.Close()
}
