// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// Event is something that happened. The fields are those that all events
// share; what an event of access_code.* says beyond them is in AccessCode.
type Event struct {
	EventID string `json:"event_id"`
	// EventType is a word such as access_code.set_on_device; new ones appear.
	EventType          string    `json:"event_type"`
	WorkspaceID        string    `json:"workspace_id"`
	CreatedAt          time.Time `json:"created_at"`
	OccurredAt         time.Time `json:"occurred_at"`
	DeviceID           string    `json:"device_id"`
	ConnectedAccountID string    `json:"connected_account_id"`
	AccessCodeID       string    `json:"access_code_id"`
	// EventDescription is for people. PINs are taken out.
	EventDescription string `json:"event_description"`

	// AccessCode is nil for events of other families, whose fields of the same
	// names may have other types.
	AccessCode *AccessCodeEvent `json:"-"`
}

// AccessCodeEvent is what the events access_code.* say beyond the common
// fields. Most have few of them.
type AccessCodeEvent struct {
	Code                     redact.Secret `json:"code"`
	BackupAccessCodeID       string        `json:"backup_access_code_id"`
	Description              string        `json:"description"`
	ChangeReason             string        `json:"change_reason"`
	ChangedProperties        []Change      `json:"changed_properties"`
	From                     *EventState   `json:"from"`
	To                       *EventState   `json:"to"`
	RequestedMutations       []Mutation    `json:"requested_mutations"`
	AccessCodeErrors         []Issue       `json:"access_code_errors"`
	AccessCodeWarnings       []Issue       `json:"access_code_warnings"`
	DeviceErrors             []Issue       `json:"device_errors"`
	DeviceWarnings           []Issue       `json:"device_warnings"`
	ConnectedAccountErrors   []Issue       `json:"connected_account_errors"`
	ConnectedAccountWarnings []Issue       `json:"connected_account_warnings"`
}

// Change is a property that an event reports as changed. The values may be
// PINs.
type Change struct {
	Property string        `json:"property"`
	From     redact.Secret `json:"from"`
	To       redact.Secret `json:"to"`
}

// EventState is one side of a change. The reference gives the times no
// format, so they are as Seam wrote them.
type EventState struct {
	Code     redact.Secret `json:"code"`
	Name     string        `json:"name"`
	StartsAt string        `json:"starts_at"`
	EndsAt   string        `json:"ends_at"`
}

// Mutation is the name of a mutation that was requested. Its values are left
// out: they may hold a PIN in any shape.
type Mutation struct {
	MutationCode string `json:"mutation_code"`
}

// UnmarshalJSON reads an event and takes PINs out of its texts.
func (e *Event) UnmarshalJSON(data []byte) error {
	type plain Event
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	var secrets []redact.Secret
	if strings.HasPrefix(e.EventType, "access_code.") {
		e.AccessCode = &AccessCodeEvent{}
		if err := json.Unmarshal(data, e.AccessCode); err != nil {
			return err
		}
		secrets = e.AccessCode.secrets()
		e.AccessCode.clean(secrets)
	}
	e.EventDescription = redact.Text(e.EventDescription, secrets...)
	return nil
}

func (e *AccessCodeEvent) secrets() []redact.Secret {
	secrets := []redact.Secret{e.Code}
	for _, side := range []*EventState{e.From, e.To} {
		if side != nil {
			secrets = append(secrets, side.Code)
		}
	}
	for _, c := range e.ChangedProperties {
		if c.Property == "code" {
			secrets = append(secrets, c.From, c.To)
		}
	}
	return secrets
}

func (e *AccessCodeEvent) clean(secrets []redact.Secret) {
	e.Description = redact.Text(e.Description, secrets...)
	e.ChangeReason = redact.Text(e.ChangeReason, secrets...)
	for _, issues := range [][]Issue{
		e.AccessCodeErrors, e.AccessCodeWarnings, e.DeviceErrors, e.DeviceWarnings,
		e.ConnectedAccountErrors, e.ConnectedAccountWarnings,
	} {
		cleanIssues(issues, secrets)
	}
}
