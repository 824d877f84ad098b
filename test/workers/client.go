// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// Client is the client of the controllers. It reads from the cache what is cached. All else goes to api, each call as a step of
// its own.
func (r *Runner) Client(api client.WithWatch) client.WithWatch {
	return interceptor.NewClient(api, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if r.cache.has(o) {
				return r.cache.Get(ctx, key, o, opts...)
			}
			return r.call(func() error { return c.Get(ctx, key, o, opts...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if r.cache.has(list) {
				return r.cache.List(ctx, list, opts...)
			}
			return r.call(func() error { return c.List(ctx, list, opts...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return r.call(func() error { return c.Create(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return r.call(func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return r.call(func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// Cache is the cached reader of the controllers.
func (r *Runner) Cache() client.Reader { return r.cache }

// APIReader is the reader of the controllers that bypasses the cache. Each call is a step of its own.
func (r *Runner) APIReader(api client.WithWatch) client.Reader {
	return interceptor.NewClient(api, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			return r.call(func() error { return c.Get(ctx, key, o, opts...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			return r.call(func() error { return c.List(ctx, list, opts...) })
		},
	})
}

// Transport carries the requests to Seam. Each is a step of its own.
func (r *Runner) Transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (response *http.Response, err error) {
		err = r.call(func() error {
			var failed error
			response, failed = next.RoundTrip(request) //nolint:bodyclose // whoever asked closes it
			return failed
		})
		if err != nil {
			return nil, err
		}
		return response, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
