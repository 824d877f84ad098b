// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
	appsv1 "k8s.io/api/apps/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const crd = "accesscodes.access-codes.io"

// olderChart is the chart as an earlier version might have been: an AccessCode had one short name only, the operator
// might read less, and somebody's view role was called otherwise.
func olderChart(t *testing.T) *chart.Chart {
	t.Helper()
	c := loadChart(t)
	c.Metadata.Version, c.Metadata.AppVersion = "0.0.1", "0.0.1"
	change(t, c, "files/crds/access-codes.io_accesscodes.yaml", "    shortNames:\n    - acode\n", "    shortNames:\n    - ac\n")
	change(t, c, "files/rbac/role.yaml", "  - watch\n", "")
	change(t, c, "files/rbac/accesscode_viewer_role.yaml", "accesscode-viewer-role", "accesscode-reader-role")
	return c
}

// TestLife installs an earlier version for the whole cluster, upgrades it, has it serve two namespaces only, uninstalls
// it and installs it again. The AccessCode of a user stays all the time.
func TestLife(t *testing.T) {
	k := theCluster(t)
	for _, namespace := range []string{"bookings", "cleaning"} {
		k.makeNamespace(namespace)
	}
	first := k.mustInstall(olderChart(t), home, nil)
	k.isThere(first)
	code := k.makeCode("bookings", "guest")

	second := k.upgrade(loadChart(t), home, nil)
	k.isThere(second)
	k.isGone(first, second)
	if names := k.crd().Spec.Names.ShortNames; len(names) != 1 || names[0] != "acode" {
		t.Errorf("the CRD was not upgraded: it has short names %q", names)
	}

	third := k.upgrade(loadChart(t), home, readValues(t, "namespaces.yaml"))
	k.isThere(third)
	k.isGone(second, third)
	k.isUntouched(code)

	kept := k.uninstall(home)
	k.isGone(third, nil)
	if all := k.crds(t.Context()); len(all) != 2 || strings.Count(kept, "[CustomResourceDefinition]") != 2 {
		t.Errorf("%d CRDs stay, and Helm says:\n%s", len(all), kept)
	}
	k.isUntouched(code)

	again := k.mustInstall(loadChart(t), home, nil)
	k.isThere(again)
	k.isUntouched(code)
}

// TestCRDsThatAreNotKept uninstalls a release whose values say that the CRDs go with it, also where an earlier version of it
// had kept them.
func TestCRDsThatAreNotKept(t *testing.T) {
	k := theCluster(t)
	k.makeNamespace("bookings")
	k.mustInstall(loadChart(t), home, nil)
	code := k.makeCode("bookings", "guest-of-a-day")
	k.upgrade(loadChart(t), home, parseValues(t, `crds: {keep: false}`))
	if kept := k.uninstall(home); kept != "" {
		t.Errorf("kept: %s", kept)
	}
	k.eventually("the CRDs and their objects going", func(ctx context.Context) error {
		err := k.Get(ctx, client.ObjectKeyFromObject(code), code.DeepCopy())
		if err == nil || len(k.crds(ctx)) > 0 {
			return errors.New("they are there")
		}
		return nil
	})
}

// TestChartTakesOverWhatKubectlApplied installs what "make deploy" does, and then the chart: Helm refuses, and says by whom the
// objects are, until it is told to take them over. The AccessCode of a user stays.
func TestChartTakesOverWhatKubectlApplied(t *testing.T) {
	k := theCluster(t)
	k.makeNamespace("bookings")
	k.apply(kustomize(t))
	code := k.makeCode("bookings", "guest-of-kubectl")
	if _, err := k.install(loadChart(t), home, nil); err == nil || !strings.Contains(err.Error(), "invalid ownership metadata") {
		t.Errorf("got error %v", err)
	}
	if err := k.Delete(t.Context(), get[appsv1.Deployment](t, render(t, nil), theDeployment)); err != nil {
		t.Fatal(err)
	}
	release := k.mustTakeOver(loadChart(t), home)
	k.isThere(release)
	k.isUntouched(code)
}

// TestSecondReleaseLeavesTheCRDsToTheFirst has one release in each of two namespaces: the second leaves the CRDs to the first,
// and goes without taking anything of it along.
func TestSecondReleaseLeavesTheCRDsToTheFirst(t *testing.T) {
	k := theCluster(t)
	for _, namespace := range []string{"bookings", "cleaning", "first", "second"} {
		k.makeNamespace(namespace)
	}
	first := k.mustInstall(loadChart(t), "first", parseValues(t, `watchNamespaces: [bookings]`))
	if _, err := k.install(loadChart(t), "second", parseValues(t, `watchNamespaces: [cleaning]`)); err == nil ||
		!strings.Contains(err.Error(), crd) {
		t.Errorf("two releases with the CRDs: got error %v", err)
	}
	second := k.mustInstall(loadChart(t), "second", parseValues(t, "watchNamespaces: [cleaning]\ncrds: {install: false}"))
	k.isThere(first)
	k.isThere(second)
	k.uninstall("second")
	k.isThere(first)
	k.isGone(second, nil)
}

// crd is that of AccessCodes.
func (k *cluster) crd() *apiextensionsv1.CustomResourceDefinition {
	k.t.Helper()
	found := &apiextensionsv1.CustomResourceDefinition{}
	if err := k.Get(k.t.Context(), client.ObjectKey{Name: crd}, found); err != nil {
		k.t.Fatal(err)
	}
	return found
}

// isThere says that every object of a release is.
func (k *cluster) isThere(r *release.Release) {
	k.t.Helper()
	for name, there := range k.present(r) {
		if !there {
			k.t.Errorf("revision %d: %s is not there", r.Version, name)
		}
	}
}

// isGone says that what a release had, and the one after it has not, is no longer there, and that this is something. A
// release after which nothing comes leaves CRDs behind.
func (k *cluster) isGone(r, after *release.Release) {
	k.t.Helper()
	var later objects
	if after != nil {
		later = parseObjects(k.t, after.Manifest)
	}
	var gone int
	for name, there := range k.present(r) {
		if later[name] != nil || after == nil && strings.HasPrefix(name, "CustomResourceDefinition ") {
			continue
		}
		gone++
		if there {
			k.t.Errorf("revision %d: %s is still there", r.Version, name)
		}
	}
	if gone == 0 {
		k.t.Errorf("revision %d has nothing that should be gone", r.Version)
	}
}

// isUntouched says that an object is still the one that was created.
func (k *cluster) isUntouched(o client.Object) {
	k.t.Helper()
	found := accessCode(o.GetNamespace(), o.GetName())
	err := k.Get(k.t.Context(), client.ObjectKeyFromObject(o), found)
	switch {
	case apierrors.IsNotFound(err):
		k.t.Errorf("AccessCode %s is gone", o.GetName())
	case err != nil:
		k.t.Fatal(err)
	case found.GetUID() != o.GetUID() || found.GetGeneration() != o.GetGeneration():
		k.t.Errorf("AccessCode %s is another one: %v", o.GetName(), found)
	}
}
