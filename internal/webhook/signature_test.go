// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/webhook"
)

// stamped is a message of another time, rightly signed.
func stamped(timestamp string) request {
	r := signed(message, key('a'), body("e1"))
	r.header.Set("Svix-Timestamp", timestamp)
	r.header.Set("Svix-Signature", sign(key('a'), message, timestamp, r.body))
	return r
}

// renamed gives the headers their other names.
func renamed(h http.Header, names ...string) http.Header {
	other := http.Header{}
	for name, values := range h {
		if slices.Contains(names, name) {
			name = strings.Replace(name, "Svix", "Webhook", 1)
		}
		other[name] = values
	}
	return other
}

func edited(f func(*request)) request {
	r := signed(message, key('a'), body("e1"))
	f(&r)
	return r
}

func header(name, value string) request {
	return edited(func(r *request) { r.header.Set(name, value) })
}

func without(names ...string) request {
	return edited(func(r *request) {
		for _, name := range names {
			r.header.Del(name)
		}
	})
}

func TestSignature(t *testing.T) {
	right := signed(message, key('a'), body("e1")).header.Get("Svix-Signature")
	wrong := sign(key('b'), message, unix(start()), body("e1"))
	for name, tc := range map[string]struct {
		request request
		ok      bool
	}{
		"right":                  {signed(message, key('a'), body("e1")), true},
		"several, the last fits": {header("Svix-Signature", wrong+" "+"v1a,abc "+right), true},
		"several, the first fits": {
			header("Svix-Signature", right+"  "+wrong), true,
		},
		"oldest":  {stamped(unix(start().Add(-5 * time.Minute))), true},
		"newest":  {stamped(unix(start().Add(5 * time.Minute))), true},
		"webhook": {edited(func(r *request) { r.header = renamed(r.header, "Svix-Id", "Svix-Timestamp", "Svix-Signature") }), true},

		"wrong secret":      {signed(message, key('b'), body("e1")), false},
		"empty key":         {signed(message, nil, body("e1")), false},
		"secret as the key": {signed(message, []byte(secret('a')), body("e1")), false},
		"changed body":      {edited(func(r *request) { r.body = strings.Replace(r.body, "d1", "d2", 1) }), false},
		"longer body":       {edited(func(r *request) { r.body += " " }), false},
		"no body":           {edited(func(r *request) { r.body = "" }), false},
		"changed id":        {header("Svix-Id", "msg_other"), false},
		"changed time":      {header("Svix-Timestamp", unix(start().Add(time.Second))), false},
		"too old":           {stamped(unix(start().Add(-5*time.Minute - time.Second))), false},
		"too far ahead":     {stamped(unix(start().Add(5*time.Minute + time.Second))), false},
		"beginning of time": {stamped("-9223372036854775808"), false},
		"end of time":       {stamped("9223372036854775807"), false},
		"beyond":            {stamped("92233720368547758070"), false},
		"milliseconds":      {stamped(strconv.FormatInt(start().UnixMilli(), 10)), false},
		"no number":         {stamped(start().Format(time.RFC3339)), false},
		"fraction":          {stamped(unix(start()) + ".0"), false},
		"no id":             {without("Svix-Id"), false},
		"no time":           {without("Svix-Timestamp"), false},
		"no signature":      {without("Svix-Signature"), false},
		"no headers":        {without("Svix-Id", "Svix-Timestamp", "Svix-Signature"), false},
		"empty signature":   {header("Svix-Signature", ""), false},
		"empty id":          {signed("", key('a'), body("e1")), false},
		"dot in the id":     {signed("msg.1", key('a'), body("e1")), false},
		"endless id":        {signed(strings.Repeat("m", 257), key('a'), body("e1")), false},
		"id mixed":          {edited(func(r *request) { r.header = renamed(r.header, "Svix-Id") }), false},
		"signature mixed":   {edited(func(r *request) { r.header = renamed(r.header, "Svix-Signature") }), false},
		"half of svix, all of webhook": {edited(func(r *request) {
			for name, values := range renamed(r.header, "Svix-Id", "Svix-Timestamp", "Svix-Signature") {
				r.header[name] = values
			}
			r.header.Del("Svix-Signature")
		}), true},
		"all of svix, half of webhook": {edited(func(r *request) { r.header.Set("Webhook-Id", "msg_other") }), true},
		"half of webhook": {edited(func(r *request) {
			r.header = renamed(r.header, "Svix-Id", "Svix-Timestamp")
			r.header.Del("Svix-Signature")
		}), false},
		"svix goes before webhook": {edited(func(r *request) {
			for name, values := range renamed(r.header, "Svix-Id", "Svix-Timestamp", "Svix-Signature") {
				r.header[name] = values
			}
			r.header.Set("Svix-Signature", wrong)
		}), false},
		"other version":       {header("Svix-Signature", strings.Replace(right, "v1,", "v2,", 1)), false},
		"no version":          {header("Svix-Signature", strings.TrimPrefix(right, "v1,")), false},
		"no base64":           {header("Svix-Signature", "v1,*** v1, v1"), false},
		"part of a signature": {header("Svix-Signature", right[:20]), false},
		"commas":              {header("Svix-Signature", wrong+","+right), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t).serve()
			if tc.ok {
				s.want(tc.request, http.StatusNoContent, 1)
				return
			}
			s.want(tc.request, http.StatusUnauthorized, 0)
			if !strings.Contains(s.log.String(), "the signature or its time is wrong") {
				t.Errorf("the log says nothing:\n%s", s.log.String())
			}
		})
	}
}

func TestRotation(t *testing.T) {
	s := newStage(t).serve()
	use := func(value string) {
		t.Helper()
		secrets, err := webhook.ParseSecrets([]byte(value))
		if err != nil {
			t.Fatal(err)
		}
		s.set(func() { s.secrets[home()] = secrets })
	}
	old := func(id string) request { return signed(id, key('a'), body(id)) }
	fresh := func(id string) request { return signed(id, key('b'), body(id)) }
	s.want(old("m1"), http.StatusNoContent, 1)
	s.want(fresh("m2"), http.StatusUnauthorized, 1)
	use(secret('a') + "\n" + secret('b') + "\n")
	s.want(old("m3"), http.StatusNoContent, 2)
	s.want(fresh("m4"), http.StatusNoContent, 3)
	use(secret('b'))
	s.want(old("m5"), http.StatusUnauthorized, 3)
	s.want(fresh("m6"), http.StatusNoContent, 4)
}

// A secret signs with the same key whether or not its padding was copied along.
func TestUnpaddedSecret(t *testing.T) {
	s := newStage(t).serve()
	long := append(key('a'), 'a')
	secrets, err := webhook.ParseSecrets([]byte("whsec_" + base64.RawStdEncoding.EncodeToString(long)))
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.secrets[home()] = secrets })
	s.want(signed("m1", key('a'), body("m1")), http.StatusUnauthorized, 0)
	s.want(signed("m2", long, body("m2")), http.StatusNoContent, 1)
}

// FuzzVerify: nothing is delivered but what carries the one right signature, made not long ago.
func FuzzVerify(f *testing.F) {
	now := unix(start())
	f.Add(message, now, sign(key('a'), message, now, "{}"), []byte("{}"))
	f.Add("a.1", now, "v1,abc v2,def", []byte(body("e1")))
	f.Add("", "", " ", []byte(nil))
	f.Add("m", "+"+now, "v1,", []byte("1.{}"))
	f.Fuzz(func(t *testing.T, id, timestamp, signatures string, text []byte) {
		s := &stage{t: t, leading: true}
		receiver, err := webhook.New(webhook.Options{Clock: fixedClock(), Secrets: s.always(secret('a')), Deliver: s.options().Deliver})
		if err != nil {
			t.Fatal(err)
		}
		send := func(signatures string) int {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(string(text)))
			r.Header = http.Header{"Svix-Id": {id}, "Svix-Timestamp": {timestamp}, "Svix-Signature": {signatures}}
			w := httptest.NewRecorder()
			receiver.ServeHTTP(w, r)
			return w.Code
		}
		right := sign(key('a'), id, timestamp, string(text))
		if status := send(signatures); status != http.StatusUnauthorized && !slices.Contains(strings.Fields(signatures), right) {
			t.Errorf("status %d without the signature", status)
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		timely := err == nil && seconds >= start().Unix()-300 && seconds <= start().Unix()+300
		acceptable := timely && id != "" && len(id) <= 256 && !strings.Contains(id, ".")
		if status := send(right); (status != http.StatusUnauthorized) != acceptable {
			t.Errorf("status %d, acceptable %t", status, acceptable)
		}
	})
}

func TestParseSecrets(t *testing.T) {
	a, b := secret('a'), secret('b')
	bare := strings.TrimPrefix(a, "whsec_")
	odd := base64.RawStdEncoding.EncodeToString(append(key('a'), 'a'))
	for name, tc := range map[string]struct {
		value string
		want  []string
		fails string
	}{
		"one":               {value: a, want: []string{a}},
		"without prefix":    {value: bare, want: []string{bare}},
		"two":               {value: a + "\n" + b, want: []string{a, b}},
		"space and returns": {value: "\n  " + a + " \r\n\r\n\t" + b + "\r\n", want: []string{a, b}},
		"nothing":           {fails: "no signing secret"},
		"space":             {value: " \n\t\n", fails: "no signing secret"},
		"prefix alone":      {value: "whsec_", fails: "line 1: shorter than 16 bytes"},
		"short":             {value: a + "\n\nc2hvcnQ=", fails: "line 3: shorter than 16 bytes"},
		"without padding":   {value: "whsec_" + odd, want: []string{"whsec_" + odd}},
		"half the padding":  {value: odd + "=", want: []string{odd + "="}},
		"short, no padding": {value: "c2hvcnQ", fails: "line 1: shorter than 16 bytes"},
		"one letter over":   {value: bare + "a", fails: "line 1: not base64"},
		"bits left over":    {value: bare + "YR", fails: "line 1: not base64"},
		"padding inside":    {value: odd + "==" + odd, fails: "line 1: not base64"},
		"URL alphabet":      {value: bare + "-_8", fails: "line 1: not base64"},
		"no base64":         {value: "fake_secret_0123456789abcdef", fails: "line 1: not base64"},
		"prefix twice":      {value: "whsec_" + a, fails: "line 1: not base64"},
		"two in a line":     {value: a + " " + b, fails: "line 1: not base64"},
		"too many":          {value: strings.Repeat(a+"\n", 9), fails: "more than 8"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := webhook.ParseSecrets([]byte(tc.value))
			if tc.fails != "" {
				checkRefusal(t, tc.value, tc.fails, err)
				return
			}
			if err != nil || !slices.EqualFunc(got, tc.want, func(s redact.Secret, text string) bool { return string(s) == text }) {
				t.Errorf("got %d secrets, error %v", len(got), err)
			}
		})
	}
}

// checkRefusal wants an error that tells the reason and the remedy, and nothing of the value.
func checkRefusal(t *testing.T, value, reason string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Fatalf("got error %v", err)
	}
	for _, word := range strings.Fields(value) {
		if word != "whsec_" && strings.Contains(err.Error(), word) {
			t.Errorf("the error quotes the value: %v", err)
		}
	}
}
