// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"net"
	"testing"
)

func TestListens(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := Listens(t.Context(), address); err != nil {
		t.Errorf("somebody listens: %v", err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Listens(t.Context(), address); err == nil {
		t.Error("nobody listens any more, and no error")
	}
}
