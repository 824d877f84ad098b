// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// maxSkew is how far the time of a message may be off, either way: what the libraries of Svix allow.
	maxSkew = 5 * time.Minute
	// signatureVersion comes before each signature that is known; others are skipped.
	signatureVersion = "v1,"
	// maxID is many times an id of Svix, in bytes. Ids are kept.
	maxID = 256
)

// signed is what the headers tell of a message.
type signed struct {
	id         string
	timestamp  string
	signatures string
}

// verify returns the id of a message that one of the keys has signed not long ago. It does not tell what is wrong with
// any other: the sender would be told in the end.
func verify(keys [][]byte, header http.Header, body []byte, now time.Time) (string, bool) {
	m := readHeader(header)
	if !m.timely(now) {
		return "", false
	}
	// With a dot in the id, the same signed text could be read as another id, time and body.
	if m.id == "" || len(m.id) > maxID || strings.Contains(m.id, ".") {
		return "", false
	}
	for _, key := range keys {
		if m.carries(m.signature(key, body)) {
			return m.id, true
		}
	}
	return "", false
}

// readHeader takes the three headers of Svix where all are there, else those of the same meaning under their other names, as
// Svix's own libraries do: a proxy may leave one of the former behind. It never takes some of each: half of a message must
// not be completed by what somebody else wrote.
func readHeader(header http.Header) signed {
	read := func(prefix string) signed {
		return signed{header.Get(prefix + "Id"), header.Get(prefix + "Timestamp"), header.Get(prefix + "Signature")}
	}
	if m := read("Svix-"); m.id != "" && m.timestamp != "" && m.signatures != "" {
		return m
	}
	return read("Webhook-")
}

func (m signed) timely(now time.Time) bool {
	seconds, err := strconv.ParseInt(m.timestamp, 10, 64)
	if err != nil {
		return false
	}
	// Sub ends at the longest duration, so a time however far off does not come round.
	age := now.Sub(time.Unix(seconds, 0))
	return -maxSkew <= age && age <= maxSkew
}

// signature is what the message would carry if it were signed with key.
func (m signed) signature(key, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.id + "." + m.timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// carries compares texts, not bytes: what is no base64 is wrong like anything else.
func (m signed) carries(want string) bool {
	for one := range strings.FieldsSeq(m.signatures) {
		given, ok := strings.CutPrefix(one, signatureVersion)
		if ok && hmac.Equal([]byte(given), []byte(want)) {
			return true
		}
	}
	return false
}
