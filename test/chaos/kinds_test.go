// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// kind is something that goes wrong at a step.
type kind struct {
	name string
	// fits says at which steps it can strike.
	fits func(step) bool
	// strike happens instead of the call.
	strike func(s *stage, x *exchange)
	// mend is what people, or time, do about it afterwards; nil for nothing.
	mend func(ctx context.Context, s *stage) error
	// paired says that it takes two replicas.
	paired bool
}

func atSeam(s step) bool    { return s.side == seamSide }
func seamWrite(s step) bool { return atSeam(s) && s.writes() }
func toKube(s step) bool    { return s.side == kubernetesSide }
func kubeWrite(s step) bool { return toKube(s) && s.writes() }
func anyWrite(s step) bool  { return s.writes() }

// codeWrite is what shows in the cache of AccessCodes.
func codeWrite(s step) bool {
	return s.call == "PATCH accesscodes" || s.call == "PATCH accesscodes/status"
}

// beforeCall is a write to Kubernetes that a call to Seam follows.
func beforeCall(s step) bool { return s.call == "PATCH accesscodes" || s.call == "POST secrets" }

// The restart of the API server concerns all operations at once.
const (
	restartBefore = "API server killed before the write"
	restartAfter  = "API server killed after the write"
)

// kinds are all that go wrong with one call at a time. The API server's restart, which concerns all, is beside them.
func kinds() []kind {
	return slices.Concat(crashes(), answers(), circumstances(), reports())
}

// crashes end the process, or freeze it until another has taken over.
func crashes() []kind {
	return []kind{
		{name: "killed before the call", fits: atSeam, strike: func(s *stage, x *exchange) { s.crash(x) }},
		{name: "killed after the call", fits: seamWrite, strike: func(s *stage, x *exchange) { x.effect(); s.crash(x) }},
		{name: "killed before the write", fits: kubeWrite, strike: func(s *stage, x *exchange) { s.crash(x) }},
		{name: "killed after the write", fits: kubeWrite, strike: func(s *stage, x *exchange) { x.effect(); s.crash(x) }},
		{
			name: "leader frozen, its call arrives late", fits: seamWrite, paired: true,
			strike: func(s *stage, x *exchange) {
				s.freeze()
				<-s.hold.tookOver
				x.deliver(x.effect())
			},
			mend: replaceLeader,
		},
		{
			name: "leader frozen after the call", fits: seamWrite, paired: true,
			strike: freezeAfter, mend: replaceLeader,
		},
		{
			name: "leader frozen after the write", fits: beforeCall, paired: true,
			strike: freezeAfter, mend: replaceLeader,
		},
	}
}

// answers go wrong on the way, or are no answers.
func answers() []kind {
	return []kind{
		{name: "connection cut", fits: atSeam, strike: func(_ *stage, x *exchange) { x.cut() }},
		{name: "answer lost", fits: seamWrite, strike: func(_ *stage, x *exchange) { x.effect(); x.cut() }},
		{name: "500 before the effect", fits: atSeam, strike: func(_ *stage, x *exchange) { x.refuse(http.StatusInternalServerError) }},
		{name: "502 after the effect", fits: seamWrite, strike: func(_ *stage, x *exchange) { x.effect(); x.refuse(http.StatusBadGateway) }},
		{name: "429 with Retry-After", fits: atSeam, strike: func(_ *stage, x *exchange) {
			x.refuse(http.StatusTooManyRequests, "Retry-After", "2")
		}},
		{name: "429 without Retry-After", fits: atSeam, strike: func(_ *stage, x *exchange) { x.refuse(http.StatusTooManyRequests) }},
		{name: "time-out before the effect", fits: atSeam, strike: func(_ *stage, x *exchange) { x.hang() }},
		{name: "time-out after the effect", fits: seamWrite, strike: func(_ *stage, x *exchange) { x.effect(); x.hang() }},
		{name: "body truncated", fits: atSeam, strike: func(_ *stage, x *exchange) { x.truncate(x.effect()) }},
		{name: "API server: connection cut", fits: toKube, strike: func(_ *stage, x *exchange) { x.cut() }},
		{name: "API server: answer lost", fits: kubeWrite, strike: func(_ *stage, x *exchange) { x.effect(); x.cut() }},
		{name: "API server: 500", fits: toKube, strike: func(_ *stage, x *exchange) { x.refuse(http.StatusInternalServerError) }},
	}
}

// circumstances change while the operator works.
func circumstances() []kind {
	return []kind{
		{
			name: "credentials revoked", fits: atSeam,
			strike: func(s *stage, x *exchange) { s.revoke(); x.through() }, mend: renewKey,
		},
		{
			name: "PIN's Secret deleted", fits: anyWrite,
			strike: func(s *stage, x *exchange) { s.loseSecrets(); x.through() }, mend: restoreSecret,
		},
		{
			name: "edited meanwhile", fits: kubeWrite,
			strike: func(s *stage, x *exchange) { s.touch(); x.through() },
		},
		{
			name: "cache stale from the write on", fits: codeWrite,
			strike: func(s *stage, x *exchange) { s.hold.thaw = s.active().proxy.freeze(); x.through() },
			mend:   thawCache,
		},
	}
}

// holds are what a strike and its mend share, and what an operation remembers.
type holds struct {
	id       string // of a code that was at Seam before
	paused   chan paused
	holder   string
	tookOver chan struct{}
	thaw     func()
	once     *sync.Once
}

// paused is a replica that was to be frozen, and the error of that.
type paused struct {
	*replica

	err error
}

func newHolds() holds {
	return holds{paused: make(chan paused, 1), tookOver: make(chan struct{}), once: &sync.Once{}}
}

// release ends what is held back, also where a case has ended early.
func (h *holds) release() { h.once.Do(func() { close(h.tookOver) }) }

// crash kills the operator in the middle of a call.
func (s *stage) crash(x *exchange) {
	s.kill(s.active())
	x.cut()
}

// freeze stops the leader in the middle of what it does.
func (s *stage) freeze() {
	leader := s.active()
	s.hold.holder, _ = s.holder(context.Background())
	s.hold.paused <- paused{leader, pause(leader)}
}

// freezeAfter stops the leader with the answer before it, unread.
func freezeAfter(s *stage, x *exchange) {
	answer := x.effect()
	s.freeze()
	x.deliver(answer)
}

// replaceLeader waits until the other replica leads and has everything as wanted, and lets the old leader go on.
func replaceLeader(ctx context.Context, s *stage) error {
	old := <-s.hold.paused
	if old.err != nil {
		return fmt.Errorf("freezing %s: %w", old.Name(), old.err)
	}
	err := s.eventually(ctx, func(ctx context.Context) error { return s.handedOver(ctx, s.hold.holder) })
	if err != nil {
		return fmt.Errorf("nobody took over from %s: %w", old.Name(), err)
	}
	s.hold.release()
	settled := s.settled(ctx)
	if err := resume(old.replica); err != nil {
		return err
	}
	select {
	case <-old.Ended():
		return settled
	case <-time.After(time.Minute):
		return errors.New("the old leader goes on")
	}
}

func (s *stage) revoke() { _ = s.sim.RevokeAPIKey(sim.SeedAPIKey) }

// renewKey puts another key into the Secret once the operator has noticed.
func renewKey(ctx context.Context, s *stage) error {
	if err := s.workspaceBecomes(ctx, v1alpha1.ReasonUnauthorized); err != nil {
		return err
	}
	key := "seam_test_renewed_" + s.name
	if err := s.sim.AddAPIKey(sim.SeedWorkspaceID, key); err != nil {
		return err
	}
	return s.patchSecret(ctx, "seam", func(secret *corev1.Secret) { secret.StringData = map[string]string{"apiKey": key} })
}

func (s *stage) patchSecret(ctx context.Context, suffix string, change func(*corev1.Secret)) error {
	var secret corev1.Secret
	if err := s.client.Get(ctx, s.key(suffix), &secret); err != nil {
		return err
	}
	before := secret.DeepCopy()
	change(&secret)
	return s.client.Patch(ctx, &secret, client.MergeFrom(before))
}

// loseSecrets deletes what holds a PIN: given, or chosen.
func (s *stage) loseSecrets() {
	for _, suffix := range []string{"pin", ""} {
		_ = s.client.Delete(context.Background(), &corev1.Secret{ObjectMeta: s.metadata(suffix)})
	}
}

// restoreSecret gives back the Secret that the user has given.
func restoreSecret(ctx context.Context, s *stage) error {
	var code v1alpha1.AccessCode
	if err := s.client.Get(ctx, s.key(""), &code); err != nil || code.Spec.CodeFrom == nil {
		return client.IgnoreNotFound(err)
	}
	err := s.eventually(ctx, func(ctx context.Context) error {
		var secret corev1.Secret
		if err := s.client.Get(ctx, s.key("pin"), &secret); !apierrors.IsNotFound(err) {
			return fmt.Errorf("the Secret is still there: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return storePIN(ctx, s)
}

// touch changes what the operator is about to write.
func (s *stage) touch() {
	ctx := context.Background()
	_ = s.edit(ctx, func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, "example.com/touched", s.name)
	})
	for _, suffix := range []string{"pin", "", "seam"} {
		_ = s.patchSecret(ctx, suffix, func(secret *corev1.Secret) {
			metav1.SetMetaDataAnnotation(&secret.ObjectMeta, "example.com/touched", s.name)
		})
	}
}

// thawCache keeps the cache stale until the operator has worked on it some more, or has nothing to do.
func thawCache(ctx context.Context, s *stage) error {
	defer s.hold.thaw()
	before := len(s.gate.steps())
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 6*time.Second, true, func(context.Context) (bool, error) {
		return len(s.gate.steps()) >= before+4, nil
	})
	if wait.Interrupted(err) {
		return nil
	}
	return err
}
