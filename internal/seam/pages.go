// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"errors"
	"fmt"
)

// maxPages bounds a list. Pages hold hundreds of objects and more, so a server
// that sends so many never ends.
const maxPages = 1000

// pagination is the part of a list answer that leads to the next page. Seam's
// fake leaves it out, which means that there is none.
type pagination struct {
	Pagination struct {
		HasNextPage    bool   `json:"has_next_page"`
		NextPageCursor string `json:"next_page_cursor"`
	} `json:"pagination"`
}

// next is the cursor of the next page, "" on the last.
func (p *pagination) next() string {
	if !p.Pagination.HasNextPage {
		return ""
	}
	return p.Pagination.NextPageCursor
}

func (p *pagination) checkNext() error {
	if p.Pagination.HasNextPage && p.Pagination.NextPageCursor == "" {
		return errors.New("answer promises another page without next_page_cursor")
	}
	return nil
}

type page[T any] struct {
	items []T
	next  string
}

// listAll gathers all pages. It returns either everything or an error: a list
// that silently ends early makes the objects behind it look deleted.
func listAll[T any](path, cursor string, fetch func(cursor string) (page[T], error)) ([]T, error) {
	var all []T
	seen := map[string]bool{cursor: true}
	for range maxPages {
		p, err := fetch(cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, p.items...)
		if p.next == "" {
			return all, nil
		}
		if seen[p.next] {
			return nil, &Error{Kind: Unavailable, Path: path, Message: "list repeats a page"}
		}
		cursor = p.next
		seen[cursor] = true
	}
	return nil, &Error{
		Kind: Unavailable, Path: path, Message: fmt.Sprintf("list has more than %d pages", maxPages),
	}
}
