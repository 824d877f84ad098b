// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// least is the oldest Kubernetes that the chart says it is for.
func least(t *testing.T) *version.Version {
	t.Helper()
	said := regexp.MustCompile(`^>=(\d+\.\d+)\.0-0$`).FindStringSubmatch(loadChart(t).Metadata.KubeVersion)
	if said == nil {
		t.Fatalf("kubeVersion is %q", loadChart(t).Metadata.KubeVersion)
	}
	return version.MustParse(said[1])
}

// before is a minor version earlier.
func before(v *version.Version) *version.Version { return version.MajorMinor(v.Major(), v.Minor()-1) }

// TestLeastKubernetes has the rules of the CRDs compiled with the functions that the API server of that version has, and
// those of the one before, where some are missing: so the version is neither too low nor higher than it must be. In a new
// CRD, an API server takes the functions only that the minor version before it had, too.
func TestLeastKubernetes(t *testing.T) {
	t.Parallel()
	at := least(t)
	if faults := compileRules(t, before(at)); len(faults) > 0 {
		t.Errorf("an API server %s refuses the CRDs: %q", at, faults)
	}
	if faults := compileRules(t, before(before(at))); len(faults) == 0 {
		t.Errorf("an API server %s would take the CRDs, too", before(at))
	}
}

// TestHelmRefusesAnOlderCluster: an older cluster is refused before anything is applied, one of a vendor is not.
func TestHelmRefusesAnOlderCluster(t *testing.T) {
	t.Parallel()
	at := least(t)
	for cluster, right := range map[string]bool{
		fmt.Sprintf("v%s.0", at):                true,
		fmt.Sprintf("v%s.4-eks-1a2b3c", at):     true,
		fmt.Sprintf("v%s.0-gke.1200", at):       true,
		fmt.Sprintf("v%s.14", before(at)):       false,
		fmt.Sprintf("v%s.9-eks-9z", before(at)): false,
	} {
		found, err := common.ParseKubeVersion(cluster)
		if err != nil {
			t.Fatal(err)
		}
		install := newTemplate(home)
		install.KubeVersion = found
		_, err = install.Run(loadChart(t), values{})
		if (err == nil) != right || (err != nil && !strings.Contains(err.Error(), "kubeVersion")) {
			t.Errorf("%s: got error %v", cluster, err)
		}
	}
}

// Pages name the same version.
func TestPagesNameTheLeastKubernetes(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../../README.md", "../../docs/operations.md", charted + "/README.md"} {
		text := read(t, page)[filepath.Base(page)]
		if want := "Kubernetes " + least(t).String(); !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s does not name %s", page, want)
		}
	}
}

// compileRules compiles every rule of every CRD, and returns what is wrong.
func compileRules(t *testing.T, with *version.Version) []string {
	t.Helper()
	set := environment.MustBaseEnvSet(with)
	var faults []string
	for name, text := range read(t, filepath.Join(config, "crd", "bases", "*.yaml")) {
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict([]byte(text), &crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			var props apiextensions.JSONSchemaProps
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &props, nil); err != nil {
				t.Fatal(err)
			}
			schema, err := structuralschema.NewStructural(&props)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range compileSchema(t, set, schema, true) {
				faults = append(faults, name+": "+fault)
			}
		}
	}
	return faults
}

func compileSchema(t *testing.T, set *environment.EnvSet, schema *structuralschema.Structural, root bool) []string {
	t.Helper()
	var faults []string
	if len(schema.XValidations) > 0 {
		results, err := cel.Compile(schema, model.SchemaDeclType(schema, root), celconfig.PerCallLimit, set, cel.NewExpressionsEnvLoader())
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if result.Error != nil {
				faults = append(faults, result.Error.Error())
			}
		}
	}
	if schema.Items != nil {
		faults = append(faults, compileSchema(t, set, schema.Items, false)...)
	}
	for name := range schema.Properties {
		property := schema.Properties[name]
		faults = append(faults, compileSchema(t, set, &property, false)...)
	}
	return faults
}

// TestUserAndGroupCanBeUnset, as OpenShift has it, which gives every namespace numbers of its own. The rest of the
// security context stays.
func TestUserAndGroupCanBeUnset(t *testing.T) {
	t.Parallel()
	spec := deploymentWith(t, `podSecurityContext: {runAsUser: null, runAsGroup: null}`).Spec.Template.Spec.SecurityContext
	switch {
	case spec == nil:
		t.Error("there is no security context")
	case spec.RunAsUser != nil || spec.RunAsGroup != nil:
		t.Errorf("user %v, group %v", spec.RunAsUser, spec.RunAsGroup)
	case spec.RunAsNonRoot == nil || !*spec.RunAsNonRoot || spec.SeccompProfile == nil:
		t.Errorf("the rest is gone: %v", spec)
	}
}
