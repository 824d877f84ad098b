// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"cmp"
	"context"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// defaultRetryAfter is how long calls are held back after a 429 without a Retry-After: the length of Seam's window.
const defaultRetryAfter = time.Minute

// defaultPause is how long a whole workspace is held back after a 429 without a Retry-After, where the length of Seam's window
// is not known.
const defaultPause = 10 * time.Second

// Get returns a code by its id. Several reads at the same time become one call (POST /access_codes/list), a single read is POST
// /access_codes/get. Only the latter can tell that a code does not exist.
func (s *Session) Get(ctx context.Context, id string) (*seam.AccessCode, error) {
	if _, err := s.connection(); err != nil {
		return nil, err
	}
	return s.codes.get(ctx, id)
}

// Find returns a code by an id that may be invalid, in a call of its own (POST /access_codes/get), so that it can't fail the
// reads of others.
func (s *Session) Find(ctx context.Context, id string) (*seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.AccessCodes.Get(ctx, id)
	return code, s.learnOfAll(err)
}

// Sweep reads codes in whole pages (POST /access_codes/list) and returns the ids of those that have changed since they were
// last read, or are missing. all says that ids are all codes of the workspace. When it fails half-way, it also returns what it
// has found until then.
func (s *Session) Sweep(ctx context.Context, ids []string, all bool) ([]string, error) {
	return s.codes.sweep(ctx, ids, all)
}

// Expect announces that a code will be read again after a time. A call for other codes may then include it.
func (s *Session) Expect(id string, after time.Duration) {
	s.codes.expect(id, s.clock.Now().Add(after))
}

// fetchCodes asks for several codes at once.
func (s *Session) fetchCodes(ctx context.Context, ids []string) (map[string]codeResult, error) {
	return fetchMany(ctx, ids, s.Find, func(ctx context.Context, ids []string) (map[string]codeResult, error) {
		client, err := s.connection()
		if err != nil {
			return nil, err
		}
		codes, err := client.AccessCodes.List(ctx, seam.ListAccessCodesRequest{AccessCodeIDs: ids})
		results := make(map[string]codeResult, len(codes))
		for i := range codes {
			results[codes[i].AccessCodeID] = codeResult{object: &codes[i]}
		}
		return results, s.learnOfAll(err)
	})
}

// List returns the managed codes of a device (POST /access_codes/list).
func (s *Session) List(ctx context.Context, deviceID string) ([]seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	codes, err := client.AccessCodes.List(ctx, seam.ListAccessCodesRequest{DeviceID: deviceID})
	return codes, s.learnOfAll(err)
}

// GenerateCode asks for a PIN that suits a device and is free on it (POST /access_codes/generate_code).
func (s *Session) GenerateCode(ctx context.Context, deviceID string) (redact.Secret, error) {
	client, err := s.connection()
	if err != nil {
		return "", err
	}
	pin, err := client.AccessCodes.GenerateCode(ctx, deviceID)
	return pin, s.learnOfAll(err)
}

// Reservation is a place within Seam's limits for one call.
type Reservation struct {
	limiter  *limiter
	deviceID string
	verb     Verb
	at       time.Time
}

// Cancel returns the reservation, for a call that is not made after all.
func (t Reservation) Cancel() { t.limiter.cancel(t.deviceID, t.verb, t.at) }

// Reserve reserves a Create on a device within Seam's limits. It comes before all else, so that nothing is prepared for a call
// that has to wait. who identifies the caller, which keeps its place in the queue of the device.
func (s *Session) Reserve(deviceID, who string) (Reservation, error) {
	_, reservation, err := s.admit(deviceID, VerbCreate, who)
	return reservation, err
}

// Create creates a code (POST /access_codes/create) with a reservation from Reserve.
func (s *Session) Create(ctx context.Context, reservation Reservation, request seam.CreateAccessCodeRequest) (*seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.AccessCodes.Create(ctx, request)
	if err == nil {
		s.codes.remember(code.AccessCodeID, code)
	}
	return code, s.learn(reservation, err)
}

// Update changes a code of a device (POST /access_codes/update).
func (s *Session) Update(ctx context.Context, deviceID string, request seam.UpdateAccessCodeRequest) error {
	client, reservation, err := s.admit(deviceID, VerbUpdate, request.AccessCodeID)
	if err != nil {
		return err
	}
	defer s.codes.wrote(request.AccessCodeID)
	_, err = client.AccessCodes.Update(ctx, request)
	return s.learn(reservation, err)
}

// Delete takes a code off a device (POST /access_codes/delete).
func (s *Session) Delete(ctx context.Context, deviceID, id string) error {
	client, reservation, err := s.admit(deviceID, VerbDelete, id)
	if err != nil {
		return err
	}
	defer s.codes.wrote(id)
	_, err = client.AccessCodes.Delete(ctx, seam.DeleteAccessCodeRequest{AccessCodeID: id})
	return s.learn(reservation, err)
}

// admit returns the client and a reservation when the limits allow a call now.
func (s *Session) admit(deviceID string, verb Verb, who string) (*seam.Client, Reservation, error) {
	client, err := s.connection()
	if err != nil {
		return nil, Reservation{}, err
	}
	now := s.clock.Now()
	if wait := s.limiter.reserve(deviceID, verb, who, now); wait > 0 {
		s.metrics.Waits(string(verb), wait)
		return nil, Reservation{}, &seam.Error{
			Kind:       seam.RateLimited,
			Path:       "/access_codes/" + string(verb),
			RetryAfter: wait,
			Message:    "held back to keep within Seam's limit for each device and minute",
		}
	}
	return client, Reservation{limiter: s.limiter, deviceID: deviceID, verb: verb, at: now}, nil
}

// learn records how a call has ended, and returns its error. A 429 holds back all calls of that verb for the device.
func (s *Session) learn(reservation Reservation, err error) error {
	now := s.clock.Now()
	s.limiter.settle(reservation.deviceID, reservation.verb, reservation.at, now)
	if seam.KindOf(err) != seam.RateLimited {
		return err
	}
	wait := seam.RetryAfter(err)
	if wait <= 0 {
		wait = defaultRetryAfter
	}
	s.limiter.block(reservation.deviceID, reservation.verb, now.Add(wait), now)
	return err
}

// learnOfAll is learn for calls that have no limit by device. A 429 holds back all calls for the workspace.
func (s *Session) learnOfAll(err error) error {
	if seam.KindOf(err) == seam.RateLimited {
		s.block(s.clock.Now().Add(cmp.Or(max(seam.RetryAfter(err), 0), defaultPause)))
	}
	return err
}
