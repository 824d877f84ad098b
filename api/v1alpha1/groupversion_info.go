// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 is the contract of the access-codes.io API: the kinds AccessCode and SeamWorkspace, their
// validation rules, and the names of conditions, reasons, annotations and finalizers.
//
// +kubebuilder:object:generate=true
// +groupName=access-codes.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "access-codes.io", Version: "v1alpha1"}

// AddToScheme registers the kinds of this package with a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&AccessCode{}, &AccessCodeList{},
		&SeamWorkspace{}, &SeamWorkspaceList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
