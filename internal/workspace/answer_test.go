// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestAnswerThatIsTooLong: every worker may have one in memory at once.
func TestAnswerThatIsTooLong(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	for _, test := range []struct {
		name    string
		bytes   int
		refused bool
	}{{"long", 4 << 20, false}, {"too long", 10 << 20, true}} {
		padded := strings.Replace(good[pathGet], `"ok"`, `"padding":"`+strings.Repeat("x", test.bytes)+`","ok"`, 1)
		fake.answer(pathGet, says(http.StatusOK, padded))
		if _, err := session.Get(t.Context(), "code-1"); seam.IsUnavailable(err) != test.refused {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestImpossibleDatesAreIgnored: a difference of more than a year is not believed.
func TestImpossibleDatesAreIgnored(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	session := fake.connected(t, fake.registry())
	const year = 365 * 24 * time.Hour
	tests := []struct {
		name, date string
		offset     time.Duration
	}{
		{"an hour", date(time.Hour), time.Hour},
		{"the epoch, so as before", "Thu, 01 Jan 1970 00:00:00 GMT", time.Hour},
		{"the end of days, so as before", "Fri, 31 Dec 9999 23:59:59 GMT", time.Hour},
		{"the year 1, so as before", "Mon, 01 Jan 0001 00:00:00 GMT", time.Hour},
		{"two years, so as before", date(2 * year), time.Hour},
		{"two years back, so as before", date(-2 * year), time.Hour},
		{"a day", date(-24 * time.Hour), -24 * time.Hour},
		{"a month", date(30 * 24 * time.Hour), 30 * 24 * time.Hour},
	}
	for _, test := range tests {
		fake.answer(pathGet, says(http.StatusOK, good[pathGet], "Date", test.date))
		if _, err := session.Get(t.Context(), "code-1"); err != nil {
			t.Fatal(err)
		}
		if got := session.Now().Sub(noon); got != test.offset {
			t.Errorf("%s: Seam's time is %s off, want %s", test.name, got, test.offset)
		}
	}
}
