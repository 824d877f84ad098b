// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command picture draws the dashboard of config/prometheus from a recording of hack/bench.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/access-codes/access-code-operator/test/monitoring/dashboard"
	"github.com/access-codes/access-code-operator/test/monitoring/picture"
	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

func main() {
	project := flag.String("project", "../..", "the checkout")
	recorded := flag.String("recording", "testdata/recording.txt.gz", "what bench -record has written")
	out := flag.String("out", "../../docs/dashboard.png", "the picture")
	flag.Parse()
	if err := run(context.Background(), *project, *recorded, *out); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, project, recorded, out string) (err error) {
	shown, err := dashboard.Read(filepath.Join(project, "config/prometheus/dashboard.json"))
	if err != nil {
		return err
	}
	target, err := recording.TargetOf(filepath.Join(project, "config/prometheus/monitor.yaml"))
	if err != nil {
		return err
	}
	r, err := recording.Read(recorded)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "access-code-picture-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	database, err := r.Open(ctx, dir, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	drawn, err := picture.Draw(ctx, shown, r, database)
	if err != nil {
		return err
	}
	file, err := os.Create(out) //nolint:gosec // the caller's own file
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(encoder.Encode(file, drawn), file.Close())
}
