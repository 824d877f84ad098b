// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"testing"
)

func TestAccessCodeRequiredFields(t *testing.T) {
	t.Parallel()
	run(t, "AccessCode", []admission{
		{"the least", `{"deviceID":"d"}`, nil},
		{"no deviceID", `{}`, refused("spec.deviceID", "Required value")},
		{"an empty deviceID", `{"deviceID":""}`, refused("spec.deviceID", "at least 1 chars")},
		{"a workspace without name", `{"deviceID":"d","workspaceRef":{}}`, refused("spec.workspaceRef.name", "Required value")},
		{"a PIN from nowhere", `{"deviceID":"d","codeFrom":{}}`, refused("spec.codeFrom.secretKeyRef", "Required value")},
		{
			"a PIN from a Secret without name", `{"deviceID":"d","codeFrom":{"secretKeyRef":{"key":"code"}}}`,
			refused("spec.codeFrom.secretKeyRef.name", "Required value"),
		},
		{
			"a PIN from a Secret without key", `{"deviceID":"d","codeFrom":{"secretKeyRef":{"name":"pin"}}}`,
			refused("spec.codeFrom.secretKeyRef.key", "Required value"),
		},
		{"a PIN from a Secret", `{"deviceID":"d","codeFrom":{"secretKeyRef":{"name":"pin","key":"code"}}}`, nil},
		{"an unknown field", `{"deviceID":"d","colour":"red"}`, refused("", `unknown field "spec.colour"`)},
		{
			"an unknown field next to a PIN", `{"deviceID":"d","code":"90817","pin":"90817"}`,
			refused("", `unknown field "spec.pin"`),
		},
	})
}

func TestAccessCodePIN(t *testing.T) {
	t.Parallel()
	const inQuotes = `spec.code must be 4 to 12 digits, in quotes, such as "123456"`
	run(t, "AccessCode", []admission{
		{"4 digits", `{"deviceID":"d","code":"0042"}`, nil},
		{"12 digits", `{"deviceID":"d","code":"987654321098"}`, nil},
		{"empty", `{"deviceID":"d","code":""}`, refused("spec.code", inQuotes)},
		{"3 digits", `{"deviceID":"d","code":"987"}`, refused("spec.code", inQuotes)},
		{"13 digits", `{"deviceID":"d","code":"9876543210987"}`, refused("spec.code", inQuotes)},
		{"65 digits", `{"deviceID":"d","code":"` + repeat("98765", 65) + `"}`, refused("spec.code", "may not be more than 64")},
		{"letters", `{"deviceID":"d","code":"98a7b"}`, refused("spec.code", inQuotes)},
		{"a sign", `{"deviceID":"d","code":"-9876"}`, refused("spec.code", inQuotes)},
		{"a space", `{"deviceID":"d","code":"98 76"}`, refused("spec.code", inQuotes)},
		{"a line break at the end", `{"deviceID":"d","code":"98765\n"}`, refused("spec.code", inQuotes)},
		{"digits of another script", `{"deviceID":"d","code":"٩٨٧٦٥"}`, refused("spec.code", inQuotes)},
		{"without quotes", `{"deviceID":"d","code":98765}`, refused("spec.code", inQuotes)},
		{"a fraction", `{"deviceID":"d","code":98765.5}`, refused("spec.code", "must be of type integer,string")},
		{"not even a word", `{"deviceID":"d","code":["98765"]}`, refused("spec.code", "must be of type integer,string")},
		{
			"right, in an object that is wrong elsewhere", `{"deviceID":"d","code":"98765","backup":{}}`,
			refused("spec", "spec.backup is only for time-bound codes"),
		},
		{
			"wrong, in an object that is wrong elsewhere", `{"deviceID":"d","code":"98z65","deletionPolicy":"Keep"}`,
			refused("spec.deletionPolicy", "supported values"),
		},
	})
}

func TestAccessCodeLength(t *testing.T) {
	t.Parallel()
	const bounds = "spec.codeLength must be 4 to 12 digits"
	run(t, "AccessCode", []admission{
		{"4", `{"deviceID":"d","codeLength":4}`, nil},
		{"12", `{"deviceID":"d","codeLength":12}`, nil},
		{"3", `{"deviceID":"d","codeLength":3}`, refused("spec.codeLength", bounds)},
		{"13", `{"deviceID":"d","codeLength":13}`, refused("spec.codeLength", bounds)},
		{"0", `{"deviceID":"d","codeLength":0}`, refused("spec.codeLength", bounds)},
		{"negative", `{"deviceID":"d","codeLength":-6}`, refused("spec.codeLength", bounds)},
		{"beyond int32", `{"deviceID":"d","codeLength":4294967300}`, refused("spec.codeLength", bounds)},
		{"a fraction", `{"deviceID":"d","codeLength":6.5}`, refused("spec.codeLength", "must be of type integer")},
		{"a string", `{"deviceID":"d","codeLength":"6"}`, refused("spec.codeLength", "must be of type integer")},
	})
}

// What excludes what.
func TestAccessCodeCombinations(t *testing.T) {
	t.Parallel()
	const (
		from     = `"codeFrom":{"secretKeyRef":{"name":"pin","key":"code"}}`
		schedule = `"schedule":{"endsAt":"2099-01-01T00:00:00Z"}`

		oneSource  = "at most one of the fields in [code codeFrom] may be set"
		chosenOnly = "spec.codeLength is only for a PIN that is chosen: remove spec.codeLength, or remove spec.code and spec.codeFrom"
		noPIN      = "spec.offline takes no PIN of yours, the provider chooses it: remove spec.code and spec.codeFrom, or remove spec.offline"
		noBackup   = "spec.offline has no backup pool: remove spec.backup or spec.offline"
		timeBound  = "spec.backup is only for time-bound codes: add spec.schedule with endsAt, or remove spec.backup"
	)
	run(t, "AccessCode", []admission{
		{"code with codeFrom", `{"deviceID":"d","code":"98765",` + from + `}`, refused("spec", oneSource, "remove spec.code or spec.codeFrom", `kubectl patch accesscode NAME --type=merge -p '{"spec":{"code":null}}'`)},
		{"codeLength with code", `{"deviceID":"d","code":"98765","codeLength":5}`, refused("spec", chosenOnly)},
		{"codeLength with codeFrom", `{"deviceID":"d","codeLength":5,` + from + `}`, refused("spec", chosenOnly)},
		{"offline", `{"deviceID":"d","offline":{},` + schedule + `}`, nil},
		{"offline without schedule", `{"deviceID":"d","offline":{"oneTimeUse":true}}`, nil},
		{"offline with code", `{"deviceID":"d","offline":{},"code":"98765"}`, refused("spec", noPIN)},
		{"offline with codeFrom", `{"deviceID":"d","offline":{},` + from + `}`, refused("spec", noPIN)},
		{"offline with backup", `{"deviceID":"d","offline":{},"backup":{},` + schedule + `}`, refused("spec", noBackup)},
		{"backup with schedule", `{"deviceID":"d","backup":{},` + schedule + `}`, nil},
		{"backup without schedule", `{"deviceID":"d","backup":{"pull":"Always"}}`, refused("spec", timeBound)},
		{
			"everything that goes together", `{
				"workspaceRef":{"name":"default"},"deviceID":"d","displayName":"Guest","codeLength":6,
				"codeSecretName":"guest","schedule":{"startsAt":"2098-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z"},
				"backup":{"pull":"OnFailure"},"preferNativeScheduling":true,"attemptForOfflineDevice":true,
				"allowExternalModification":false,"adoptionPolicy":"Never","deletionPolicy":"Delete","suspend":false}`, nil,
		},
	})
}

func TestAccessCodeWords(t *testing.T) {
	t.Parallel()
	run(t, "AccessCode", []admission{
		{"adoption Never", `{"deviceID":"d","adoptionPolicy":"Never"}`, nil},
		{"adoption Matching", `{"deviceID":"d","adoptionPolicy":"Matching"}`, nil},
		{"adoption Always", `{"deviceID":"d","adoptionPolicy":"Always"}`, refused("spec.adoptionPolicy", `"Never"`, `"Matching"`)},
		{"deletion Delete", `{"deviceID":"d","deletionPolicy":"Delete"}`, nil},
		{"deletion Orphan", `{"deviceID":"d","deletionPolicy":"Orphan"}`, nil},
		{"deletion Retain", `{"deviceID":"d","deletionPolicy":"Retain"}`, refused("spec.deletionPolicy", `"Delete"`, `"Orphan"`)},
		{"rounding 1h", `{"deviceID":"d","offline":{"maxTimeRounding":"1h"}}`, nil},
		{"rounding 1d", `{"deviceID":"d","offline":{"maxTimeRounding":"1d"}}`, nil},
		{"rounding 2h", `{"deviceID":"d","offline":{"maxTimeRounding":"2h"}}`, refused("spec.offline.maxTimeRounding", `"1h"`, `"1d"`)},
		{"pull Never", backup("Never"), nil},
		{"pull OnFailure", backup("OnFailure"), nil},
		{"pull Always", backup("Always"), nil},
		{"pull Sometimes", backup("Sometimes"), refused("spec.backup.pull", `"Never"`, `"OnFailure"`, `"Always"`)},
		{"suspend as a word", `{"deviceID":"d","suspend":"yes"}`, refused("spec.suspend", "must be of type boolean")},
	})
}

func backup(pull string) string {
	return `{"deviceID":"d","backup":{"pull":"` + pull + `"},"schedule":{"endsAt":"2099-01-01T00:00:00Z"}}`
}

func TestAccessCodeSecretName(t *testing.T) {
	t.Parallel()
	const letters = "spec.codeSecretName must be a Secret's name: lower-case letters, digits, '-' and '.'"
	run(t, "AccessCode", []admission{
		{"a name", `{"deviceID":"d","codeSecretName":"guest-12.pin"}`, nil},
		{"empty", `{"deviceID":"d","codeSecretName":""}`, refused("spec.codeSecretName", "at least 1 chars")},
		{"upper case", `{"deviceID":"d","codeSecretName":"Guest"}`, refused("spec.codeSecretName", letters)},
		{"a slash", `{"deviceID":"d","codeSecretName":"other/guest"}`, refused("spec.codeSecretName", letters)},
		{"a dash at the end", `{"deviceID":"d","codeSecretName":"guest-"}`, refused("spec.codeSecretName", letters)},
		{"a space", `{"deviceID":"d","codeSecretName":"my guest"}`, refused("spec.codeSecretName", letters)},
	})
}

func TestReferencedNames(t *testing.T) {
	t.Parallel()
	run(t, "AccessCode", []admission{
		{"a workspace", `{"deviceID":"d","workspaceRef":{"name":"site-1.north"}}`, nil},
		{"a workspace of another namespace", `{"deviceID":"d","workspaceRef":{"name":"other/default"}}`,
			refused("spec.workspaceRef.name", "name must be that of a SeamWorkspace")},
		{"a Secret of another namespace", `{"deviceID":"d","codeFrom":{"secretKeyRef":{"name":"other/pin","key":"code"}}}`,
			refused("spec.codeFrom.secretKeyRef.name", "name must be that of a Secret")},
	})
	run(t, "SeamWorkspace", []admission{
		{"credentials of another namespace", `{"auth":{"apiKey":{"secretKeyRef":{"name":"other/seam","key":"apiKey"}}}}`,
			refused("spec.auth.apiKey.secretKeyRef.name", "name must be that of a Secret")},
	})
}

// TestAccessCodeChanges is about what may change after creation.
func TestAccessCodeChanges(t *testing.T) {
	t.Parallel()
	const offlineStays = "spec.offline can't be added or removed after creation: delete this AccessCode and create another"
	tests := []struct {
		name, before, after string
		want                *refusal
	}{
		{
			"another lock", `{"deviceID":"d"}`, `{"deviceID":"e"}`,
			refused("spec.deviceID", "spec.deviceID is immutable: delete this AccessCode and create another for the other lock"),
		},
		{"another lock, with a PIN", `{"deviceID":"d","code":"98765"}`, `{"deviceID":"e","code":"98765"}`, refused("spec.deviceID", "immutable")},
		{"no lock", `{"deviceID":"d"}`, `{}`, refused("spec.deviceID", "Required value")},
		{"the same lock, another name", `{"deviceID":"d"}`, `{"deviceID":"d","displayName":"Guest"}`, nil},
		{"offline added", `{"deviceID":"d"}`, `{"deviceID":"d","offline":{}}`, refused("spec", offlineStays)},
		{"offline removed", `{"deviceID":"d","offline":{}}`, `{"deviceID":"d"}`, refused("spec", offlineStays)},
		{"offline changed", `{"deviceID":"d","offline":{}}`, `{"deviceID":"d","offline":{"maxTimeRounding":"1d"}}`, nil},
		{"offline to a PIN", `{"deviceID":"d","offline":{}}`, `{"deviceID":"d","code":"98765"}`, refused("spec", offlineStays)},
		{"another PIN", `{"deviceID":"d","code":"98765"}`, `{"deviceID":"d","code":"56789"}`, nil},
		{"a wrong PIN", `{"deviceID":"d","code":"98765"}`, `{"deviceID":"d","code":"987"}`, refused("spec.code", "4 to 12 digits")},
		{
			"the PIN moved to a Secret", `{"deviceID":"d","code":"98765"}`,
			`{"deviceID":"d","codeFrom":{"secretKeyRef":{"name":"pin","key":"code"}}}`, nil,
		},
		{"a window added", `{"deviceID":"d"}`, `{"deviceID":"d","schedule":{"endsAt":"2099-01-01T00:00:00Z"}}`, nil},
		{"a window removed", `{"deviceID":"d","schedule":{"endsAt":"2099-01-01T00:00:00Z"}}`, `{"deviceID":"d"}`, nil},
		{"a window removed that the backup needs", backup("Always"), `{"deviceID":"d","backup":{}}`, refused("spec", "spec.backup is only for time-bound codes")},
		{"suspended", `{"deviceID":"d"}`, `{"deviceID":"d","suspend":true}`, nil},
	}
	ns := namespace(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object := manifest(t, "AccessCode", ns, test.before)
			if err := cluster.strict.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			secrets := pins(object)
			object.Object["spec"] = fromJSON(t, test.after)
			secrets = append(secrets, pins(object)...)
			test.want.check(t, cluster.strict.Update(t.Context(), object), secrets...)
			decodes(t, ns)
		})
	}
}
