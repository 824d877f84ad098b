// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/base64"
	"net/url"
	"strconv"
)

// page is what all lists take besides their filters.
type page struct {
	limit  int
	after  int64 // sequence of the last object of the page before
	params url.Values
}

func parsePage(in *input) page {
	p := page{limit: in.number("limit"), params: url.Values{}}
	for name := range in.values {
		for _, text := range in.shown(name) {
			p.params.Add(name, text)
		}
	}
	cursor := in.nullableText("page_cursor")
	if cursor == nil {
		return p
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err == nil {
		p.after, err = strconv.ParseInt(string(text), 10, 64)
	}
	if err != nil {
		in.note("page_cursor", "Invalid page cursor")
	}
	return p
}

// paginate cuts one page out of a list in the order of creation. The cursor names the
// last object shown, so that objects which vanish between two pages shift nothing.
func paginate[T any](c *call, p page, standard int, list []T, sequence func(T) int64) ([]T, map[string]any) {
	limit := p.limit
	if limit == 0 {
		limit = c.pageSize(standard)
	}
	// Not by position: what vanished since the page before would shift the rest.
	for len(list) > 0 && sequence(list[0]) <= p.after {
		list = list[1:]
	}
	none := map[string]any{"has_next_page": false, "next_page_cursor": nil, "next_page_url": nil}
	if len(list) <= limit {
		return list, none
	}
	list = list[:limit]
	last := strconv.FormatInt(sequence(list[limit-1]), 10)
	cursor := base64.RawURLEncoding.EncodeToString([]byte(last))
	p.params.Set("page_cursor", cursor)
	next := url.URL{Scheme: "http", Host: c.request.Host, Path: c.request.URL.Path, RawQuery: p.params.Encode()}
	return list, map[string]any{"has_next_page": true, "next_page_cursor": cursor, "next_page_url": next.String()}
}

// pageSize is the limit where the caller sets none.
func (c *call) pageSize(standard int) int {
	if c.world.opts.PageSize > 0 {
		return c.world.opts.PageSize
	}
	return standard
}

// shown is a parameter as it stands in a URL.
func (in *input) shown(name string) []string {
	switch value := in.values[name].(type) {
	case string:
		return []string{value}
	case bool:
		return []string{strconv.FormatBool(value)}
	case float64:
		return []string{strconv.FormatFloat(value, 'f', -1, 64)}
	case []any:
		var texts []string
		for _, item := range value {
			if text, ok := item.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}
