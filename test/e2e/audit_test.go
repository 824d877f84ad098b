// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// secretsNamespace is the home of the ServiceAccount whose requests are kept with their bodies.
const secretsNamespace = "secrecy"

// auditPolicy keeps what ServiceAccounts ask for, and of one of them also with which words.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: RequestResponse
  userGroups: ["system:serviceaccounts:` + secretsNamespace + `"]
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: None
`

// auditLog is what the API server says it was asked for. It is read on demand, each line once.
type auditLog struct {
	path string

	mu      sync.Mutex
	read    int64
	denials map[string][]denial  // by user
	entries map[string][]request // by user, where bodies are kept
	writes  map[string][]write   // by user
}

// write is a request to create, change or delete something, whatever became of it.
type write struct{ verb, resource, namespace, name string }

func (w write) String() string { return w.verb + " " + w.resource + " " + w.namespace + "/" + w.name }

// denial is a request that the API server has refused with 403.
type denial struct {
	permission permission
	message    string
}

// request is what somebody has asked the API server.
type request struct {
	resource string
	uri      string
	body     json.RawMessage
}

func newAuditLog(path string) *auditLog {
	return &auditLog{path: path, denials: map[string][]denial{}, entries: map[string][]request{}, writes: map[string][]write{}}
}

func (a *auditLog) policy() string { return filepath.Join(filepath.Dir(a.path), "audit-policy.yaml") }

// flags are those of the API server that make it write the log.
func (a *auditLog) flags() []string {
	return []string{"--audit-policy-file=" + a.policy(), "--audit-log-path=" + a.path}
}

func (a *auditLog) writePolicy() error {
	if err := os.WriteFile(a.policy(), []byte(auditPolicy), 0o600); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	return nil
}

// denied are the requests of a user that the API server has refused so far.
func (a *auditLog) denied(t *testing.T, who account) []denial {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.catchUp(t)
	return slices.Clone(a.denials[who.user()])
}

// asked are the requests of a user so far, for users whose bodies are kept.
func (a *auditLog) asked(t *testing.T, who account) []request {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.catchUp(t)
	return slices.Clone(a.entries[who.user()])
}

// written are the writes of a user so far.
func (a *auditLog) written(t *testing.T, who account) []write {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.catchUp(t)
	return slices.Clone(a.writes[who.user()])
}

// catchUp reads what was added since the last time. A line that is still being written is left for the next.
func (a *auditLog) catchUp(t *testing.T) {
	t.Helper()
	file, err := os.Open(a.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.NewSectionReader(file, a.read, 1<<40))
	if err != nil {
		t.Fatal(err)
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	a.read += int64(len(data))
	for line := range bytes.Lines(data) {
		if err := a.add(line); err != nil {
			t.Fatal(err)
		}
	}
}

func (a *auditLog) add(line []byte) error {
	var entry struct {
		RequestURI string `json:"requestURI"`
		Verb       string `json:"verb"`
		User       struct {
			Username string `json:"username"`
		} `json:"user"`
		ObjectRef struct {
			APIGroup    string `json:"apiGroup"`
			Resource    string `json:"resource"`
			Subresource string `json:"subresource"`
			Namespace   string `json:"namespace"`
			Name        string `json:"name"`
		} `json:"objectRef"`
		ResponseStatus struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"responseStatus"`
		Level         string          `json:"level"`
		RequestObject json.RawMessage `json:"requestObject"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return fmt.Errorf("reading the audit log: %w", err)
	}
	user, resource := entry.User.Username, entry.ObjectRef.Resource
	if sub := entry.ObjectRef.Subresource; sub != "" {
		resource += "/" + sub
	}
	// That a namespace on its way out takes nothing new has nothing to do with permissions.
	if entry.ResponseStatus.Code == http.StatusForbidden && !strings.Contains(entry.ResponseStatus.Message, "being terminated") {
		a.denials[user] = append(a.denials[user], denial{
			permission: permission{group: entry.ObjectRef.APIGroup, resource: resource, verb: entry.Verb},
			message:    entry.ResponseStatus.Message,
		})
	}
	if !slices.Contains([]string{"get", "list", "watch"}, entry.Verb) {
		a.writes[user] = append(a.writes[user], write{entry.Verb, resource, entry.ObjectRef.Namespace, entry.ObjectRef.Name})
	}
	if entry.Level == "RequestResponse" {
		a.entries[user] = append(a.entries[user], request{resource: resource, uri: entry.RequestURI, body: entry.RequestObject})
	}
	return nil
}
