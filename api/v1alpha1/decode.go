// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	stdjson "encoding/json"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"
)

// UnmarshalJSON reads an AccessCode. In a stored object, a field whose value can't be read stays empty and is listed in
// Undecodable. Such an object, admitted by an older version of the CRD or restored from a backup, would otherwise keep every
// client from listing any. In anything else, such as a manifest, it is an error as usual.
func (a *AccessCode) UnmarshalJSON(data []byte) error {
	type plain AccessCode // without this method
	a.Undecodable = nil
	err := json.Unmarshal(data, (*plain)(a))
	if err == nil {
		return nil
	}
	head, parts, ok := readStored(data)
	if !ok {
		return err
	}
	*a = AccessCode{TypeMeta: head.TypeMeta, ObjectMeta: head.ObjectMeta}
	a.Undecodable = append(salvage(parts["spec"], &a.Spec, "spec"), salvage(parts["status"], &a.Status, "status")...)
	return nil
}

// UnmarshalJSON reads a SeamWorkspace as the method of AccessCode does.
func (w *SeamWorkspace) UnmarshalJSON(data []byte) error {
	type plain SeamWorkspace
	w.Undecodable = nil
	err := json.Unmarshal(data, (*plain)(w))
	if err == nil {
		return nil
	}
	head, parts, ok := readStored(data)
	if !ok {
		return err
	}
	*w = SeamWorkspace{TypeMeta: head.TypeMeta, ObjectMeta: head.ObjectMeta}
	w.Undecodable = append(salvage(parts["spec"], &w.Spec, "spec"), salvage(parts["status"], &w.Status, "status")...)
	return nil
}

// Unreadable says whether the value at a path, such as spec.schedule.endsAt, or anything within it, could not be read.
func (a *AccessCode) Unreadable(path string) bool { return touches(a.Undecodable, path) }

// Unreadable says whether the value at a path, such as spec.auth, or anything within it, could not be read.
func (w *SeamWorkspace) Unreadable(path string) bool { return touches(w.Undecodable, path) }

func touches(paths []string, path string) bool {
	for _, p := range paths {
		if p == path || strings.HasPrefix(p, path+".") || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return false
}

// readStored reads the metadata of an object and leaves its other parts raw. ok is false where no API server has stored it: a
// stored object has a UID.
func readStored(data []byte) (head metav1.PartialObjectMetadata, parts map[string]stdjson.RawMessage, ok bool) {
	if json.Unmarshal(data, &head) != nil || json.Unmarshal(data, &parts) != nil {
		return head, nil, false
	}
	return head, parts, head.UID != ""
}

// salvage decodes what can be decoded into a pointer to a zero value, and returns the paths of what can't.
func salvage(data []byte, into any, path string) []string {
	if len(data) == 0 {
		return nil
	}
	return salvageValue(data, reflect.ValueOf(into).Elem(), path)
}

func salvageValue(data []byte, into reflect.Value, path string) []string {
	whole := reflect.New(into.Type())
	if json.Unmarshal(data, whole.Interface()) == nil {
		into.Set(whole.Elem())
		return nil
	}
	var fields map[string]stdjson.RawMessage
	if !hasFields(into.Type()) || json.Unmarshal(data, &fields) != nil {
		return []string{path}
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	var undecodable []string
	for i := range into.NumField() {
		name, _, _ := strings.Cut(into.Type().Field(i).Tag.Get("json"), ",")
		if field, ok := fields[name]; ok {
			undecodable = append(undecodable, salvageValue(field, into.Field(i), path+"."+name)...)
		}
	}
	return undecodable
}

// hasFields says that a type is an object in JSON, not one with its own encoding, such as a time.
func hasFields(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[stdjson.Unmarshaler]())
}
