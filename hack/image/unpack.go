// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// unpack writes the files of an image to a new folder.
func unpack(source, platform, target string) error {
	image, err := imageFor(source, platform)
	if err != nil {
		return err
	}
	if err := os.Mkdir(target, 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	root, err := os.OpenRoot(target)
	if err != nil {
		return fmt.Errorf("opening the folder: %w", err)
	}
	defer root.Close()
	files := mutate.Extract(image)
	defer files.Close()
	if err := extract(root, tar.NewReader(files)); err != nil {
		return fmt.Errorf("unpacking %s: %w", source, err)
	}
	return nil
}

// extract knows files and folders: an image of ours has nothing else. Nothing is written outside root.
func extract(root *os.Root, files *tar.Reader) error {
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		file := strings.TrimPrefix(path.Clean(header.Name), "/")
		switch header.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(file, 0o755)
		case tar.TypeReg:
			err = extractFile(root, file, header.FileInfo().Mode().Perm(), files)
		default:
			err = fmt.Errorf("%s is neither a file nor a folder", header.Name)
		}
		if err != nil {
			return err
		}
	}
}

func extractFile(root *os.Root, file string, mode os.FileMode, content io.Reader) error {
	if err := root.MkdirAll(path.Dir(file), 0o755); err != nil {
		return err
	}
	out, err := root.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}
