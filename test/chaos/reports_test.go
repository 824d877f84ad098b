// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// reports are faults that people have reported of Seam and of the tools of Kubernetes.
func reports() []kind {
	return []kind{
		{
			name: "status left out, or shown again, from the call on", fits: seamWrite,
			strike: func(s *stage, x *exchange) { s.switchStatus(); x.through() },
		},
		{
			name: "object replaced by its manifest", fits: kubeWrite,
			strike: func(s *stage, x *exchange) { s.replace(); x.through() },
		},
		{
			name: "code lost by Seam", fits: seamWrite,
			strike: loseCode, mend: askForALook,
		},
	}
}

// switchStatus makes Seam leave out the status of codes, or show it again.
func (s *stage) switchStatus() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withoutStatus = !s.withoutStatus
	s.sim.SetOmitStatus(s.withoutStatus)
}

func (s *stage) omits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withoutStatus
}

// replace replaces the AccessCode by its manifest, as "kubectl replace" does: the metadata that the operator has written is
// lost.
func (s *stage) replace() {
	ctx := context.Background()
	_ = wait.PollUntilContextTimeout(ctx, pollEvery, 5*time.Second, true, func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		if err := s.client.Get(ctx, s.key(""), &code); err != nil {
			return true, client.IgnoreNotFound(err)
		}
		code.Finalizers = nil
		delete(code.Annotations, v1alpha1.CreateIntentAnnotation)
		return s.client.Update(ctx, &code) == nil, nil // again, where the operator was quicker
	})
}

// loseCode has Seam lose the code that stays on the lock, under another id or the same: with a create the one that it makes,
// else the one that is there. One that an update is about keeps its id: under another, nothing leads to an imported code
// whose name on the lock was not the wanted one yet, a known limitation.
func loseCode(s *stage, x *exchange) {
	if x.r.URL.Path != "/access_codes/create" {
		s.lose(x.r.URL.Path == "/access_codes/update" || len(s.name)%2 == 0)
		x.through()
		return
	}
	answer := x.effect()
	// Where the provider chooses the PIN, nobody has seen it yet: under another id nothing leads to the code, a known limitation.
	s.lose(s.op.device == sim.SeedProviderPINLockID)
	x.deliver(answer)
}

// lose waits until the code is on the lock, and loses it.
func (s *stage) lose(sameID bool) {
	_ = wait.PollUntilContextTimeout(context.Background(), pollEvery, 10*lockDelay, true, func(context.Context) (bool, error) {
		managed, _, _ := s.atSeam()
		if len(managed) == 0 {
			return true, nil
		}
		_, err := s.sim.LoseCode(managed[0].AccessCodeID, sameID)
		return err == nil, nil
	})
}

// askForALook requests a reconcile, as a user does, for what events would otherwise report.
func askForALook(ctx context.Context, s *stage) error {
	err := s.edit(ctx, func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "lost")
	})
	return client.IgnoreNotFound(err)
}
