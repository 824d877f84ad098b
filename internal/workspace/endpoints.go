// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// ErrEndpointNotAllowed is returned by Connect for an endpoint that the operator must not talk to.
var ErrEndpointNotAllowed = errors.New("the endpoint is not allowed")

// Endpoints are the endpoints that the operator may talk to. The zero value allows every one.
type Endpoints struct{ allowed []origin }

// origin is the address of a server in parsed form, which can be compared. As a text, https://connect.getseam.com.evil.org
// begins with an address that is allowed.
type origin struct {
	scheme, host, port string
	path               string // with a slash at its end
	plain              bool   // the path is what it looks like: no dots to climb up by, nothing escaped
}

// ParseEndpoints reads endpoints separated by commas: addresses such as https://connect.getseam.com, which also allow the paths
// below, or hosts such as connect.getseam.com, which stand for their https address. An empty list allows every endpoint.
func ParseEndpoints(list string) (Endpoints, error) {
	if list == "" {
		return Endpoints{}, nil
	}
	var endpoints Endpoints
	n := 0
	for entry := range strings.SplitSeq(list, ",") {
		n++
		allowed, err := parseEntry(strings.TrimSpace(entry))
		if err != nil {
			// Not quoted: there may be a password in it.
			return Endpoints{}, fmt.Errorf("entry %d of the list %w", n, err)
		}
		endpoints.allowed = append(endpoints.allowed, allowed)
	}
	return endpoints, nil
}

func parseEntry(entry string) (origin, error) {
	if entry == "" {
		return origin{}, errors.New("is empty: an empty list allows every endpoint, an empty entry allows none")
	}
	if !strings.Contains(entry, "://") {
		entry = "https://" + entry
	}
	allowed, err := parseOrigin(entry)
	if err != nil {
		return origin{}, err
	}
	if !allowed.plain {
		return origin{}, errors.New(`has a path with ".", ".." or escaped characters`)
	}
	return allowed, nil
}

// parseOrigin parses an address. Its errors say what is wrong without quoting the address.
func parseOrigin(address string) (origin, error) {
	u, err := url.Parse(address)
	if err != nil {
		return origin{}, errors.New("is no URL")
	}
	if err := checkOrigin(u); err != nil {
		return origin{}, err
	}
	o := origin{scheme: u.Scheme, host: hostOf(u), port: u.Port(), path: strings.TrimRight(u.EscapedPath(), "/") + "/"}
	if o.port == "" {
		o.port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	segments := strings.Split(o.path, "/")
	o.plain = !strings.ContainsAny(o.path, "%;\\") && !slices.Contains(segments, "..") && !slices.Contains(segments, ".")
	return o, nil
}

func checkOrigin(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("has a scheme that is neither http nor https")
	case u.User != nil:
		return errors.New("has a user")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("has a query or a fragment")
	case u.Hostname() == "":
		return errors.New("has no host")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		// The same name may be written in many ways; only one of them can be compared.
		return errors.New("has a host that is not ASCII: write it as xn--")
	}
	return nil
}

func hostOf(u *url.URL) string {
	if address, err := netip.ParseAddr(u.Hostname()); err == nil {
		return address.String()
	}
	return strings.ToLower(u.Hostname())
}

// Allow says whether the operator may talk to an endpoint. "" is Seam's own endpoint.
func (e Endpoints) Allow(endpoint string) bool {
	if len(e.allowed) == 0 {
		return true
	}
	if endpoint == "" {
		endpoint = seam.DefaultEndpoint
	}
	asked, err := parseOrigin(endpoint)
	return err == nil && slices.ContainsFunc(e.allowed, asked.within)
}

func (o origin) within(allowed origin) bool {
	if o.scheme != allowed.scheme || o.host != allowed.host || o.port != allowed.port {
		return false
	}
	return allowed.path == "/" || o.plain && strings.HasPrefix(o.path, allowed.path)
}
