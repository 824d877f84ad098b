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
	// signatureVersion is the prefix of the signatures that are known. Others are skipped.
	signatureVersion = "v1,"
	// maxID bounds the id of a message, in bytes, because ids are kept: many times the length of Svix's.
	maxID = 256
)

// signed is what the headers say about a message.
type signed struct {
	id         string
	timestamp  string
	signatures string
}

// verify returns the id of a message that was signed with one of the keys, not long ago. It does not say what is wrong with
// another message, because the sender would learn it.
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

// readHeader reads the three headers of Svix where all are present, else those with the same meaning under their other names,
// as Svix's own libraries do: a proxy may drop one of the former. It never mixes the two: nobody may complete half a message
// with headers of their own.
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

// signature is the signature that the message would have with a key.
func (m signed) signature(key, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.id + "." + m.timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// carries says whether one of the message's signatures is the wanted one. It compares texts, not bytes: a signature that is not
// base64 is wrong like any other.
func (m signed) carries(want string) bool {
	for one := range strings.FieldsSeq(m.signatures) {
		given, ok := strings.CutPrefix(one, signatureVersion)
		if ok && hmac.Equal([]byte(given), []byte(want)) {
			return true
		}
	}
	return false
}
