// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command metricsdoc writes docs/metrics.md: what the metrics are, as the code defines them. Called by "make metrics-doc".
package main

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/access-codes/access-code-operator/internal/metrics"
)

//go:embed metrics.md.tmpl
var page string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: metricsdoc <file>")
		os.Exit(2)
	}
	text, err := render()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render() (string, error) {
	parsed, err := template.New("metrics.md").Funcs(template.FuncMap{"code": code, "join": strings.Join}).Parse(page)
	if err != nil {
		return "", fmt.Errorf("reading the template: %w", err)
	}
	var text strings.Builder
	err = parsed.Execute(&text, struct {
		Metrics []metrics.Definition
		Labels  []metrics.Label
	}{metrics.Definitions(), metrics.Labels()})
	if err != nil {
		return "", fmt.Errorf("filling in the template: %w", err)
	}
	return text.String(), nil
}

// code is words as code, separated by commas; a dash where there are none.
func code(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}
