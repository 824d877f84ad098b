// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

func TestFrom(t *testing.T) {
	recorded := func(main string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: main}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: commit}
	modified := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for _, test := range []struct {
		name, stamp               string
		build                     *debug.BuildInfo
		version, revision, goName string
	}{
		{"stamped", "v1.2.3@" + commit, recorded("(devel)"), "v1.2.3", commit, "go1.26.0"},
		{"the stamp goes before what Go recorded", "v1.2.3@stamped", recorded("v1.2.0", revision), "v1.2.3", "stamped", "go1.26.0"},
		{"stamped without a revision", "v1.2.3", recorded("(devel)", revision), "v1.2.3", commit, "go1.26.0"},
		{"stamped outside a repository", "@", recorded("(devel)"), "(devel)", "unknown", "go1.26.0"},
		{"installed by go install", "", recorded("v1.2.3"), "v1.2.3", "unknown", "go1.26.0"},
		{"built in a checkout", "", recorded("(devel)", revision), "(devel)", commit, "go1.26.0"},
		{"built in a changed checkout", "", recorded("(devel)", revision, modified), "(devel)", commit + "-dirty", "go1.26.0"},
		{"built without modules", "", &debug.BuildInfo{}, "(devel)", "unknown", runtime.Version()},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := Info{Version: test.version, Revision: test.revision, Go: test.goName, Platform: runtime.GOOS + "/" + runtime.GOARCH}
			if diff := cmp.Diff(want, from(test.stamp, test.build)); diff != "" {
				t.Errorf("wrong description (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCurrent(t *testing.T) {
	got := Current("v1.2.3@" + commit)
	if got.Version != "v1.2.3" || got.Revision != commit || !strings.HasPrefix(runtime.Version(), got.Go) {
		t.Errorf("Current = %+v", got)
	}
}

func TestTexts(t *testing.T) {
	info := Info{Version: "v1.2.3", Revision: "abc", Go: "go1.26.0", Platform: "linux/amd64", TimeZones: "2026f"}
	if got, want := info.String(), "access-code-operator v1.2.3 (revision abc, go1.26.0, linux/amd64, time zones 2026f)"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	if got, want := info.UserAgent(), "access-code-operator/v1.2.3 (linux/amd64)"; got != want {
		t.Errorf("UserAgent = %q, want %q", got, want)
	}
	// Parentheses would begin a comment in the header.
	info.Version = "(devel)"
	if got, want := info.UserAgent(), "access-code-operator/devel (linux/amd64)"; got != want {
		t.Errorf("UserAgent = %q, want %q", got, want)
	}
}
