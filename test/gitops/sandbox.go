// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

// Clock is a script that takes all that argocd-cm offers beyond the language: date and time.
const Clock = `return {status = "Healthy", message = require("os").date("!%Y")}`

// Refused are scripts that use what argocd-cm does not offer.
func Refused() []string {
	return []string{
		`return {status = "Healthy", message = string.upper("a")}`,
		`return {status = "Healthy", message = ("a"):upper()}`,
		`return {status = "Healthy", message = math.floor(1.5) .. ""}`,
		`return {status = "Healthy", message = io.write("a")}`,
		`return {status = "Healthy", message = os.date()}`,
		`return {status = "Healthy", message = require("os").getenv("HOME")}`,
	}
}
