// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func sampleChart(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(filepath.Join(config, "samples", "helm"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSampleRefusesPINsThatAreNumbers: what is in quotes gets to the Secret as it is, and what YAML has made a number of is
// refused. Nothing can tell later that another number was meant.
func TestSampleRefusesPINsThatAreNumbers(t *testing.T) {
	t.Parallel()
	for pin, right := range map[string]bool{
		`"0482915"`: true, `"1234567"`: true, `"4829"`: true,
		`0482915`: false, `012345`: false, `1234567`: false, `12e3`: false, `"48 29"`: false, `"482"`: false, `""`: false,
	} {
		t.Run(pin, func(t *testing.T) {
			t.Parallel()
			all, err := sampleWith(t, pin)
			switch {
			case !right && (err == nil || !strings.Contains(err.Error(), "pin")):
				t.Errorf("got error %v", err)
			case right && err != nil:
				t.Errorf("got error %v", err)
			case right:
				written, _, _ := unstructured.NestedString(all["Secret /guest-pin"].Object, "stringData", "code")
				read, _, _ := unstructured.NestedString(all["AccessCode /guest"].Object, "spec", "codeFrom", "secretKeyRef", "name")
				if written != strings.Trim(pin, `"`) || read != "guest-pin" {
					t.Errorf("the Secret has %q, and %q is read", written, read)
				}
			}
		})
	}
}

// TestSampleAsItIs renders, and has no PIN where none is given.
func TestSampleAsItIs(t *testing.T) {
	t.Parallel()
	rendered, err := newTemplate(home).Run(sampleChart(t), values{})
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := rendered.(*release.Release); !ok || parseObjects(t, r.Manifest)["AccessCode /guest-1204"] == nil {
		t.Error("there is no AccessCode")
	}
	all, err := sampleWith(t, `null`)
	if err != nil || all["AccessCode /guest"] == nil || all["Secret /guest-pin"] != nil {
		t.Errorf("got %d objects, error %v", len(all), err)
	}
}

func sampleWith(t *testing.T, pin string) (objects, error) {
	t.Helper()
	line := "\n  pin: " + pin
	if pin == "null" {
		line = ""
	}
	rendered, err := newTemplate(home).Run(sampleChart(t), parseValues(t, "guests:\n- name: guest\n"+
		"  deviceID: 11111111-1111-4111-8111-111111111111\n  endsAt: \"2035-12-05T11:00:00Z\""+line))
	if err != nil {
		return nil, err
	}
	r, ok := rendered.(*release.Release)
	if !ok {
		return nil, errors.New("not a release of this version")
	}
	return parseObjects(t, r.Manifest), nil
}
