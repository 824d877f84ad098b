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

// defaultRetryAfter is how long a 429 without a Retry-After is obeyed: the length of Seam's window.
const defaultRetryAfter = time.Minute

// defaultPause is how long a 429 without a Retry-After holds back a whole workspace, where no window is known.
const defaultPause = 10 * time.Second

// Get returns a code by its id. Looks at several codes at the same time go out as one call (POST /access_codes/list), a
// look at a single one by itself (POST /access_codes/get). That a code does not exist is said only by the latter.
func (l *Live) Get(ctx context.Context, id string) (*seam.AccessCode, error) {
	if _, err := l.connection(); err != nil {
		return nil, err
	}
	return l.looks.get(ctx, id)
}

// Find returns a code by an id that may be none, in a call of its own (POST /access_codes/get).
func (l *Live) Find(ctx context.Context, id string) (*seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.AccessCodes.Get(ctx, id)
	return code, l.learnOfAll(err)
}

// Sweep looks at codes in whole pages (POST /access_codes/list) and returns the ids of those that do not look as they
// did last, or are not to be seen. all says that these are all codes of the workspace. Where it fails half-way, it
// returns what it has found until then, too.
func (l *Live) Sweep(ctx context.Context, ids []string, all bool) ([]string, error) {
	return l.looks.sweep(ctx, ids, all)
}

// Expect says that a code will be looked at again so soon, so that a call for others may take it along.
func (l *Live) Expect(id string, after time.Duration) { l.looks.expect(id, l.clock.Now().Add(after)) }

// fetchCodes asks for several codes at once.
func (l *Live) fetchCodes(ctx context.Context, ids []string) (map[string]codeSight, error) {
	return fetchMany(ctx, ids, l.Find, func(ctx context.Context, ids []string) (map[string]codeSight, error) {
		client, err := l.connection()
		if err != nil {
			return nil, err
		}
		codes, err := client.AccessCodes.List(ctx, seam.ListAccessCodesRequest{AccessCodeIDs: ids})
		sights := make(map[string]codeSight, len(codes))
		for i := range codes {
			sights[codes[i].AccessCodeID] = codeSight{object: &codes[i]}
		}
		return sights, l.learnOfAll(err)
	})
}

// List returns the managed codes of a device (POST /access_codes/list).
func (l *Live) List(ctx context.Context, deviceID string) ([]seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	codes, err := client.AccessCodes.List(ctx, seam.ListAccessCodesRequest{DeviceID: deviceID})
	return codes, l.learnOfAll(err)
}

// GenerateCode asks for a PIN that suits a device and is free on it (POST /access_codes/generate_code).
func (l *Live) GenerateCode(ctx context.Context, deviceID string) (redact.Secret, error) {
	client, err := l.connection()
	if err != nil {
		return "", err
	}
	pin, err := client.AccessCodes.GenerateCode(ctx, deviceID)
	return pin, l.learnOfAll(err)
}

// Turn is a call that the limits have room for.
type Turn struct {
	limiter  *limiter
	deviceID string
	verb     Verb
	at       time.Time
}

// GiveBack is for a call that is not made after all.
func (t Turn) GiveBack() { t.limiter.giveBack(t.deviceID, t.verb, t.at) }

// Reserve books a Create on a device with the limits. It comes first, so that nothing is prepared for a call that
// has to wait. who is whoever creates, and keeps their place in the queue of the device.
func (l *Live) Reserve(deviceID, who string) (Turn, error) {
	_, turn, err := l.admit(deviceID, VerbCreate, who)
	return turn, err
}

// Create creates a code (POST /access_codes/create), in the turn that Reserve has given.
func (l *Live) Create(ctx context.Context, turn Turn, request seam.CreateAccessCodeRequest) (*seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.AccessCodes.Create(ctx, request)
	if err == nil {
		l.looks.remember(code.AccessCodeID, code)
	}
	return code, l.learn(turn, err)
}

// Update changes a code of a device (POST /access_codes/update).
func (l *Live) Update(ctx context.Context, deviceID string, request seam.UpdateAccessCodeRequest) error {
	client, turn, err := l.admit(deviceID, VerbUpdate, request.AccessCodeID)
	if err != nil {
		return err
	}
	defer l.looks.wrote(request.AccessCodeID)
	_, err = client.AccessCodes.Update(ctx, request)
	return l.learn(turn, err)
}

// Delete takes a code off a device (POST /access_codes/delete).
func (l *Live) Delete(ctx context.Context, deviceID, id string) error {
	client, turn, err := l.admit(deviceID, VerbDelete, id)
	if err != nil {
		return err
	}
	defer l.looks.wrote(id)
	_, err = client.AccessCodes.Delete(ctx, seam.DeleteAccessCodeRequest{AccessCodeID: id})
	return l.learn(turn, err)
}

// admit returns the client, and the turn, when the limits allow the call now.
func (l *Live) admit(deviceID string, verb Verb, who string) (*seam.Client, Turn, error) {
	client, err := l.connection()
	if err != nil {
		return nil, Turn{}, err
	}
	now := l.clock.Now()
	if wait := l.limiter.take(deviceID, verb, who, now); wait > 0 {
		l.metrics.Waits(string(verb), wait)
		return nil, Turn{}, &seam.Error{
			Kind:       seam.RateLimited,
			Path:       "/access_codes/" + string(verb),
			RetryAfter: wait,
			Message:    "held back to keep within Seam's limit for each device and minute",
		}
	}
	return client, Turn{limiter: l.limiter, deviceID: deviceID, verb: verb, at: now}, nil
}

// learn is told how a call has ended. A 429 holds back every call of its kind for the device.
func (l *Live) learn(turn Turn, err error) error {
	now := l.clock.Now()
	l.limiter.settle(turn.deviceID, turn.verb, turn.at, now)
	if seam.KindOf(err) != seam.RateLimited {
		return err
	}
	wait := seam.RetryAfter(err)
	if wait <= 0 {
		wait = defaultRetryAfter
	}
	l.limiter.block(turn.deviceID, turn.verb, now.Add(wait), now)
	return err
}

// learnOfAll makes a 429 to a call for which no limit of a device is known hold back every call for the workspace.
func (l *Live) learnOfAll(err error) error {
	if seam.KindOf(err) == seam.RateLimited {
		l.block(l.clock.Now().Add(cmp.Or(max(seam.RetryAfter(err), 0), defaultPause)))
	}
	return err
}
