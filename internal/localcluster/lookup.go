// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// PinnedVersion finds the version of a module in a go.mod.
func PinnedVersion(path, module string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("looking for the version of %s: %w", module, err)
	}
	return RequiredVersion(string(text), module)
}

// RequiredVersion finds the version of a module in the text of a go.mod.
func RequiredVersion(text, module string) (string, error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == module && strings.HasPrefix(fields[1], "v") {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("looking for the version of %s: go.mod does not require it", module)
}

// Announced finds what a program says in its output after an announcement, such as its address: the rest of that line.
func Announced(output, announcement string) (string, error) {
	for line := range strings.Lines(output) {
		if said, found := strings.CutPrefix(line, announcement); found && strings.HasSuffix(said, "\n") {
			return strings.TrimSpace(said), nil
		}
	}
	return "", errors.New("it has not said where it listens")
}
