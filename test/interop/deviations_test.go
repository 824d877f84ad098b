// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// deviation is a place where the fake is not what the service is known to be, so that it
// proves nothing there. The simulator follows the service.
type deviation struct {
	name, fake, service, reason string
	// check fails when the fake no longer deviates: the entry goes then.
	check func(*bench) error
}

// deviations are all that the client can meet. Two more it cannot: the fake has no rate
// limits, and it never sends a webhook.
func deviations() []deviation {
	all := []deviation{
		{
			name: "list", fake: "lists the codes of all devices and workspaces", service: "lists what the filters say",
			reason: "a misplaced parenthesis in its filter", check: listsEverything,
		}, {
			name: "workspaces", fake: "shows a key of another workspace all codes", service: "keeps workspaces apart",
			reason: "its handlers look in one store", check: mixesWorkspaces,
		}, {
			name: "not found", fake: "says not_found for an unknown code, in get", service: "says access_code_not_found",
			reason: "an older name of the type", check: saysNotFound,
		}, {
			name: "rename", fake: "makes a time-bound code ongoing when an update has no times", service: "leaves the times alone",
			reason: "its update always sets the type", check: forgetsTimes,
		}, {
			name: "states", fake: "never sets a code", service: "moves from setting to set", reason: "it has no clock", check: neverSets,
		}, {
			name: "delete", fake: "forgets a code at once, and its PIN is free", service: "removes it from the lock first",
			reason: "it has no lock", check: forgetsAtOnce,
		}, {
			name: "create", fake: "names no action_attempt", service: "names one", reason: "an older form of the answer", check: namesNoAttempt,
		}, {
			name: "pagination", fake: "has none", service: "has one with every list", reason: "an older form of the answer", check: hasNoPagination,
		}, {
			name: "validation", fake: "accepts letters as PIN, past times, and a thermostat", service: "refuses them",
			reason: "it checks types only", check: validatesNothing,
		}, {
			name: "common_code_key", fake: "drops it in create", service: "keeps it", reason: "it reads six fields", check: dropsKey,
		}, {
			name: "backups", fake: "hands the same backup to two codes", service: "hands each its own",
			reason: "it does not mark a backup as used", check: sharesBackup,
		}, {
			name: "order of events", fake: "lists the oldest first", service: "lists the newest first",
			reason: "it lists them as they are stored", check: oldestFirst,
		}, {
			name: "events of a code", fake: "finds none by access_code_id", service: "finds them",
			reason: "it compares the id of the code with that of the device", check: findsNoEvents,
		}, {
			name: "errors", fake: "has no error.request_id, and no UUID in its header", service: "has both",
			reason: "it counts requests", check: hasNoRequestID,
		}, {
			name: "create_multiple", fake: "makes codes on unknown devices and with PINs that are taken", service: "refuses both",
			reason: "it does not look", check: createsAnywhere,
		}, {
			name: "verbs", fake: "takes only POST for update and create_multiple", service: "takes PUT, and PATCH for update",
			reason: "an older list of verbs", check: lacksVerbs,
		}, {
			name: "sessions", fake: "gives one to a publishable key only", service: "gives one to an API key as well",
			reason: "its handler asks for the header", check: wantsPublishableKey,
		}, {
			name: "devices of a person", fake: "does not list devices for a personal access token", service: "lists them",
			reason: "the route does not name this way to authenticate", check: refusesPersonalToken,
		},
	}
	methods := drives()
	for _, method := range slices.Sorted(maps.Keys(methods)) {
		if methods[method] == nil {
			all = append(all, absent(method))
		}
	}
	return all
}

// absent is a method whose path the fake does not have.
func absent(method string) deviation {
	return deviation{
		name: method, fake: "does not have the path", service: "has it", reason: "it follows an older API",
		check: func(b *bench) error {
			err := absentCalls(b)[method]()
			if seam.KindOf(err) != seam.Unavailable || status(err) != http.StatusNotFound {
				return fmt.Errorf("got error %w, want a plain 404", err)
			}
			return nil
		},
	}
}

func absentCalls(b *bench) map[string]func() error {
	codes, unmanaged := b.client.AccessCodes, b.client.UnmanagedAccessCodes
	return map[string]func() error{
		"AccessCodes.UpdateMultiple": func() error {
			return codes.UpdateMultiple(b.ctx, seam.UpdateMultipleAccessCodesRequest{CommonCodeKey: "k", Name: "x"})
		},
		"AccessCodes.ReportDeviceConstraints": func() error {
			return codes.ReportDeviceConstraints(b.ctx, seam.ReportDeviceConstraintsRequest{DeviceID: fakeLock, SupportedCodeLengths: []int{4}})
		},
		"UnmanagedAccessCodes.Get":       func() error { _, err := unmanaged.Get(b.ctx, "a"); return err },
		"UnmanagedAccessCodes.GetByCode": func() error { _, err := unmanaged.GetByCode(b.ctx, fakeLock, "9753"); return err },
		"UnmanagedAccessCodes.ConvertToManaged": func() error {
			_, err := unmanaged.ConvertToManaged(b.ctx, seam.ConvertToManagedRequest{AccessCodeID: "a"})
			return err
		},
		"UnmanagedAccessCodes.Delete": func() error {
			_, err := unmanaged.Delete(b.ctx, seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: "a"})
			return err
		},
	}
}

func status(err error) int {
	if e, ok := errors.AsType[*seam.Error](err); ok {
		return e.Status
	}
	return 0
}

// TestDeviationsOfTheFake checks and lists every place where the fake cannot be believed.
func TestDeviationsOfTheFake(t *testing.T) {
	f := startFake(t)
	for _, d := range deviations() {
		t.Run(d.name, func(t *testing.T) {
			if err := d.check(newBench(t, f)); err != nil {
				t.Errorf("the fake no longer %s, take the entry out: %v", d.fake, err)
			}
		})
		t.Logf("Deviation %q: the fake %s; the service %s: %s.", d.name, d.fake, d.service, d.reason)
	}
}

var errAsService = errors.New("it does as the service does")

// unless is no error where the fake deviates.
func unless(deviates bool) error {
	if deviates {
		return nil
	}
	return errAsService
}

func listsEverything(b *bench) error {
	made := b.create(seam.CreateAccessCodeRequest{DeviceID: fakeOtherLock})
	codes, err := b.client.AccessCodes.List(b.ctx, seam.ListAccessCodesRequest{DeviceID: fakeLock})
	b.no(err)
	return unless(contains(codes, made.AccessCodeID))
}

func mixesWorkspaces(b *bench) error {
	made := b.create(seam.CreateAccessCodeRequest{})
	code, err := b.fake.client(b.t, seam.APIKey(fakeOtherKey)).AccessCodes.Get(b.ctx, made.AccessCodeID)
	return unless(err == nil && code.WorkspaceID == fakeWorkspace)
}

func saysNotFound(b *bench) error {
	_, err := b.client.AccessCodes.Get(b.ctx, "nope")
	e, ok := errors.AsType[*seam.Error](err)
	return unless(ok && e.Type == "not_found" && seam.IsAccessCodeNotFound(err))
}

func forgetsTimes(b *bench) error {
	starts, ends := window()
	id := b.create(seam.CreateAccessCodeRequest{StartsAt: starts, EndsAt: ends}).AccessCodeID
	_, err := b.client.AccessCodes.Update(b.ctx, seam.UpdateAccessCodeRequest{AccessCodeID: id, Name: "Renamed"})
	b.no(err)
	code, err := b.client.AccessCodes.Get(b.ctx, id)
	b.no(err)
	return unless(code.Type == seam.TypeOngoing && code.StartsAt != nil)
}

func neverSets(b *bench) error {
	code := b.create(seam.CreateAccessCodeRequest{})
	got, err := b.client.AccessCodes.Get(b.ctx, code.AccessCodeID)
	b.no(err)
	return unless(got.Status == seam.StatusSetting && len(got.PendingMutations) == 0)
}

func forgetsAtOnce(b *bench) error {
	r := seam.CreateAccessCodeRequest{Code: "314159"}
	_, err := b.client.AccessCodes.Delete(b.ctx, seam.DeleteAccessCodeRequest{AccessCodeID: b.create(r).AccessCodeID})
	b.no(err)
	b.create(r)
	return nil
}

// post is a call without the client, for what it does not show.
func (b *bench) post(path, body string) map[string]any {
	b.t.Helper()
	_, _, object := b.send(http.MethodPost, path, body)
	return object
}

func (b *bench) send(verb, path, body string) (status int, header http.Header, object map[string]any) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.ctx, verb, b.fake.url+path, strings.NewReader(body))
	b.no(err)
	r.Header.Set("Authorization", "Bearer "+fakeKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	b.no(err)
	defer func() { _ = answer.Body.Close() }()
	b.no(json.NewDecoder(answer.Body).Decode(&object))
	return answer.StatusCode, answer.Header, object
}

func namesNoAttempt(b *bench) error {
	object := b.post("/access_codes/create", `{"device_id":"`+fakeLock+`"}`)
	return unless(object["access_code"] != nil && object["action_attempt"] == nil)
}

func hasNoPagination(b *bench) error {
	object := b.post("/access_codes/list", `{"device_id":"`+fakeLock+`"}`)
	return unless(object["access_codes"] != nil && object["pagination"] == nil)
}

func validatesNothing(b *bench) error {
	past := time.Now().Add(-48 * time.Hour)
	for _, r := range []seam.CreateAccessCodeRequest{
		{Code: "12ab!!"}, {StartsAt: &past, EndsAt: new(past.Add(time.Hour))}, {DeviceID: fakeThermostat},
	} {
		b.create(r)
	}
	return nil
}

func dropsKey(b *bench) error {
	return unless(b.create(seam.CreateAccessCodeRequest{CommonCodeKey: "ours"}).CommonCodeKey == "")
}

func sharesBackup(b *bench) error {
	starts, ends := window()
	var pulled []string
	for range 2 {
		code := b.create(seam.CreateAccessCodeRequest{StartsAt: starts, EndsAt: ends, AccessCodeSettings: seam.AccessCodeSettings{
			UseBackupAccessCodePool: new(true),
		}})
		backup, err := b.client.AccessCodes.PullBackupAccessCode(b.ctx, code.AccessCodeID)
		b.no(err)
		pulled = append(pulled, backup.AccessCodeID)
	}
	return unless(pulled[0] == pulled[1])
}

func oldestFirst(b *bench) error {
	since := time.Now().Add(-time.Second)
	first := b.create(seam.CreateAccessCodeRequest{})
	second := b.create(seam.CreateAccessCodeRequest{})
	events, err := b.client.Events.List(b.ctx, seam.ListEventsRequest{Since: &since, EventType: "access_code.created"})
	b.no(err)
	place := map[string]int{}
	for i, event := range events {
		place[event.AccessCodeID] = i + 1
	}
	return unless(place[first.AccessCodeID] > 0 && place[first.AccessCodeID] < place[second.AccessCodeID])
}

func findsNoEvents(b *bench) error {
	since := time.Now().Add(-time.Minute)
	made := b.create(seam.CreateAccessCodeRequest{})
	of := func(r seam.ListEventsRequest) int {
		r.Since, r.EventType = &since, "access_code.created"
		events, err := b.client.Events.List(b.ctx, r)
		b.no(err)
		return len(events)
	}
	return unless(of(seam.ListEventsRequest{AccessCodeID: made.AccessCodeID}) == 0 &&
		of(seam.ListEventsRequest{AccessCodeIDs: []string{made.AccessCodeID}}) == 1)
}

func hasNoRequestID(b *bench) error {
	_, header, object := b.send(http.MethodPost, "/access_codes/get", `{"access_code_id":"nope"}`)
	failure, _ := object["error"].(map[string]any)
	return unless(failure["type"] != nil && failure["request_id"] == nil &&
		strings.HasPrefix(header.Get("Seam-Request-Id"), "request"))
}

func createsAnywhere(b *bench) error {
	r := seam.CreateMultipleAccessCodesRequest{DeviceIDs: []string{fakeLock, "nope"}, Code: "271828"}
	for range 2 {
		codes, err := b.client.AccessCodes.CreateMultiple(b.ctx, r)
		if err != nil || len(codes) != 2 {
			return fmt.Errorf("%d codes, error %w", len(codes), err)
		}
	}
	return nil
}

func lacksVerbs(b *bench) error {
	for _, call := range []string{"PUT /access_codes/update", "PATCH /access_codes/update", "PUT /access_codes/create_multiple"} {
		verb, path, _ := strings.Cut(call, " ")
		if got, _, _ := b.send(verb, path, `{}`); got != http.StatusMethodNotAllowed {
			return fmt.Errorf("%s: status %d", call, got)
		}
	}
	return nil
}

func wantsPublishableKey(b *bench) error {
	_, err := b.client.ClientSessions.GetOrCreate(b.ctx, seam.ClientSessionRequest{UserIdentifierKey: "night porter"})
	e, ok := errors.AsType[*seam.Error](err)
	return unless(ok && e.Type == "publishable_key_header_required")
}

func refusesPersonalToken(b *bench) error {
	person := b.fake.client(b.t, seam.PersonalAccessToken("seam_at1_longtoken", fakeWorkspace))
	_, err := person.Devices.List(b.ctx, seam.ListDevicesRequest{})
	return unless(seam.IsUnauthorized(err))
}
