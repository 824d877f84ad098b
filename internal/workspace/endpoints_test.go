// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"errors"
	"strings"
	"testing"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

func TestEndpointsAllow(t *testing.T) {
	const standard = "https://connect.getseam.com"
	tests := []struct {
		name, list string
		allowed    []string
		refused    []string
	}{
		{
			name: "nothing said", list: "",
			allowed: []string{"", standard, "http://10.0.0.1:8080/seam", "not even a URL"},
		},
		{
			name: "Seam's own", list: standard,
			allowed: []string{
				"", standard, standard + "/", standard + ":443", "https://CONNECT.getseam.com", "HTTPS://connect.getseam.com",
				standard + "/anything", standard + ":", standard + "/a%2f../b",
			},
			refused: []string{
				"https://connect.getseam.com.evil.org", "https://connect.getseam.com@evil.org", "https://connect.getseam.com:443@evil.org",
				"https://evil.org/connect.getseam.com", "https://evil.org#connect.getseam.com", "https://evil.org?connect.getseam.com",
				`https://evil.org\@connect.getseam.com`, "https://connect.getseam.com\\.evil.org", "https://connect.getseam.com%00.evil.org",
				"http://connect.getseam.com", "http://connect.getseam.com:443", standard + ":8443", standard + ":0443",
				"https://user:password@connect.getseam.com", standard + "?a=b", standard + "?", standard + "#a",
				"https://getseam.com", "https://xconnect.getseam.com", "https://connect.getseam.com.", "connect.getseam.com", "//connect.getseam.com",
				"ftp://connect.getseam.com", "https:connect.getseam.com", "https://", "https:///connect.getseam.com", " " + standard, "\n",
				// The Kelvin sign is a k to whoever folds cases, and full-width letters are letters to a resolver.
				"https://connect.getseam.com\u3002evil.org", "https://\uff43onnect.getseam.com", "https://[::1]", "https://127.0.0.1",
			},
		},
		{
			name: "a letter that folds to another", list: "https://kiosk.example",
			refused: []string{"https://\u212aiosk.example"},
		},
		{
			name: "a host", list: "connect.getseam.com",
			allowed: []string{"", standard}, refused: []string{"http://connect.getseam.com", standard + ":8443"},
		},
		{
			name: "a host with a port", list: "seam.example:8443",
			allowed: []string{"https://seam.example:8443"}, refused: []string{"", "https://seam.example", "http://seam.example:8443"},
		},
		{
			name: "several", list: " http://localhost:8080 ,https://Seam.Example:443/,[::1]:9000",
			allowed: []string{"http://localhost:8080", "https://seam.example", "https://[0:0::1]:9000"},
			refused: []string{"", "https://localhost:8080", "http://localhost", "https://[::2]:9000", "https://[::1%25eth0]:9000"},
		},
		{
			name: "below a path", list: "https://proxy.example/seam/v1/",
			allowed: []string{"https://proxy.example/seam/v1", "https://proxy.example/seam/v1/", "https://proxy.example/seam/v1/eu"},
			refused: []string{
				"https://proxy.example", "https://proxy.example/seam", "https://proxy.example/seam/v1x", "https://proxy.example/seam/v1/../v2",
				"https://proxy.example/seam/v1/%2e%2e/v2", "https://proxy.example/seam/v1%2f..%2fv2", "https://proxy.example/seam/v1/..;/v2",
				`https://proxy.example/seam/v1/..\v2`, "https://proxy.example/seam/v1/.", "https://proxy.example/Seam/v1", "https://proxy.example//seam/v1",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			endpoints, err := workspace.ParseEndpoints(test.list)
			if err != nil {
				t.Fatal(err)
			}
			for _, endpoint := range test.allowed {
				if !endpoints.Allow(endpoint) {
					t.Errorf("%q is refused", endpoint)
				}
			}
			for _, endpoint := range test.refused {
				if endpoints.Allow(endpoint) {
					t.Errorf("%q is allowed", endpoint)
				}
			}
		})
	}
}

func TestInvalidEndpointsAreRefused(t *testing.T) {
	tests := []struct{ list, want string }{
		{" ", "entry 1 of the list is empty"},
		{",", "entry 1 of the list is empty"},
		{"https://a.example,", "entry 2 of the list is empty"},
		{"https://a.example,,https://b.example", "entry 2 of the list is empty"},
		{"https://a.example https://b.example", "entry 1 of the list is no URL"},
		{"ftp://a.example", "entry 1 of the list has a scheme that is neither http nor https"},
		{"https://", "entry 1 of the list has no host"},
		{"https://:443", "entry 1 of the list has no host"},
		{"a.example,https://me:hunter2@b.example", "entry 2 of the list has a user"},
		{"https://a.example?hunter2", "entry 1 of the list has a query or a fragment"},
		{"https://a.example#hunter2", "entry 1 of the list has a query or a fragment"},
		{"https://bücher.example", "entry 1 of the list has a host that is not ASCII"},
		{"https://a.example/b/../c", "entry 1 of the list has a path with"},
		{"https://a.example/b%20c", "entry 1 of the list has a path with"},
		{"*", ""},
	}
	for _, test := range tests {
		endpoints, err := workspace.ParseEndpoints(test.list)
		switch {
		case test.want == "":
			if err != nil || endpoints.Allow("https://anything.example") {
				t.Errorf("%q: %v, and it allows what is no host of that name", test.list, err)
			}
		case err == nil || !strings.Contains(err.Error(), test.want):
			t.Errorf("%q: %v, want %q", test.list, err, test.want)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%q: the error quotes a password: %v", test.list, err)
		}
	}
}

// TestConnectRefusesOtherEndpoints: whoever calls it, and whatever was connected before.
func TestConnectRefusesOtherEndpoints(t *testing.T) {
	s := newSeam(t)
	endpoints, err := workspace.ParseEndpoints(s.url)
	if err != nil {
		t.Fatal(err)
	}
	registry := workspace.NewRegistry(workspace.Options{Clock: clocktesting.NewFakeClock(noon), Endpoints: endpoints})
	s.connected(t, registry)

	other := newSeam(t)
	_, err = registry.Connect(t.Context(), key, other.credentials("2"))
	if !errors.Is(err, workspace.ErrEndpointNotAllowed) || seam.KindOf(err) != "" {
		t.Errorf("got %v", err)
	}
	if _, ok := registry.Get(key); ok {
		t.Error("still connected with the credentials from before")
	}
	if n := len(other.seen()) + len(s.seen()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
