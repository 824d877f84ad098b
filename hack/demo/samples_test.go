// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

func someSurroundings() surroundings {
	starts := time.Date(2030, 5, 6, 15, 0, 0, 0, time.FixedZone("", 3600))
	from := func(starts time.Time) window { return window{starts, starts.Add(time.Hour)} }
	return surroundings{
		endpoint: "http://127.0.0.1:4242", apiKey: "seam_key", locks: []string{"lock-1", "lock-2", "lock-3"},
		windows: windows{bound: from(starts), backup: from(starts.AddDate(1, 0, 0)), offline: from(starts.AddDate(2, 0, 0))},
	}
}

func readOwnSamples(t *testing.T) []sample {
	t.Helper()
	samples, err := readSamples(filepath.Join("..", "..", "config", "samples"), someSurroundings())
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// The samples themselves, which others change: nothing of a placeholder may be left.
func TestReadSamples(t *testing.T) {
	var all strings.Builder
	for _, s := range readOwnSamples(t) {
		all.Write(s.text)
		if s.code != nil && s.credentials {
			t.Errorf("%s is a code and counts as credentials", s.file)
		}
		if strings.Contains(string(s.text), "9999-9999") != (s.imports() != "") {
			t.Errorf("%s has an id to import other than where one belongs", s.file)
		}
	}
	for text, wanted := range map[string]bool{
		"REPLACE_ME": false, "1111-1111": false, "2222-2222": false, "3333-3333": false, "2035": false,
		"endpoint: http://127.0.0.1:4242\n": true, "apiKey: seam_key\n": true,
	} {
		if strings.Contains(all.String(), text) != wanted {
			t.Errorf("%q: got %v, want %v", text, !wanted, wanted)
		}
	}
}

func TestOwnSamplesHaveTheCast(t *testing.T) {
	c, err := castOf(readOwnSamples(t))
	if err != nil {
		t.Fatal(err)
	}
	locks := map[string]string{}
	for _, code := range append(c.withoutPIN(), c.given) {
		locks[code.Name] = code.Spec.DeviceID
	}
	want := map[string]string{
		"guest": "lock-1", "cleaner": "lock-1", "guest-1204": "lock-2", "neighbour": "lock-1", "guest-1305": "lock-1", "boat-guest": "lock-3",
		"cleaner-weekly": "lock-1",
	}
	if diff := cmp.Diff(want, locks); diff != "" {
		t.Errorf("locks, -want +got:\n%s", diff)
	}
	for want, code := range map[string]*v1alpha1.AccessCode{
		"2030-05-06T14:00:00Z": c.timeBound, "2031-05-06T14:00:00Z": c.backedUp, "2032-05-06T14:00:00Z": c.offline,
	} {
		schedule := code.Spec.Schedule
		if got := schedule.StartsAt.UTC().Format(time.RFC3339); got != want || schedule.EndsAt.Sub(schedule.StartsAt.Time) != time.Hour {
			t.Errorf("%s: got window from %s to %s", code.Name, got, schedule.EndsAt)
		}
	}
}

// What not everybody can use is applied only by the stage that shows it.
func TestSamplesBeside(t *testing.T) {
	d := &demo{samples: readOwnSamples(t)}
	var err error
	if d.cast, err = castOf(d.samples); err != nil {
		t.Fatal(err)
	}
	listed := append(d.sampleFiles(true), d.sampleFiles(false)...)
	for _, code := range append(d.cast.withoutPIN(), d.cast.given) {
		special := code == d.cast.imported || code == d.cast.backedUp || code == d.cast.offline || code == d.cast.weekly
		if path := d.sampleOf(code).path(); slices.Contains(listed, path) == special {
			t.Errorf("%s: got applied with the rest: %v", path, !special)
		}
	}
	for _, s := range d.samples {
		if s.code != nil && !hasPart(s.code) && slices.Contains(listed, s.path()) {
			t.Errorf("%s: got applied without a part in the demo", s.path())
		}
	}
}

// An offline code stays until its window is over: nothing else of the demo may wait for that.
func TestWindows(t *testing.T) {
	now := time.Date(2030, 5, 6, 15, 10, 20, 0, time.UTC)
	w := windowsFrom(now)
	switch {
	case w.backup.starts.After(now), w.offline.starts.After(now), !w.bound.starts.After(now):
		t.Errorf("got windows %v at %s", w, now)
	case w.offline.ends.Add(time.Hour).After(w.bound.ends):
		t.Error("the offline code may outlast the time-bound one")
	case !w.backup.ends.After(now.AddDate(1, 0, 7)): // a change of the clock may be as far
		t.Error("the code with a backup ends before the deletion")
	}
}

func TestAdapt(t *testing.T) {
	for name, tc := range map[string]struct {
		text, want  string
		credentials bool
		err         string
	}{
		"API key":     {text: "kind: Secret\nstringData: {apiKey: seam_REPLACE}", want: "kind: Secret\nstringData: {apiKey: seam_key}", credentials: true},
		"another key": {text: "kind: Secret\nstringData: {code: '1234'}", want: "kind: Secret\nstringData: {code: '1234'}"},
		"no content":  {text: "kind: Secret", want: "kind: Secret"},
		"workspace":   {text: "kind: SeamWorkspace\nspec: {suspend: true}", want: "kind: SeamWorkspace\nspec: {suspend: true, endpoint: 'http://127.0.0.1:4242'}", credentials: true},
		"no window":   {text: "kind: AccessCode\nspec: {deviceID: x}", want: "kind: AccessCode\nspec: {deviceID: lock-1}"},
		"wall clocks": {
			text: "kind: AccessCode\nspec: {deviceID: x, schedule: {local: {start: 2035-12-01T15:00, end: 2035-12-02T11:00}, before: 30m}}",
			want: "kind: AccessCode\nspec: {deviceID: lock-1, schedule: {local: {start: 2030-05-06T14:00, end: 2030-05-06T15:00}, timeZone: UTC, before: 30m}}",
		},
		"every week": {
			text: "kind: AccessCode\nspec: {deviceID: x, schedule: {weekly: {endDate: '2035-12-01'}}}",
			want: "kind: AccessCode\nspec: {deviceID: lock-1, schedule: {weekly: {endDate: '2035-12-01'}}}",
		},
		"no spec":       {text: "kind: AccessCode", err: "it has no spec"},
		"unknown kind":  {text: "kind: Pod", err: `kind "Pod" is not known here`},
		"no YAML":       {text: ":", err: "reading it"},
		"unknown field": {text: "kind: AccessCode\nspec: {device: x}", err: `unknown field "device"`},
	} {
		t.Run(name, func(t *testing.T) {
			a := adapter{to: someSurroundings()}
			got, err := a.adapt("file.yaml", []byte(tc.text))
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("got error %v, want one with %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, tc.want), parsed(t, string(got.text))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.credentials != tc.credentials {
				t.Errorf("got credentials %v", got.credentials)
			}
		})
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestReadSamplesRefusals(t *testing.T) {
	const lock = "kind: AccessCode\nspec: {deviceID: %}\n"
	for name, tc := range map[string]struct {
		files map[string]string
		err   string
	}{
		"nothing": {nil, "kustomization.yaml: no such file"},
		"no YAML": {map[string]string{"kustomization.yaml": "["}, "reading the samples"},
		"missing": {map[string]string{"kustomization.yaml": "resources: [a.yaml]"}, "a.yaml: no such file"},
		"too many locks": {map[string]string{
			"kustomization.yaml":      "resources: [a, b, access-codes.io_c.yaml]",
			"a":                       strings.Replace(lock, "%", "x", 1),
			"b":                       strings.Replace(lock, "%", "y", 1),
			"access-codes.io_c.yaml":  strings.Replace(lock, "%", "z", 1),
			"access-codes.io_d.yaml":  strings.Replace(lock, "%", "u", 1),
			"something-else-yet.yaml": "[",
		}, "adapting access-codes.io_d.yaml: there is no lock for its device, number 4"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for file, text := range tc.files {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := readSamples(folder, someSurroundings()); err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got error %v, want one with %q", err, tc.err)
			}
		})
	}
}

func TestCast(t *testing.T) {
	var given, chosen v1alpha1.AccessCode
	given.Name = "given"
	given.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin", Key: "k"}}
	chosen.Name = "chosen"
	if _, err := castOf([]sample{{code: &given}, {code: &chosen}, {}}); err == nil {
		t.Error("got no error without a time-bound one")
	}
	if name, key := secretOf(&given); name != "pin" || key != "k" {
		t.Errorf("got Secret %q, key %q", name, key)
	}
	if name, key := secretOf(&chosen); name != "chosen" || key != "code" {
		t.Errorf("got Secret %q, key %q", name, key)
	}
	pin, err := otherPIN([]remoteCode{{PIN: "000000"}})
	if err != nil || len(pin) != 6 || pin == "000000" {
		t.Errorf("got another PIN of length %d, error %v", len(pin), err)
	}
}
