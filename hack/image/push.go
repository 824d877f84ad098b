// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// push copies a layout to a registry, with the credentials that "docker login" or "podman login" stored. Nothing is
// added to the reference: one without a registry would go to a public one.
func push(ctx context.Context, source, target string, output io.Writer) error {
	reference, err := name.NewTag(target, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("%q must name registry, repository and tag: %w", target, err)
	}
	index, err := readIndex(source)
	if err != nil {
		return err
	}
	if err := remote.WriteIndex(reference, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("pushing: %w", err)
	}
	digest, err := index.Digest()
	if err != nil {
		return fmt.Errorf("reading the digest: %w", err)
	}
	fmt.Fprintln(output, reference.Context().Digest(digest.String()))
	return nil
}
