// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	// user has no name: the image has no /etc/passwd.
	user = "65532:65532"
	// certificates is where Go looks first. A file and not roots linked into the program, which Go would leave aside as
	// soon as SSL_CERT_DIR names further ones.
	certificates = "etc/ssl/certs/ca-certificates.crt"
	// baseRepository names the base in annotations and SBOM. It is made here and is in no registry.
	baseRepository = "localhost/access-code-operator-base"
)

// base returns what the program is put onto, for each platform: nothing but the certificate authorities.
func base(platforms []*v1.Platform, created v1.Time) (name.Reference, v1.ImageIndex, error) {
	layer, err := certificatesLayer()
	if err != nil {
		return nil, nil, err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range platforms {
		image, err := baseImage(platform, layer, created)
		if err != nil {
			return nil, nil, fmt.Errorf("making the base of %s: %w", platform, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	digest, err := index.Digest()
	if err != nil {
		return nil, nil, fmt.Errorf("making the base: %w", err)
	}
	reference, err := name.NewDigest(baseRepository + "@" + digest.String())
	if err != nil {
		return nil, nil, fmt.Errorf("naming the base: %w", err)
	}
	return reference, index, nil
}

func baseImage(platform *v1.Platform, layer v1.Layer, created v1.Time) (v1.Image, error) {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.ConfigFile(image, &v1.ConfigFile{
		OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant, Created: created,
		Config: v1.Config{User: user, WorkingDir: "/"},
		RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{Layer: layer, MediaType: types.OCILayer, History: v1.History{
		Created: created, CreatedBy: "golang.org/x/crypto/x509roots", Comment: "certificate authorities",
	}})
}

// certificatesLayer holds the authorities in one file. It depends on the pinned module alone, not on this machine.
func certificatesLayer() (v1.Layer, error) {
	var file, archive bytes.Buffer
	for root := range bundle.Roots() {
		// A certificate with a constraint is left out: the file has no place for the constraint.
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, fmt.Errorf("writing a certificate: %w", err)
		}
	}
	writer := tar.NewWriter(&archive)
	for _, dir := range []string{"etc", "etc/ssl", "etc/ssl/certs"} {
		if err := writer.WriteHeader(&tar.Header{Name: dir, Typeflag: tar.TypeDir, Mode: 0o555}); err != nil {
			return nil, fmt.Errorf("writing %s: %w", dir, err)
		}
	}
	header := &tar.Header{Name: certificates, Typeflag: tar.TypeReg, Mode: 0o444, Size: int64(file.Len())}
	if err := writer.WriteHeader(header); err != nil {
		return nil, fmt.Errorf("writing %s: %w", certificates, err)
	}
	if _, err := file.WriteTo(writer); err != nil {
		return nil, fmt.Errorf("writing %s: %w", certificates, err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("writing the certificates: %w", err)
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}
