// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// describeClocks lists those that have a schedule in wall clocks, a PIN that is renewed, or a time to live. Not every earlier version
// knows them.
func (c *collection) describeClocks() {
	lock, now := c.locks[3], time.Now().UTC().Truncate(time.Minute)
	at := func(after time.Duration) string { return now.Add(after).Format("15:04") }
	daily := func(from, to time.Duration) *v1alpha1.Schedule {
		days := []v1alpha1.Weekday{v1alpha1.Monday, v1alpha1.Tuesday, v1alpha1.Wednesday, v1alpha1.Thursday, v1alpha1.Friday, v1alpha1.Saturday, v1alpha1.Sunday}
		windows := []v1alpha1.WeeklyWindow{{Days: days, From: at(from), To: at(to)}}
		return &v1alpha1.Schedule{TimeZone: "UTC", Weekly: &v1alpha1.WeeklySchedule{Windows: windows}}
	}
	const minutes = "2006-01-02T15:04"
	local := &v1alpha1.Schedule{
		TimeZone: "UTC", Before: &metav1.Duration{Duration: time.Hour},
		Local: &v1alpha1.LocalWindow{Start: now.Format(minutes), End: now.Add(24 * time.Hour).Format(minutes)},
	}
	renewed := func(every string) func(*v1alpha1.AccessCodeSpec) {
		return func(s *v1alpha1.AccessCodeSpec) { s.Rotation = &v1alpha1.Rotation{Every: every} }
	}
	c.add("weekly", lock, v1alpha1.ReasonSet, within(daily(-time.Hour, 12*time.Hour)), renewed(v1alpha1.RotationEveryWindow))
	c.add("between-windows", lock, v1alpha1.ReasonScheduled, within(daily(6*time.Hour, 8*time.Hour)))
	c.add("local", lock, v1alpha1.ReasonSet, within(local), func(s *v1alpha1.AccessCodeSpec) {
		s.TTLAfterExpired = &metav1.Duration{Duration: time.Hour}
	})
	c.add("renewed", lock, v1alpha1.ReasonSet, renewed("720h"))
}

// knows says whether the CRD of AccessCodes has a field of the spec.
func (c *collection) knows(field ...string) bool {
	c.t.Helper()
	var crd unstructured.Unstructured
	crd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	if err := c.Get(c.t.Context(), client.ObjectKey{Name: "accesscodes." + v1alpha1.GroupVersion.Group}, &crd); err != nil {
		c.t.Fatal(err)
	}
	versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	if err != nil || len(versions) == 0 {
		c.t.Fatalf("the CRD has %d versions: %v", len(versions), err)
	}
	path := []string{"schema", "openAPIV3Schema"}
	for _, name := range append([]string{"spec"}, field...) {
		path = append(path, "properties", name)
	}
	newest, _ := versions[0].(map[string]any)
	_, found, err := unstructured.NestedMap(newest, path...)
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}
