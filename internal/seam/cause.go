// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"unicode"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// describe says why a request failed, in words that are the same each time,
// and returns the part of err that callers may want to recognize. err itself
// is dropped: it quotes addresses and whatever a hostile server has sent.
func describe(err error, secrets []redact.Secret) (string, error) {
	if fixed := fixedCause(err); fixed != nil {
		return operation(err) + fixed.Error(), fixed
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return operation(err) + "looking up host: " + clean(dns.Err, maxMessage, secrets), nil
	}
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "verifying certificate: " + certificateProblem(wrong.Err, secrets), nil
	}
	if outer, ok := errors.AsType[*net.OpError](err); ok {
		return operation(err) + invariantText(clean(outer.Err.Error(), maxMessage, secrets)), nil
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	return invariantText(clean(err.Error(), maxMessage, secrets)), nil
}

// invariantText removes what differs from try to try, such as the number of a
// stream.
func invariantText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsNumber(r) {
			return '#'
		}
		return r
	}, text)
}

// fixedCause returns the error in err's chain whose text never varies.
func fixedCause(err error) error {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, io.ErrUnexpectedEOF, io.EOF,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number
	}
	return nil
}

// certificateProblem leaves out the clock, which x509 quotes.
func certificateProblem(err error, secrets []redact.Secret) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "expired or not yet valid"
	}
	return clean(err.Error(), maxMessage, secrets)
}

// operation is the step of the connection that failed, such as "dial: ".
func operation(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op + ": "
	}
	return ""
}

// isDialError reports whether err happened before there was a connection.
func isDialError(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}
