// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// PINs of twelve digits, so that none is found by chance in an address, a time or an id.
const (
	longPIN      = "482913705218"
	otherLongPIN = "753190286437"
)

// planter stands before the simulator and adds PINs to the strings of its answers.
type planter struct {
	seam http.Handler
	pins *[]string
	// words makes it add them also where Seam has fixed words, such as status and error_code.
	words bool
}

func (p planter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	p.seam.ServeHTTP(recorder, r)
	maps.Copy(w.Header(), recorder.Header())
	w.Header().Set("seam-request-id", "request "+longPIN)
	w.Header().Del("Content-Length")
	var body any
	if json.Unmarshal(recorder.Body.Bytes(), &body) != nil {
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
		return
	}
	planted, err := json.Marshal(p.plant("", body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(planted)
}

// plant adds the PINs known so far to every string below a key that may hold prose, and adds an unknown field to every object.
func (p planter) plant(key string, value any) any {
	switch value := value.(type) {
	case string:
		if key == "code" && value != "" {
			*p.pins = append(*p.pins, value)
		}
		if p.barren(key) {
			return value
		}
		return value + " with " + strings.Join(*p.pins, " and ")
	case []any:
		for i := range value {
			value[i] = p.plant(key, value[i])
		}
	case map[string]any:
		for k := range value {
			value[k] = p.plant(k, value[k])
		}
		value["a_new_field"] = strings.Join(*p.pins, " ")
	}
	return value
}

// barren says that a key holds an identity, a time, the PIN itself, or something on which the result of the test depends.
func (p planter) barren(key string) bool {
	switch key {
	case "code", "ok", "display_name", "name":
		return true
	case "status", "type", "error_code", "warning_code", "mutation_code":
		return !p.words
	}
	return strings.HasSuffix(key, "_id") || strings.HasSuffix(key, "_at") || strings.HasSuffix(key, "_type")
}

// TestNoPINWhereItDoesNotBelong takes codes through their life, and through all kinds of failures, with a Seam that quotes PINs
// wherever it can, and then searches everything that is kept for them.
func TestNoPINWhereItDoesNotBelong(t *testing.T) {
	for _, words := range []bool{false, true} {
		t.Run(fmt.Sprintf("in words of Seam: %t", words), func(t *testing.T) {
			var logs bytes.Buffer
			pins := []string{longPIN, otherLongPIN}
			w := newWorld(t)
			w.Seam = planter{w.Seam, &pins, words}
			w.Ctx = logf.IntoContext(t.Context(), zap.New(zap.WriteTo(&logs), zap.UseDevMode(true)))
			if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.SupportedCodeLengths = []int{12} }); err != nil {
				t.Fatal(err)
			}
			w.Connected()
			w.lives4(&logs)

			w.Measures("in the end", `removal_failures_total{namespace="bookings"} 1`)
			kept := logs.String() + w.everything()
			for _, pin := range pins {
				if at := strings.Index(kept, pin); at >= 0 {
					t.Errorf("a PIN is kept: …%s…", kept[max(0, at-120):min(len(kept), at+40)])
				}
			}
			if logs.Len() == 0 || len(pins) < 6 {
				t.Errorf("%d bytes of log and %d PINs planted: the test tests nothing", logs.Len(), len(pins))
			}
		})
	}
}

// lives4 takes four codes, with a PIN from a Secret, a chosen one, one with a backup and one that is taken, through a
// life with faults. Errors of reconciles go to the log, as the controller writes them.
func (w *world) lives4(logs *bytes.Buffer) {
	w.T.Helper()
	w.SetSecret("guest-pin", "pin", longPIN)
	w.Code("given", testworld.FromSecret)
	w.Code("chosen", testworld.Chosen)
	w.Code("guest", testworld.All(testworld.Chosen, w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Code("conflict", func(c *v1alpha1.AccessCode) {
		c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "guest-pin", Key: "pin"}}
		c.Spec.Code = ""
	})
	names := []string{"given", "chosen", "guest", "conflict"}
	round := func() {
		for range 4 {
			for _, name := range names {
				if !w.Exists(&v1alpha1.AccessCode{}, name) {
					continue
				}
				if _, err := w.Reconcile(name); err != nil {
					fmt.Fprintf(logs, "Reconciler error %v %+v\n", err, err)
				}
			}
			w.Step(20 * time.Second)
		}
		scraped := w.Exposition()
		w.searchIDs(scraped)
		logs.WriteString(scraped)
	}
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 500, ErrorType: "internal " + longPIN})
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultGarbage})
	w.Order(sim.Fault{Path: "/access_codes/get", Kind: sim.FaultTruncate})
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 502, Body: "no PIN " + longPIN})
	round()
	for _, code := range w.Lives(sim.SeedNativeLockID) {
		if err := w.Sim.FailCode(code.AccessCodeID, "The lock refused "+*code.Code); err != nil {
			w.T.Fatal(err)
		}
	}
	w.SetSecret("guest-pin", "pin", otherLongPIN)
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	round()
	for _, name := range names {
		w.Delete(&v1alpha1.AccessCode{}, name)
	}
	w.Order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultStatus, Status: 409, ErrorType: "busy with " + longPIN})
	round()
}

// everything is all objects but Secrets, and all Events, as text.
func (w *world) everything() string {
	w.T.Helper()
	var text strings.Builder
	var codes v1alpha1.AccessCodeList
	var workspaces v1alpha1.SeamWorkspaceList
	for _, err := range []error{w.Client.List(w.T.Context(), &codes), w.Client.List(w.T.Context(), &workspaces)} {
		if err != nil {
			w.T.Fatal(err)
		}
	}
	for _, list := range []any{codes, workspaces} {
		encoded, err := json.Marshal(list)
		if err != nil {
			w.T.Fatal(err)
		}
		text.Write(encoded)
	}
	for {
		select {
		case line := <-w.Recorder.Events:
			text.WriteString(line + "\n")
		default:
			return text.String()
		}
	}
}

// searchIDs searches the metrics for anything that identifies an object or a person: it would make a series for each of them,
// and show who has a code where.
func (w *world) searchIDs(scraped string) {
	w.T.Helper()
	ids := []string{sim.SeedNativeLockID, sim.SeedWorkspaceID, sim.SeedAPIKey, w.Endpoint, `"given"`, `"chosen"`, `"guest"`, `"conflict"`, `"guest-pin"`}
	for _, id := range append(ids, anyUUID.FindAllString(scraped, -1)...) {
		if strings.Contains(scraped, id) {
			w.T.Errorf("the metrics name %s", id)
		}
	}
}

// anyUUID is an id of Seam's, or of Kubernetes'.
var anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
