// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	idleTimeout   = time.Minute
	// maxHeader bounds the headers, in bytes: several times what Svix and a proxy write.
	maxHeader = 16 << 10
)

// Start serves until ctx ends, as a Runnable of a manager. It then waits up to ShutdownTimeout for requests under way. Seam
// sends again what was not answered by then.
func (r *Receiver) Start(ctx context.Context) error {
	listener, err := r.listen(ctx)
	if err != nil {
		return err
	}
	// Requests under way may outlive ctx by ShutdownTimeout.
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:           r,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		// It begins with the header, and covers reading the body and both calls.
		WriteTimeout:   readTimeout + 2*r.options.Timeout + headerTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeader,
		BaseContext:    func(net.Listener) context.Context { return requests },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	logf.FromContext(ctx).Info("Receiving webhooks", "address", listener.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("serving webhooks: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(requests, r.options.ShutdownTimeout)
	defer cancel()
	if server.Shutdown(grace) != nil {
		// An error of a connection that is given up does not matter.
		_ = server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("ending the receiver of webhooks: %w", err)
	}
	return nil
}

// NeedLeaderElection is false: every replica answers, and one that is not the leader makes Seam try again.
func (r *Receiver) NeedLeaderElection() bool { return false }

func (r *Receiver) listen(ctx context.Context) (net.Listener, error) {
	if r.options.Listener != nil {
		return r.options.Listener, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", r.options.Address)
	if err != nil {
		return nil, fmt.Errorf("listening for webhooks: %w", err)
	}
	return listener, nil
}
