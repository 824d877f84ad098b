// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerfile is the Dockerfile, read by the parser that Docker uses.
type dockerfile struct {
	arguments map[string]string // with their defaults
	build     instructions.Stage
	final     instructions.Stage
}

func readDockerfile(t *testing.T) dockerfile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stages, arguments, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed.Warnings) > 0 || len(stages) != 2 {
		t.Fatalf("the Dockerfile has %d stages and the warnings %v", len(stages), parsed.Warnings)
	}
	d := dockerfile{arguments: map[string]string{}, build: stages[0], final: stages[1]}
	for _, argument := range arguments {
		for _, pair := range argument.Args {
			d.arguments[pair.Key] = *pair.Value
		}
	}
	return d
}

// all returns the instructions of one kind.
func all[T instructions.Command](stage instructions.Stage) []T {
	var found []T
	for _, command := range stage.Commands {
		if one, ok := command.(T); ok {
			found = append(found, one)
		}
	}
	return found
}

// arguments of a stage, which are empty where nothing is given.
func arguments(stage instructions.Stage) []string {
	var names []string
	for _, argument := range all[*instructions.ArgCommand](stage) {
		for _, pair := range argument.Args {
			names = append(names, pair.Key)
		}
	}
	return names
}

const (
	version  = "v1.2.3"
	revision = "abc"
)

// TestDockerfileBuilds compares how the program is built with the Makefile.
func TestDockerfileBuilds(t *testing.T) {
	d := readDockerfile(t)
	var got []string
	for _, run := range all[*instructions.RunCommand](d.build) {
		if line := strings.Join(run.CmdLine, " "); strings.Contains(line, "go build") {
			got = words(t, line, "TARGETOS=linux", "TARGETARCH=amd64", "VERSION="+version, "REVISION="+revision)
		}
	}
	var want []string
	for line := range strings.Lines(makeIn(t, project, "-n", "build", "VERSION="+version, "REVISION="+revision)) {
		if strings.Contains(line, "go build") {
			want = words(t, strings.TrimSpace(line))
		}
	}
	if len(want) == 0 || len(got) == 0 {
		t.Fatalf("found no go build: %q in the Makefile, %q in the Dockerfile", want, got)
	}
	place := slices.Index(want, "-o") + 1
	want[place] = "/access-code-operator"
	want = slices.Insert(want, 1, "GOOS=linux", "GOARCH=amd64")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the Dockerfile builds otherwise than the Makefile (-want +got):\n%s", diff)
	}
}

// words splits a line as a shell does, with these variables.
func words(t *testing.T, line string, variables ...string) []string {
	t.Helper()
	split, err := shell.NewLex('\\').ProcessWords(line, shell.EnvsFromSlice(variables))
	if err != nil {
		t.Fatal(err)
	}
	return split
}

func TestDockerfileBases(t *testing.T) {
	d := readDockerfile(t)
	module, err := os.ReadFile(filepath.Join(project, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if d.build.BaseName != "golang:${GO_VERSION}" || d.arguments["GO_VERSION"] != string(wanted[1]) {
		t.Errorf("it builds with %s, GO_VERSION=%s; go.mod wants %s", d.build.BaseName, d.arguments["GO_VERSION"], wanted[1])
	}
	// Compiled for the other platform, not emulated.
	if d.build.Platform != "$BUILDPLATFORM" || d.final.BaseName != "scratch" {
		t.Errorf("the stages are for %q and from %q", d.build.Platform, d.final.BaseName)
	}
}

// TestDockerfileImage compares the image with that of the image tool.
func TestDockerfileImage(t *testing.T) {
	d := readDockerfile(t)
	users, entries := all[*instructions.UserCommand](d.final), all[*instructions.EntrypointCommand](d.final)
	if len(users) != 1 || users[0].User != user {
		t.Errorf("the users are %v, want %s", users, user)
	}
	if len(entries) != 1 || entries[0].PrependShell || !slices.Equal(entries[0].CmdLine, []string{"/access-code-operator"}) {
		t.Errorf("the entry points are %+v, want the program, without a shell", entries)
	}
	var files []string
	for _, file := range all[*instructions.CopyCommand](d.final) {
		if file.From != d.build.Name || file.Chmod != "" || file.Chown != "" {
			t.Errorf("%s is not from the build, as it is there", file)
		}
		files = append(files, file.DestPath)
	}
	if diff := cmp.Diff([]string{"/" + certificates, "/access-code-operator"}, files); diff != "" {
		t.Errorf("wrong files (-want +got):\n%s", diff)
	}
}

// TestDockerfileLabels compares the labels with those of the image tool.
func TestDockerfileLabels(t *testing.T) {
	labels := map[string]string{}
	for _, label := range all[*instructions.LabelCommand](readDockerfile(t).final) {
		for _, pair := range label.Labels {
			key, value := words(t, pair.Key), words(t, pair.Value, "VERSION="+version, "REVISION="+revision)
			labels[key[0]] = value[0]
		}
	}
	same := order{version: version, revision: revision}.annotations("github.com/access-codes/access-code-operator")
	if diff := cmp.Diff(same, labels); diff != "" {
		t.Errorf("wrong labels (-want +got):\n%s", diff)
	}
}

// TestDockerfileArguments: what make docker-build hands over is what the stages ask for.
func TestDockerfileArguments(t *testing.T) {
	d := readDockerfile(t)
	var given []string
	for _, match := range regexp.MustCompile(`--build-arg (\w+)=`).FindAllStringSubmatch(makeIn(t, project, "-n", "docker-build"), -1) {
		given = append(given, match[1])
	}
	ofDocker := []string{"TARGETOS", "TARGETARCH"}
	if diff := cmp.Diff(append(ofDocker, given...), arguments(d.build)); diff != "" {
		t.Errorf("the build has other arguments (-given +declared):\n%s", diff)
	}
	if diff := cmp.Diff(given, arguments(d.final)); diff != "" {
		t.Errorf("the image has other arguments (-given +declared):\n%s", diff)
	}
}

// TestDockerfileSources: all that the program is compiled from is copied, and .dockerignore lets it through.
func TestDockerfileSources(t *testing.T) {
	d := readDockerfile(t)
	var copied []string
	for _, file := range all[*instructions.CopyCommand](d.build) {
		copied = append(copied, file.SourcePaths...)
	}
	ignored := dockerignore(t)
	needed := append(sources(t), "go.mod", "go.sum")
	for _, file := range needed {
		if !slices.ContainsFunc(copied, func(source string) bool {
			return file == source || strings.HasPrefix(file, source+"/")
		}) {
			t.Errorf("the Dockerfile does not copy %s, but %v", file, copied)
		}
		if ignored(file) {
			t.Errorf(".dockerignore leaves %s out", file)
		}
	}
	for _, file := range []string{".git/config", "bin/access-code-operator", "dist/install.yaml", "api/v1alpha1/types_test.go"} {
		if !ignored(file) {
			t.Errorf(".dockerignore lets %s through", file)
		}
	}
}

// dockerignore returns whether a file is left out of what Docker gets.
func dockerignore(t *testing.T) func(file string) bool {
	t.Helper()
	list, err := os.Open(filepath.Join(project, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	patterns, err := ignorefile.ReadAll(list)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return func(file string) bool {
		left, err := matcher.MatchesOrParentMatches(file)
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
}

// sources are the files of the operator, as the project names them.
func sources(t *testing.T) []string {
	t.Helper()
	format := `{{if and .Module .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}` +
		`{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, ".")
	command.Dir = project
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(project)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, file := range strings.Fields(string(output)) {
		relative, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.ToSlash(relative))
	}
	if len(files) < 50 {
		t.Fatalf("found %d files only: %v", len(files), files)
	}
	return files
}
