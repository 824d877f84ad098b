// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// stopWithin is how long programs may take to stop.
const stopWithin = time.Minute

// followInDemo runs the commands of somebody who has pasted the line that "make demo-up" prints.
func followInDemo(t *testing.T, p programs, s session) {
	t.Helper()
	startDemo(t, p).run(t, append([]command{{page: s.page, text: before()[s.page]}}, s.commands...))
}

// startDemo starts what "make demo-up" starts and returns a shell in which the line was pasted that it prints.
func startDemo(t *testing.T, p programs) shell {
	t.Helper()
	family := localcluster.NewFamily(t.TempDir(), nil)
	var exports, simulator string
	demo, err := family.Launch(t.Context(), localcluster.Plan{
		Name: "demo", Path: p.demo,
		Args: func() ([]string, error) {
			project, err := filepath.Abs(root)
			return []string{"--project=" + project, "--stay"}, err
		},
		Ready: func(context.Context) error {
			output, err := os.ReadFile(family.Log("demo"))
			if err != nil {
				return fmt.Errorf("reading what the demo says: %w", err)
			}
			var problems [2]error
			exports, problems[0] = localcluster.Announced(string(output), "export ")
			simulator, problems[1] = localcluster.Announced(string(output), "SIM=")
			return errors.Join(problems[:]...)
		},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, family.Tail("demo"))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("The last lines of the operator:\n%s", operatorTail(family))
		}
		if err := demo.Stop(stopWithin); err != nil {
			t.Error(err)
		}
	})
	return shell{
		exports: "export " + exports,
		env:     []string{"KUBERC=off", "SEAM_API_KEY=" + anotherKey(t, simulator)},
	}
}

// operatorTail is the end of the log that the demo names.
func operatorTail(family *localcluster.Family) string {
	output, err := os.ReadFile(family.Log("demo"))
	if err != nil {
		return err.Error()
	}
	log, err := localcluster.Announced(string(output), "Log of the operator: ")
	if err != nil {
		return string(output)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// anotherKey has the simulator take one more API key of the workspace, as somebody makes one in the Seam Console.
func anotherKey(t *testing.T, simulator string) string {
	t.Helper()
	const key = "seam_test_simulator_another_key"
	body := strings.NewReader(fmt.Sprintf(`{"workspace_id": %q, "key": %q}`, sim.SeedWorkspaceID, key))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, simulator+"/_sim/api-keys", body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("making another API key: %s", response.Status)
	}
	return key
}
