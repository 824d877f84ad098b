// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// patience is how long a page may take before it counts as stuck.
const patience = 4 * time.Minute

// places are the sections that are not followed on what "make demo-up" starts, as all others are.
func places() map[string]func(*testing.T, programs, session) {
	return map[string]func(*testing.T, programs, session){
		"README.md: Use it on a cluster":                                    followOnCluster,
		"docs/quick-start.md: Operator and first code":                      followOnCluster,
		"docs/how-to/uninstall.md: The operator is gone and objects remain": followWithoutOperator,
	}
}

// before is what there is where a page is followed, and not in the demo.
func before() map[string]string {
	return map[string]string{
		"docs/gitops.md": "kubectl create namespace argocd", // Argo CD's own
	}
}

// made are the targets of make that a page has and that other steps of .ci/run, or the test itself, run. All others are
// run here.
func made() map[string]string {
	return map[string]string{
		"demo":    "a step of its own",
		"test":    "part of make ci",
		"demo-up": "what the commands are run on",
		// Of the image.
		"image":         "make test-image builds it",
		"image-archive": "make test-image reads such an archive",
		"push-image":    "make test-image pushes to a registry of its own",
		"docker-build":  "it needs Docker; make test-image holds the Dockerfile to the Makefile",
	}
}

// absent are the programs that are not there when pages are followed, and what is checked instead.
func absent() map[string]string {
	return map[string]string{
		"k3d":      "it needs Docker; make test-image reads the archive",
		"kind":     "it needs Docker or Podman; make test-image reads the archive",
		"minikube": "it needs a machine of its own; make test-image reads the archive",
		"helm":     "make test-e2e installs, upgrades and uninstalls the chart with it",
		// Those that carry images; make test-image does it with their library.
		"crane":  "it needs a registry",
		"docker": "it needs a registry and Docker",
		"oras":   "it needs a registry",
		"skopeo": "it needs a registry",
		"jq":     "make test-image reads the SBOM",
	}
}

// Whoever takes the last command out of the pages for which there is an exception takes out the exception.
func TestExceptionsAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range pages(t) {
		used[p.path] = true
		for _, s := range sessions(t, p) {
			used[s.name] = true
			for _, c := range s.commands {
				words := append(c.words(), "")
				used[words[0]], used[words[0]+" "+words[1]] = true, true
			}
		}
	}
	listed := slices.Collect(maps.Keys(places()))
	listed = slices.AppendSeq(listed, maps.Keys(before()))
	listed = slices.AppendSeq(listed, maps.Keys(absent()))
	for target := range made() {
		listed = append(listed, "make "+target)
	}
	for _, name := range listed {
		if !used[name] {
			t.Errorf("there is an exception for %q, and nothing like it in the pages", name)
		}
	}
}

// session is what one shell is told.
type session struct {
	name     string // of the page, or of the section where that has a place of its own
	page     string
	commands []command
}

// sessions of a page, in order.
func sessions(t *testing.T, p page) []session {
	t.Helper()
	var all []session
	for _, b := range p.blocks {
		if b.language != console {
			continue
		}
		commands, err := b.commands()
		if err != nil {
			t.Fatal(err)
		}
		name := p.path + ": " + b.heading
		if places()[name] == nil {
			name = p.path
		}
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, session{name: name, page: p.path})
		}
		last := &all[len(all)-1]
		last.commands = append(last.commands, commands...)
	}
	return all
}

// TestCommands runs the commands of every page, each page in a shell and on a control plane of its own.
func TestCommands(t *testing.T) {
	t.Parallel()
	parts := thePrograms(t)
	for _, p := range pages(t) {
		for _, s := range sessions(t, p) {
			t.Run(strings.ReplaceAll(s.name, "/", "_"), func(t *testing.T) {
				t.Parallel()
				follow := places()[s.name]
				if follow == nil {
					follow = followInDemo
				}
				follow(t, parts, s)
			})
		}
	}
}

// shell is where commands are run.
type shell struct {
	exports string   // what is typed first
	env     []string // what is set besides
}

// run runs commands one after the other, as a person does who stops at the first that fails. What they print is not
// shown: there are PINs in it.
func (s shell) run(t *testing.T, commands []command) {
	t.Helper()
	script := "set -eo pipefail\n" + s.exports + "\n"
	for _, c := range commands {
		script += scripted(t, c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var problems strings.Builder
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Stderr = root, &problems
	// A make that runs this test is not to have a say in those of the pages.
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(set string) bool {
		return regexp.MustCompile(`^(MAKE|MFLAGS|KUBE)`).MatchString(set)
	}), s.env...)
	cmd.SysProcAttr = localcluster.Lifetime()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		t.Errorf("%v; what was run, and what went wrong last:\n%s", errors.Join(err, context.Cause(ctx)), problems.String())
	}
}

// scripted is a command as the script has it, after a line that says which it is.
func scripted(t *testing.T, c command) string {
	t.Helper()
	words := c.words()
	if len(words) == 0 {
		return ""
	}
	if instead := absent()[words[0]]; instead != "" {
		t.Logf("%s is not run: %s", c.where(), instead)
		return ""
	}
	if words[0] == "make" && len(words) > 1 && made()[words[1]] != "" {
		t.Logf("%s is only looked up: %s", c.where(), made()[words[1]])
		c.text = "make -n" + strings.TrimPrefix(c.text, "make")
	}
	return fmt.Sprintf("echo %s >&2\n%s\n", quoted(c.where()+": "+c.text), c.text)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
