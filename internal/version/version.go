// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package version says which build of the operator is running.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

const (
	program = "access-code-operator"
	unknown = "unknown"
	// development is what Go calls a main module that was built from a checkout.
	development = "(devel)"
)

// Info describes a build. It has no build time: the same source gives the same program.
type Info struct {
	// Version is the version of the release, such as v0.1.0, or a pseudo-version for a commit between two releases.
	Version string
	// Revision is the commit.
	Revision string
	// Go is the version of Go that it was built with.
	Go string
	// Platform is operating system and architecture, such as linux/amd64.
	Platform string
	// TimeZones is the release of the IANA time zones by which schedules are read, such as 2026f. Current leaves it empty: it
	// may be that of other files than those in the program.
	TimeZones string
}

// Current describes the running build. stamp is what the linker was given, <version>@<revision>; what it lacks comes from what
// Go recorded in the program.
func Current(stamp string) Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return from(stamp, build)
}

func from(stamp string, build *debug.BuildInfo) Info {
	version, revision, _ := strings.Cut(stamp, "@")
	settings := map[string]string{}
	for _, setting := range build.Settings {
		settings[setting.Key] = setting.Value
	}
	recorded := settings["vcs.revision"]
	if recorded != "" && settings["vcs.modified"] == "true" {
		recorded += "-dirty"
	}
	return Info{
		Version:  cmp.Or(version, build.Main.Version, development),
		Revision: cmp.Or(revision, recorded, unknown),
		Go:       cmp.Or(build.GoVersion, runtime.Version()),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// String is what --version prints.
func (i Info) String() string {
	return fmt.Sprintf("%s %s (revision %s, %s, %s, time zones %s)", program, i.Version, i.Revision, i.Go, i.Platform, cmp.Or(i.TimeZones, unknown))
}

// UserAgent names the operator to the services that it calls.
func (i Info) UserAgent() string {
	return fmt.Sprintf("%s/%s (%s)", program, strings.Trim(i.Version, "()"), i.Platform)
}
