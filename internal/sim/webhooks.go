// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/google/uuid"
)

const (
	// everyEvent stands for all types, those that are still to come included.
	everyEvent = "*"
	// webhookKey is the length of a signing key, in bytes.
	webhookKey = 24
)

// webhook is one endpoint that a workspace wants its events sent to.
type webhook struct {
	id          string
	workspaceID string
	url         string
	types       []string
	key         []byte
}

func (h *webhook) wants(e event) bool {
	return h.workspaceID == e.workspaceID && (slices.Contains(h.types, everyEvent) || slices.Contains(h.types, e.kind))
}

func (h *webhook) wire() map[string]any {
	return map[string]any{
		"webhook_id": h.id, "url": h.url, "event_types": h.types,
		"secret": "whsec_" + base64.StdEncoding.EncodeToString(h.key),
	}
}

// webhookRoutes are closed to client sessions: what they may see is less than what a webhook gets.
func webhookRoutes() []route {
	id := func(in *input) string { in.require("webhook_id"); return in.word("webhook_id") }
	none := func(*input) struct{} { return struct{}{} }
	routes := []route{
		endpoint("/webhooks/create", creates(), parseWebhook, createWebhook),
		endpoint("/webhooks/get", reads(), id, getWebhook),
		endpoint("/webhooks/list", reads(), none, listWebhooks),
		endpoint("/webhooks/update", []string{http.MethodPost, http.MethodPut}, parseWebhookUpdate, updateWebhook),
		endpoint("/webhooks/delete", deletes(), id, deleteWebhook),
	}
	for i := range routes {
		routes[i].noSessions = true
	}
	return routes
}

// webhookInput is what create and update take.
type webhookInput struct {
	id    string
	url   string
	types []string
}

func parseWebhook(in *input) webhookInput {
	in.require("url")
	p := webhookInput{url: in.word("url"), types: in.texts("event_types")}
	if in.has("url") && !isLoopback(p.url) {
		in.note("url", "Must be an http URL with a loopback address (the simulator calls no other)")
	}
	if !in.has("event_types") {
		p.types = []string{everyEvent}
	}
	return p
}

func parseWebhookUpdate(in *input) webhookInput {
	in.require("webhook_id")
	in.require("event_types")
	return webhookInput{id: in.word("webhook_id"), types: in.texts("event_types")}
}

// isLoopback accepts addresses and the one name that stands for them.
func isLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

// checkTypes knows the form of a type and no list of them: the service has over a hundred, and adds to them.
func checkTypes(types []string) *apiError {
	form := regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)
	for _, kind := range types {
		if kind != everyEvent && !form.MatchString(kind) {
			return fail(http.StatusBadRequest, "invalid_event_types", "Invalid event type %q", kind)
		}
	}
	return nil
}

func createWebhook(c *call, p webhookInput) (result, *apiError) {
	if err := checkTypes(p.types); err != nil {
		return nil, err
	}
	h := &webhook{
		id: uuid.NewString(), workspaceID: c.principal.workspaceID, url: p.url, types: p.types, key: make([]byte, webhookKey),
	}
	rand.Read(h.key) // never fails
	c.world.webhooks.list = append(c.world.webhooks.list, h)
	return result{"webhook": h.wire()}, nil
}

func getWebhook(c *call, id string) (result, *apiError) {
	h, err := findWebhook(c, id)
	if err != nil {
		return nil, err
	}
	return result{"webhook": h.wire()}, nil
}

func listWebhooks(c *call, _ struct{}) (result, *apiError) {
	found := []map[string]any{}
	for _, h := range c.world.webhooks.list {
		if h.workspaceID == c.principal.workspaceID {
			found = append(found, h.wire())
		}
	}
	return result{"webhooks": found}, nil
}

// updateWebhook changes what is sent from here on; what is queued stays queued.
func updateWebhook(c *call, p webhookInput) (result, *apiError) {
	h, err := findWebhook(c, p.id)
	if err != nil {
		return nil, err
	}
	if err := checkTypes(p.types); err != nil {
		return nil, err
	}
	h.types = p.types
	return result{}, nil
}

func deleteWebhook(c *call, id string) (result, *apiError) {
	h, err := findWebhook(c, id)
	if err != nil {
		return nil, err
	}
	c.world.webhooks.drop(h)
	return result{}, nil
}

func findWebhook(c *call, id string) (*webhook, *apiError) {
	for _, h := range c.world.webhooks.list {
		if h.id == id && h.workspaceID == c.principal.workspaceID {
			return h, nil
		}
	}
	err := fail(http.StatusNotFound, "webhook_not_found", "Webhook not found")
	err.data = map[string]any{"webhook_id": id}
	return nil, err
}
