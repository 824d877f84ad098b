// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command image builds the operator's image without Docker, as an OCI layout on disk with an SBOM.
//
//	image build  -output layout [-platforms linux/amd64,linux/arm64] [-version v] [-revision commit] [...]
//	image unpack -output folder [-platform linux/amd64] layout
//	image push   layout registry/repository:tag
//	image archive -output file [-platform linux/amd64] layout repository:tag
//
// It is called by the Makefile, which has the flags that the operator is built with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	log.SetOutput(io.Discard) // ko tells of each step and of the state of the checkout; what fails, it returns
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, output io.Writer) error {
	if len(args) == 0 {
		return errors.New("say what to do: build, unpack, push or archive")
	}
	switch name, args := args[0], args[1:]; name {
	case "build":
		return runBuild(ctx, args, output)
	case "unpack":
		return runUnpack(args)
	case "push":
		if len(args) != 2 {
			return errors.New("push takes a layout and a reference")
		}
		return push(ctx, args[0], args[1], output)
	case "archive":
		return runArchive(args)
	default:
		return fmt.Errorf("%q is not one of build, unpack, push and archive", name)
	}
}

func runBuild(ctx context.Context, args []string, output io.Writer) error {
	var (
		order            order
		platforms, flgs  string
		target, imported string
	)
	flags := flag.NewFlagSet("image build", flag.ContinueOnError)
	flags.StringVar(&order.dir, "dir", ".", "folder of the module to build")
	flags.StringVar(&imported, "package", ".", "package of the program in it")
	flags.StringVar(&platforms, "platforms", "linux/amd64", "platforms, separated by commas")
	flags.StringVar(&flgs, "flags", "", "flags of go build, separated by spaces")
	flags.StringVar(&order.ldflags, "ldflags", "", "flags of the linker")
	flags.StringVar(&order.version, "version", "", "version, for the labels")
	flags.StringVar(&order.revision, "revision", "", "commit, for the labels")
	flags.Int64Var(&order.created, "created", 0, "time of the commit, in seconds since 1970")
	flags.StringVar(&target, "output", "", "folder to write the OCI layout to; the SBOMs are written beside it")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading flags: %w", err)
	}
	if target == "" {
		return errors.New("-output is missing")
	}
	order.importPath, order.platforms, order.flags = imported, strings.Split(platforms, ","), strings.Fields(flgs)
	images, err := build(ctx, order)
	if err != nil {
		return err
	}
	digest, err := writeLayout(target, order, images)
	if err != nil {
		return err
	}
	fmt.Fprintln(output, digest)
	return nil
}

func runUnpack(args []string) error {
	var target, platform string
	flags := flag.NewFlagSet("image unpack", flag.ContinueOnError)
	flags.StringVar(&platform, "platform", "linux/amd64", "which of the images")
	flags.StringVar(&target, "output", "", "folder to write to; it must not exist")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() != 1 || target == "" {
		return errors.New("unpack takes -output and a layout")
	}
	return unpack(flags.Arg(0), platform, target)
}

func runArchive(args []string) error {
	var target, platform string
	flags := flag.NewFlagSet("image archive", flag.ContinueOnError)
	flags.StringVar(&platform, "platform", "linux/amd64", "which of the images")
	flags.StringVar(&target, "output", "", "file to write, in place of an earlier one")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() != 2 || target == "" {
		return errors.New("archive takes -output, a layout and a reference")
	}
	return archive(flags.Arg(0), platform, target, flags.Arg(1))
}
