// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const pathActionAttemptGet = "/action_attempts/get"

// The documented values of ActionAttempt.Status. Others pass.
const (
	AttemptPending = "pending"
	AttemptSuccess = "success"
	AttemptError   = "error"
)

// ActionAttempt is an action that continues after its call was answered. Its
// result is left out: for access codes it repeats the object with its PIN.
type ActionAttempt struct {
	ActionAttemptID string `json:"action_attempt_id"`
	// ActionType is a word such as CREATE_ACCESS_CODE.
	ActionType string `json:"action_type"`
	// Status is one of the Attempt constants or a newer word.
	Status string `json:"status"`
	// Error is set when Status is AttemptError.
	Error *ActionAttemptError `json:"error"`
}

// ActionAttemptError says why an action failed.
type ActionAttemptError struct {
	Type string `json:"type"`
	// Message is for people. PINs are taken out.
	Message string `json:"message"`
}

// WaitOptions say whether ActionAttempts.Get waits for the end of an action.
type WaitOptions struct {
	// Timeout is how long to wait; 0 does not wait.
	Timeout time.Duration
	// PollInterval is the time between two looks. Default: 1 s.
	PollInterval time.Duration
}

// ActionAttemptsService is the action attempts.
type ActionAttemptsService struct{ c *Client }

// Get returns an attempt: POST /action_attempts/get. With a Timeout it looks
// again until the attempt is no longer pending; when the time is up, it
// returns the pending attempt and an error that is context.DeadlineExceeded.
// An action that has failed is no error here; see ActionAttempt.Status.
func (s *ActionAttemptsService) Get(ctx context.Context, actionAttemptID string, wait WaitOptions) (ActionAttempt, error) {
	if err := require(pathActionAttemptGet, "action_attempt_id", actionAttemptID); err != nil {
		return ActionAttempt{}, err
	}
	interval := wait.PollInterval
	if interval <= 0 {
		interval = time.Second
	}
	deadline := s.c.now().Add(wait.Timeout)
	for {
		attempt, err := s.get(ctx, actionAttemptID)
		if err != nil || attempt.Status != AttemptPending || wait.Timeout <= 0 {
			return attempt, err
		}
		if s.c.now().Add(interval).After(deadline) {
			return attempt, stillPending(context.DeadlineExceeded)
		}
		select {
		case <-ctx.Done():
			return attempt, stillPending(ctx.Err())
		case <-s.c.after(interval):
		}
	}
}

func (s *ActionAttemptsService) get(ctx context.Context, id string) (ActionAttempt, error) {
	reply := attemptReply{id: id}
	err := s.c.do(ctx, call{path: pathActionAttemptGet, body: map[string]string{"action_attempt_id": id}, reply: &reply})
	if err != nil {
		return ActionAttempt{}, err
	}
	return *reply.ActionAttempt, nil
}

func stillPending(cause error) error {
	return &Error{
		Kind: Unavailable, Path: pathActionAttemptGet, Message: "action is still pending: " + cause.Error(), cause: cause,
	}
}

// attemptCall makes a call whose answer may name an attempt.
func (c *Client) attemptCall(ctx context.Context, k call) (ActionAttempt, error) {
	reply := optionalAttemptReply{}
	k.reply = &reply
	if err := c.do(ctx, k); err != nil || reply.ActionAttempt == nil {
		return ActionAttempt{}, err
	}
	return reply.ActionAttempt.clean(k.secrets), nil
}

func (a ActionAttempt) clean(secrets []redact.Secret) ActionAttempt {
	if a.Error != nil {
		a.Error = &ActionAttemptError{
			Type:    redact.Text(a.Error.Type, secrets...),
			Message: redact.Text(a.Error.Message, secrets...),
		}
	}
	return a
}

type attemptReply struct {
	okReply
	ActionAttempt *ActionAttempt `json:"action_attempt"`

	id string
}

func (r *attemptReply) check() error {
	switch a := r.ActionAttempt; {
	case a == nil:
		return errors.New("answer without action_attempt")
	case a.ActionAttemptID != r.id:
		return fmt.Errorf("answer has action attempt %q instead of %q", a.ActionAttemptID, r.id)
	}
	*r.ActionAttempt = r.ActionAttempt.clean(nil)
	return nil
}

// optionalAttemptReply: the reference says that update and delete name an
// attempt, the guides show answers without.
type optionalAttemptReply struct {
	okReply
	ActionAttempt *ActionAttempt `json:"action_attempt"`
}

func (r *optionalAttemptReply) check() error {
	if r.OK == nil && r.ActionAttempt == nil {
		return errors.New("answer with neither ok nor action_attempt")
	}
	return nil
}
