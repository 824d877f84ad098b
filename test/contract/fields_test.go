// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/test/contract"
)

// readers are the objects that the client reads. What the simulator writes is held to both documents by Wrap.
func readers() []contract.Reader {
	return []contract.Reader{
		{Path: "/access_codes/get", Key: "access_code", Type: reflect.TypeFor[seam.AccessCode]()},
		{Path: "/access_codes/unmanaged/get", Key: "access_code", Type: reflect.TypeFor[seam.AccessCode]()},
		{Path: "/action_attempts/get", Key: "action_attempt", Type: reflect.TypeFor[seam.ActionAttempt]()},
		{Path: "/client_sessions/get_or_create", Key: "client_session", Type: reflect.TypeFor[seam.ClientSession]()},
		{Path: "/devices/get", Key: "device", Type: reflect.TypeFor[seam.Device]()},
		{Path: "/events/list", Key: "events", Type: reflect.TypeFor[seam.Event]()},
		{Path: "/events/list", Key: "events", Type: reflect.TypeFor[seam.AccessCodeEvent]()},
		{Path: "/workspaces/get", Key: "workspace", Type: reflect.TypeFor[seam.Workspace]()},
	}
}

// deprecatedReads are the fields that the client reads although Seam calls them deprecated, with what comes of it when
// they go.
func deprecatedReads() map[string]string {
	const capability = "nothing reads it: the operator goes by can_program_online_access_codes and its like"
	return map[string]string{
		"access_code.status":                              "breaks a tie only, and an answer without it is whole (internal/plan/settle.go)",
		"device.properties.name":                          "stands in for display_name and nickname, which the operator prefers",
		"device.location.timezone":                        "stands in for time_zone, which the operator prefers",
		"workspace.company_name":                          "nothing reads it; the OpenAPI document calls the other name deprecated",
		"workspace.connect_partner_name":                  "nothing reads it; the types of the client call the other name deprecated",
		"device.properties.online_access_codes_enabled":   capability,
		"device.properties.offline_access_codes_enabled":  capability,
		"device.properties.supports_offline_access_codes": capability,
	}
}

// TestFieldsThatTheClientReads: each is declared by the document and by the types of the official client.
func TestFieldsThatTheClientReads(t *testing.T) {
	inUse := map[string]bool{}
	for name, d := range map[string]*contract.Document{"document": document(t), "types": types(t)} {
		undeclared, deprecated := d.Read(readers())
		if len(undeclared) > 0 {
			t.Errorf("%s: not declared, and the client reads it: %q", name, undeclared)
		}
		for _, field := range deprecated {
			inUse[field] = true
			if deprecatedReads()[field] == "" {
				t.Errorf("%s: deprecated, and the client reads it: %s", name, field)
			}
		}
	}
	for field := range deprecatedReads() {
		if !inUse[field] {
			t.Errorf("%s is not deprecated, or not read, any more: take it out", field)
		}
	}
}

// TestFieldThatIsGone is the check of the check.
func TestFieldThatIsGone(t *testing.T) {
	type access struct {
		Name string `json:"name"`
		Gone []struct {
			Deeper string `json:"deeper"`
		} `json:"gone"`
		Errors []struct {
			Message string `json:"message"`
			Hue     string `json:"hue"`
		} `json:"errors"`
	}
	for _, d := range []*contract.Document{document(t), types(t)} {
		got, _ := d.Read([]contract.Reader{{Path: "/access_codes/get", Key: "access_code", Type: reflect.TypeFor[access]()}})
		if diff := cmp.Diff([]string{".hue", "access.gone"}, got); diff != "" {
			t.Errorf("undeclared (-want +got)\n%s", diff)
		}
	}
}

// TestWordsOfBothDocuments: the document, as it is put right, has the errors and warnings of the newer types.
func TestWordsOfBothDocuments(t *testing.T) {
	const path, key = "/access_codes/get", "access_code"
	for _, list := range [][2]string{{"errors", "error_code"}, {"warnings", "warning_code"}} {
		amended := document(t).Words(path, key, list[0], list[1])
		newest := types(t).Words(path, key, list[0], list[1])
		if diff := cmp.Diff(newest, amended); diff != "" {
			t.Errorf("%s (-types +document)\n%s", list[0], diff)
		}
	}
}
