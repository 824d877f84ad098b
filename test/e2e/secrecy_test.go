// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// PINs of twelve digits, so that none is found by chance in an address, a time or an id.
const (
	specPIN    = "481273950261"
	newSpecPIN = "602948137725"
	heldPIN    = "739105826402"
	newHeldPIN = "915370284616"
)

// secrecy is a tenant and all of its secrets, by what they are.
type secrecy struct {
	*tenant

	lock    string
	apiKey  string
	secrets map[string]string // by what they are
	kept    map[string]string // what is not to hold any, by what it is
}

// TestNoPINOrTokenIsKept plants PINs and tokens wherever they may stand, has Seam quote them wherever it can, takes codes
// through their life at the highest verbosity, and then looks for them where they may not stand.
func TestNoPINOrTokenIsKept(t *testing.T) {
	t.Parallel()
	h := theHouse(t)
	h.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: secretsNamespace}})
	s := newSecrecy(t, h)
	who, token := h.makeAccount(t, s.namespace, "operator")
	granted := readRoles(t)
	h.grantEverywhere(t, who, "manager", granted.manager)
	h.grantEverywhere(t, who, "metrics", granted.metrics)
	s.mayIn(who, s.namespace, granted.manager[0])
	s.mayIn(who, s.namespace, granted.metrics[0])
	o := h.startOperator(t, program{token: token, flags: []string{
		"--watch-namespaces=" + s.namespace, "--zap-log-level=9", "--zap-devel",
	}})
	s.secrets["the operator's own token"] = token

	s.connectAll()
	s.makeCodes()
	s.keepObjects("after creation")
	s.failOnLock()
	s.keepObjects("after a failure on the lock")
	s.changeCodes()
	s.keepObjects("after a change")
	s.removeCodes()
	s.keepObjects("after deletion")
	s.readMetrics(o)
	o.stop(t)

	s.keepLog(o)
	s.keepRequests(who)
	s.searchAll()
}

func newSecrecy(t *testing.T, h *house) *secrecy {
	t.Helper()
	s := &secrecy{tenant: h.tenantIn(t, secretsNamespace), apiKey: "seam_" + rand.Text(), kept: map[string]string{}}
	s.lock = s.addLock(func(d *sim.Device) { d.SupportedCodeLengths, d.SupportsBackupPool = []int{12}, true })
	if err := s.sim.AddAPIKey(sim.SeedWorkspaceID, s.apiKey); err != nil {
		t.Fatal(err)
	}
	s.secrets = map[string]string{
		"spec.code":                    specPIN,
		"a later spec.code":            newSpecPIN,
		"the PIN in a Secret":          heldPIN,
		"a later PIN in a Secret":      newHeldPIN,
		"what is no PIN":               "pin " + rand.Text(),
		"the API key":                  s.apiKey,
		"an API key that Seam refuses": "seam_" + rand.Text(),
		"a token of the wrong kind":    "seam_at" + rand.Text(),
	}
	return s
}

// connectAll makes a SeamWorkspace that works and two that don't, while Seam quotes what it was sent.
func (s *secrecy) connectAll() {
	s.t.Helper()
	s.order(sim.Fault{Path: "/workspaces/get", Kind: sim.FaultStatus, Status: 500, Body: s.quote("internal_server_error")})
	s.connect(s.apiKey)
	for name, what := range map[string]string{"refused": "an API key that Seam refuses", "wrong": "a token of the wrong kind"} {
		s.create(s.t, s.secret(name, "apiKey", s.secrets[what]), s.workspace(name, name))
	}
	for name, reason := range map[string]string{
		v1alpha1.DefaultWorkspaceName: v1alpha1.ReasonConnected,
		"refused":                     v1alpha1.ReasonUnauthorized,
		"wrong":                       v1alpha1.ReasonInvalidToken,
	} {
		s.eventually(fmt.Sprintf("SeamWorkspace %q becoming %s", name, reason), func(ctx context.Context) (bool, error) {
			got, err := s.workspaceReason(ctx, name)
			return got == reason, err
		})
	}
}

// quote is an answer of Seam whose message contains all secrets that it may have been sent.
func (s *secrecy) quote(errorType string) string {
	var message strings.Builder
	for what, secret := range s.secrets {
		if what != "the operator's own token" && what != "what is no PIN" && what != "a token of the wrong kind" {
			message.WriteString("The lock does not answer about " + secret + ". ")
		}
	}
	body, err := json.Marshal(map[string]any{"ok": false, "error": map[string]any{
		"type": errorType + " " + specPIN, "message": message.String(), "request_id": "request " + heldPIN,
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}

// quoting makes the next calls of a path fail, each in another way, with messages that contain secrets.
func (s *secrecy) quoting(path string) {
	s.t.Helper()
	s.order(sim.Fault{Path: path, Kind: sim.FaultStatus, Status: 500, Body: s.quote("internal_server_error")})
	s.order(sim.Fault{Path: path, Kind: sim.FaultStatus, Status: 502, Body: "bad gateway: " + s.quote("")})
	s.order(sim.Fault{Path: path, Kind: sim.FaultTruncate})
}

func (s *secrecy) makeCodes() {
	s.t.Helper()
	s.quoting("/access_codes/create")
	s.quoting("/access_codes/get")
	for name, pin := range map[string]string{"held-pin": heldPIN, "taken-pin": heldPIN, "no-pin": s.secrets["what is no PIN"]} {
		s.create(s.t, s.secret(name, "pin", pin))
	}
	spec, held, chosen := s.code("spec", s.lock), s.code("held", s.lock), s.code("chosen", s.lock)
	spec.Spec.Code = specPIN
	held.Spec.CodeFrom = fromSecret("held-pin")
	chosen.Spec.CodeLength, chosen.Spec.Schedule = ptr.To(int32(12)), currentWindow()
	chosen.Spec.Backup = &v1alpha1.Backup{Pull: v1alpha1.BackupPullAlways}
	none := s.code("none", s.lock)
	none.Spec.CodeFrom = fromSecret("no-pin")
	s.create(s.t, spec, held, chosen, none)
	for name, reason := range map[string]string{
		"spec": v1alpha1.ReasonSet, "held": v1alpha1.ReasonSet, "chosen": v1alpha1.ReasonSet,
		"none": v1alpha1.ReasonInvalidSpec,
	} {
		s.becomes(name, reason)
	}
	taken := s.code("taken", s.lock)
	taken.Spec.CodeFrom = fromSecret("taken-pin")
	s.create(s.t, taken)
	s.becomes("taken", v1alpha1.ReasonWaitingForPIN)
	for what, key := range map[string]string{
		"the chosen PIN": v1alpha1.CodeSecretKey, "the PIN of the backup": v1alpha1.BackupCodeSecretKey,
	} {
		s.eventually(what+" being in the Secret", func(ctx context.Context) (bool, error) {
			pin, err := s.pinIn(ctx, "chosen", key)
			s.secrets[what] = pin
			return len(pin) == 12, err
		})
	}
}

// failOnLock has the lock refuse the codes, and Seam say so with the PINs.
func (s *secrecy) failOnLock() {
	s.t.Helper()
	for _, code := range s.sim.Codes(s.lock) {
		if code.IsManaged && code.Name != nil && !code.IsBackup {
			if err := s.sim.FailCode(code.AccessCodeID, "The lock refused "+*code.Code); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	now := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.ReconcileRequestedAtAnnotation, time.Now().String())
	for _, name := range []string{"spec", "held"} {
		s.patch(s.code(name, ""), now)
		s.becomes(name, v1alpha1.ReasonDeviceError)
	}
	for _, code := range s.sim.Codes(s.lock) {
		if code.IsManaged && !code.IsBackup {
			if err := s.sim.RecoverCode(code.AccessCodeID); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func (s *secrecy) patch(object client.Object, patch string) {
	s.t.Helper()
	if err := s.Patch(s.t.Context(), object, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		s.t.Fatal(err)
	}
}

func (s *secrecy) changeCodes() {
	s.t.Helper()
	s.quoting("/access_codes/update")
	for object, patch := range map[client.Object]string{
		s.code("spec", ""):           fmt.Sprintf(`{"spec":{"code":%q}}`, newSpecPIN),
		s.secret("held-pin", "", ""): fmt.Sprintf(`{"stringData":{"pin":%q}}`, newHeldPIN),
	} {
		s.patch(object, patch)
	}
	s.eventually("the new PINs being on the lock", func(context.Context) (bool, error) {
		return s.pin("spec") == newSpecPIN && s.pin("held") == newHeldPIN, nil
	})
	s.becomes("spec", v1alpha1.ReasonSet)
	s.becomes("held", v1alpha1.ReasonSet)
}

func (s *secrecy) removeCodes() {
	s.t.Helper()
	s.quoting("/access_codes/delete")
	if err := s.DeleteAllOf(s.t.Context(), &v1alpha1.AccessCode{}, client.InNamespace(s.namespace)); err != nil {
		s.t.Fatal(err)
	}
	s.eventually("the codes leaving the lock", (&life{tenant: s.tenant}).removed)
	if left := s.sim.Faults(); len(left) > 0 {
		s.t.Errorf("these faults were not met with: %+v", left)
	}
}

// readMetrics shows the metrics to those who may read them and to nobody else.
func (s *secrecy) readMetrics(o *operator) {
	s.t.Helper()
	reader, token := s.makeAccount(s.t, s.namespace, "reader")
	s.mayRead(s.t, reader)
	_, stranger := s.makeAccount(s.t, s.namespace, "stranger")
	s.secrets["the token of who reads the metrics"] = token
	s.secrets["the token of a stranger"] = stranger
	scraper := newScraper(s.t, o)
	var text string
	s.eventually("the metrics being served to who may read them", func(ctx context.Context) (bool, error) {
		var status int
		var err error
		status, text, err = scraper.get(ctx, token)
		return status == http.StatusOK, err
	})
	s.kept["the metrics"] = text
	if !strings.Contains(text, `access_code_operator_removal_failures_total{namespace="`+s.namespace+`"} `) {
		s.t.Error("the metrics don't have the operator's own")
	}
	for _, id := range []string{s.lock, sim.SeedWorkspaceID, `"spec"`, `"held"`, `"chosen"`} {
		if strings.Contains(text, id) {
			s.t.Errorf("the metrics name %s", id)
		}
	}
	for name, tc := range map[string]struct {
		token  string
		status int
	}{
		"nobody":     {"", http.StatusUnauthorized},
		"a stranger": {stranger, http.StatusForbidden},
		"a liar":     {"a" + token, http.StatusInternalServerError}, // so controller-runtime answers to a token that is none
	} {
		status, text, err := scraper.get(s.t.Context(), tc.token)
		if err != nil || status != tc.status || strings.Contains(text, "controller_runtime") {
			s.t.Errorf("metrics for %s: got status %d, error %v, %d bytes", name, status, err, len(text))
		}
	}
}

// keepObjects records what objects show, except the spec of AccessCodes and the data of Secrets.
func (s *secrecy) keepObjects(when string) {
	s.t.Helper()
	var codes v1alpha1.AccessCodeList
	var workspaces v1alpha1.SeamWorkspaceList
	var secrets corev1.SecretList
	var told corev1.EventList
	var toldToo eventsv1.EventList
	for _, list := range []client.ObjectList{&codes, &workspaces, &secrets, &told, &toldToo} {
		if err := s.List(s.t.Context(), list, client.InNamespace(s.namespace)); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := range codes.Items {
		codes.Items[i].Spec = v1alpha1.AccessCodeSpec{}
	}
	for i := range secrets.Items {
		secrets.Items[i].Data = nil
	}
	s.keep("the AccessCodes "+when, codes)
	s.keep("the SeamWorkspaces "+when, workspaces)
	s.keep("the metadata of the Secrets "+when, secrets)
	s.keep("the Events "+when, told)
	s.keep("the Events of events.k8s.io "+when, toldToo)
	if len(told.Items) == 0 || len(toldToo.Items) == 0 {
		s.t.Errorf("%s: %d Events, %d of events.k8s.io: too few", when, len(told.Items), len(toldToo.Items))
	}
}

func (s *secrecy) keep(what string, value any) {
	s.t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		s.t.Fatal(err)
	}
	s.kept[what] = string(text)
}

func (s *secrecy) keepLog(o *operator) {
	s.t.Helper()
	text := o.log(s.t)
	for _, want := range []string{"Created the code", "Updated the code", "Released the AccessCode", "Reconciler error", "DEBUG"} {
		if !strings.Contains(text, want) {
			s.t.Errorf("the log lacks %q", want)
		}
	}
	s.kept["the log"] = text
}

// keepRequests records the operator's requests to the API server, except what it wrote to Secrets, and the URLs of its requests
// to Seam.
func (s *secrecy) keepRequests(who account) {
	s.t.Helper()
	var text strings.Builder
	count := map[string]int{}
	for _, r := range s.audit.asked(s.t, who) {
		count[r.resource]++
		text.WriteString(r.uri + "\n")
		if r.resource != "secrets" && r.resource != "tokenreviews" {
			text.Write(r.body)
		}
	}
	for _, resource := range []string{
		"accesscodes", "accesscodes/status", "seamworkspaces/status", "events", "secrets", "tokenreviews",
	} {
		if count[resource] == 0 {
			s.t.Errorf("the API server was asked nothing about %s: %v", resource, count)
		}
	}
	s.kept["the requests to the API server"] = text.String()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept["the URLs asked at Seam"] = strings.Join(s.urls, "\n")
}

func (s *secrecy) searchAll() {
	s.t.Helper()
	for where, text := range s.kept {
		text += whole(text)
		for what, secret := range s.secrets {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
				if at := strings.Index(text, form); at >= 0 {
					s.t.Errorf("%s is in %s: …%s…", what, where, text[max(0, at-160):min(len(text), at+40)])
				}
			}
		}
	}
	if len(s.secrets) < 13 || len(s.urls) < 20 {
		s.t.Errorf("%d secrets, %d requests to Seam: too few to tell anything", len(s.secrets), len(s.urls))
	}
}

// whole joins the lines of hex dumps, across which a secret may be spread: the Kubernetes client logs requests and answers in
// this form.
func whole(text string) string { return dumpBreak.ReplaceAllString(text, "") }

var dumpBreak = regexp.MustCompile(`\|\\n[0-9a-f]{8}  [0-9a-f ]+\|`)
