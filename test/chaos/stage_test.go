// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// patience is how long a stage may take to come to rest: a time-out of the client, the minute in which a create may still
// appear, and the back-off of what failed meanwhile.
const patience = 4 * time.Minute

// pollEvery is how often it is checked whether a stage has come to rest.
const pollEvery = 100 * time.Millisecond

// lockDelay is how long the simulated lock takes to be programmed, or to forget a code.
const lockDelay = 300 * time.Millisecond

// stage is one case: an AccessCode, a simulator for itself, and what goes on between the two.
type stage struct {
	*lane

	name   string // of the AccessCode; the names of everything else begin with it
	op     operation
	sim    *sim.Server
	server *httptest.Server
	gate   *gate

	// withoutStatus: Seam leaves out the status of codes.
	withoutStatus bool
	// pin and nextPIN are those that the user gives.
	pin, nextPIN string

	mu      sync.Mutex
	doubled string // what was seen of two live codes at once

	hold  holds
	began time.Time
}

var stages atomic.Int64

// newStage connects a workspace and brings what the operation begins with to rest.
func (n *lane) newStage(ctx context.Context, op operation, withoutStatus bool) (*stage, error) {
	number := stages.Add(1)
	s := &stage{
		lane: n, op: op, withoutStatus: withoutStatus, name: fmt.Sprintf("c%d", number), gate: newGate(), hold: newHolds(), began: time.Now().Truncate(time.Minute),
		// The longest that the lock takes: nothing else in a log looks like one.
		pin: fmt.Sprintf("%08d", 31_415_926+2*number), nextPIN: fmt.Sprintf("%08d", 31_415_927+2*number),
	}
	s.secrets.add(s.pin, s.nextPIN)
	s.sim = sim.New(sim.Options{Seed: true, RateLimits: true, SetDelay: lockDelay, RemoveDelay: lockDelay, OmitStatus: withoutStatus})
	s.server = httptest.NewServer(s)
	n.play(s)
	if err := s.connect(ctx); err != nil {
		return s, err
	}
	if op.before == nil {
		return s, nil
	}
	return s, op.before(ctx, s)
}

// ServeHTTP is Seam, with the gate at its door.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, _, err := newExchange(w, r, s.sim)
	if err != nil {
		return // the operator is gone
	}
	s.gate.pass(seamSide, r.URL.Path, x)
	if managed, _, _ := s.atSeam(); len(live(managed)) > 1 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.doubled = fmt.Sprintf("two live codes after %s: %+v", r.URL.Path, managed)
	}
}

// atSeam are the codes on the lock: those that Seam manages, those that it does not, and the backups that were pulled.
func (s *stage) atSeam() (managed, foreign, backups []sim.AccessCode) {
	for _, code := range s.sim.Codes(s.op.device) {
		switch {
		case code.IsBackup && code.Type == "ongoing": // in the pool
		case code.IsBackup:
			backups = append(backups, code)
		case code.IsManaged:
			managed = append(managed, code)
		default:
			foreign = append(foreign, code)
		}
	}
	return managed, foreign, backups
}

func live(codes []sim.AccessCode) []sim.AccessCode {
	var live []sim.AccessCode
	for _, code := range codes {
		if code.Status != "removing" {
			live = append(live, code)
		}
	}
	return live
}

// connect has the operator connect a workspace, and waits for that.
func (s *stage) connect(ctx context.Context) error {
	secret := &corev1.Secret{
		ObjectMeta: s.metadata("seam"), StringData: map[string]string{"apiKey": sim.SeedAPIKey},
	}
	ws := &v1alpha1.SeamWorkspace{ObjectMeta: s.metadata("ws"), Spec: v1alpha1.SeamWorkspaceSpec{
		Endpoint: s.server.URL,
		Auth: v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{
			SecretKeyRef: v1alpha1.SecretKeyReference{Name: secret.Name, Key: "apiKey"},
		}},
		// So that the steps of an operation are the same each time: what events lead to comes when it comes.
		Events: &v1alpha1.Events{PollInterval: &metav1.Duration{Duration: time.Hour}},
	}}
	if err := errors.Join(s.client.Create(ctx, secret), s.client.Create(ctx, ws)); err != nil {
		return err
	}
	return s.workspaceBecomes(ctx, v1alpha1.ReasonConnected)
}

func (s *stage) workspaceBecomes(ctx context.Context, reason string) error {
	return s.eventually(ctx, func(ctx context.Context) error {
		var ws v1alpha1.SeamWorkspace
		if err := s.client.Get(ctx, s.key("ws"), &ws); err != nil {
			return err
		}
		return is(ws.Status.Conditions, reason)
	})
}

// is says whether Ready has a reason.
func is(conditions []metav1.Condition, reason string) error {
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Reason != reason {
		return fmt.Errorf("ready is %+v, want %s", ready, reason)
	}
	return nil
}

// eventually waits until check returns nil, and keeps the replicas running meanwhile.
func (s *stage) eventually(ctx context.Context, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, pollEvery, patience, true, func(ctx context.Context) (bool, error) {
		if err := s.full(ctx); err != nil {
			return false, err
		}
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

// metadata names an object of this stage; the AccessCode itself has no suffix.
func (s *stage) metadata(suffix string) metav1.ObjectMeta {
	key := s.key(suffix)
	return metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}
}

func (s *stage) key(suffix string) client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace, Name: strings.TrimSuffix(s.name+"-"+suffix, "-")}
}

// create creates the AccessCode, as a user does.
func (s *stage) create(ctx context.Context, edits ...func(*stage, *v1alpha1.AccessCode)) error {
	code := &v1alpha1.AccessCode{ObjectMeta: s.metadata(""), Spec: v1alpha1.AccessCodeSpec{
		DeviceID: s.op.device, WorkspaceRef: &v1alpha1.WorkspaceReference{Name: s.key("ws").Name},
	}}
	for _, edit := range edits {
		edit(s, code)
	}
	return s.client.Create(ctx, code)
}

// edit changes the AccessCode, as a user does.
func (s *stage) edit(ctx context.Context, change func(*v1alpha1.AccessCode)) error {
	var code v1alpha1.AccessCode
	if err := s.client.Get(ctx, s.key(""), &code); err != nil {
		return err
	}
	before := code.DeepCopy()
	change(&code)
	return s.client.Patch(ctx, &code, client.MergeFrom(before))
}

// ends is the moment so long after the stage began.
func (s *stage) ends(after time.Duration) time.Time { return s.began.Add(after) }

// callSeam calls Seam as another program with the same key does.
func (s *stage) callSeam(ctx context.Context, path string, body map[string]any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.server.URL+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+sim.SeedAPIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("calling %s: %s", path, response.Status)
	}
	return nil
}

// remove deletes the AccessCode, as a user does.
func (s *stage) remove(ctx context.Context) error {
	return s.client.Delete(ctx, &v1alpha1.AccessCode{ObjectMeta: s.metadata("")})
}

// clear takes everything of this stage away, whatever has become of it.
func (s *stage) clear(ctx context.Context) error {
	s.hold.release()
	var problems []error
	for _, object := range []client.Object{
		&v1alpha1.AccessCode{ObjectMeta: s.metadata("")}, &v1alpha1.AccessCode{ObjectMeta: s.metadata("first")}, &v1alpha1.SeamWorkspace{ObjectMeta: s.metadata("ws")},
		&corev1.Secret{ObjectMeta: s.metadata("seam")}, &corev1.Secret{ObjectMeta: s.metadata("pin")},
		&corev1.Secret{ObjectMeta: s.metadata("")},
	} {
		err := s.eventually(ctx, func(ctx context.Context) error { return s.vanish(ctx, object) })
		problems = append(problems, err)
	}
	s.play(nil)
	s.server.CloseClientConnections()
	s.server.Close()
	return errors.Join(problems...)
}

func (s *stage) vanish(ctx context.Context, object client.Object) error {
	if err := client.IgnoreNotFound(s.client.Delete(ctx, object)); err != nil {
		return err
	}
	free := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	if err := client.IgnoreNotFound(s.client.Patch(ctx, object, free)); err != nil {
		return err
	}
	if err := s.client.Get(ctx, client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
		return fmt.Errorf("%s is still there: %w", object.GetName(), err)
	}
	return nil
}
