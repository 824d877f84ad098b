// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// want is the state in which an operation ends, whatever goes wrong on the way.
type want struct {
	// gone says that the AccessCode is gone, and everything of it at Seam.
	gone bool
	// pin is the one on the lock; where it is empty, the one in the Secret that status names.
	pin string
	// displayName is the code's name at Seam; the AccessCode's own where it is empty.
	displayName string
	// endsAt is when the window ends, zero for an ongoing code.
	endsAt time.Time
	// rounding is how far the provider may move that.
	rounding time.Duration
	// backup says that a backup code is pulled.
	backup bool
	// pulled is the request for a backup that is to be handled.
	pulled string
	// not is an id that the code must no longer have.
	not string
}

// verdict compares Kubernetes and Seam with what is wanted.
func (s *stage) verdict(ctx context.Context, w want) error {
	s.mu.Lock()
	doubled := s.doubled
	s.mu.Unlock()
	if doubled != "" {
		return errors.New(doubled)
	}
	managed, foreign, backups := s.atSeam()
	if len(foreign) > 0 {
		return fmt.Errorf("left unmanaged: %+v", foreign)
	}
	var code v1alpha1.AccessCode
	err := s.client.Get(ctx, s.key(""), &code)
	if w.gone {
		if !apierrors.IsNotFound(err) || len(managed)+len(backups) > 0 {
			return fmt.Errorf("not gone: %w, status %+v, at Seam %+v %+v", err, code.Status, managed, backups)
		}
		return s.released(ctx)
	}
	if err != nil {
		return err
	}
	if len(managed) != 1 {
		return fmt.Errorf("%d codes at Seam, want 1: %+v, status %+v", len(managed), managed, code.Status)
	}
	return errors.Join(s.stands(&code, managed[0], w), s.opens(ctx, &code, managed[0], w), s.backedUp(ctx, &code, backups, w))
}

// released checks that nothing holds the credentials any more.
func (s *stage) released(ctx context.Context) error {
	for suffix, object := range map[string]client.Object{"ws": &v1alpha1.SeamWorkspace{}, "seam": &corev1.Secret{}} {
		if err := s.client.Get(ctx, s.key(suffix), object); err != nil {
			return err
		}
		if controllerutil.ContainsFinalizer(object, v1alpha1.InUseFinalizer) {
			return fmt.Errorf("%s is still held", object.GetName())
		}
	}
	return nil
}

// stands checks the status.
func (s *stage) stands(code *v1alpha1.AccessCode, remote sim.AccessCode, w want) error {
	switch status := code.Status; {
	case is(status.Conditions, v1alpha1.ReasonSet) != nil:
		return is(status.Conditions, v1alpha1.ReasonSet)
	case len(status.Conditions) != 1:
		return fmt.Errorf("conditions beside Ready: %+v", status.Conditions)
	case status.AccessCodeID != remote.AccessCodeID || status.State != s.shown(remote.Status) || status.AccessCodeID == w.not:
		return fmt.Errorf("status %+v, at Seam %+v", status, remote)
	case status.ObservedGeneration != code.Generation:
		return fmt.Errorf("generation %d, observed %d", code.Generation, status.ObservedGeneration)
	case !controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer):
		return errors.New("without its finalizer")
	}
	return nil
}

// shown is what Seam says of a status.
func (s *stage) shown(status string) string {
	if s.omits() {
		return ""
	}
	return status
}

// opens checks what is on the lock.
func (s *stage) opens(ctx context.Context, code *v1alpha1.AccessCode, remote sim.AccessCode, w want) error {
	pin := w.pin
	if pin == "" {
		var err error
		if pin, err = s.secretValue(ctx, code, code.Status.CodeSecretRef); err != nil {
			return err
		}
	}
	name := w.displayName
	if name == "" {
		name = code.Name
	}
	switch {
	case remote.Code == nil || *remote.Code != pin:
		return errors.New("another PIN is on the lock than the one wanted")
	case remote.Name == nil || *remote.Name != name:
		return fmt.Errorf("at Seam it is called %v, want %q", remote.Name, name)
	}
	return endsAt(remote, w)
}

// endsAt checks when the code ends.
func endsAt(remote sim.AccessCode, w want) error {
	if w.endsAt.IsZero() && remote.EndsAt == nil {
		return nil
	}
	if w.endsAt.IsZero() || remote.EndsAt == nil {
		return fmt.Errorf("ends at %v, want %s", remote.EndsAt, w.endsAt)
	}
	at, err := time.Parse(time.RFC3339, *remote.EndsAt)
	if err != nil || at.Sub(w.endsAt).Abs() > max(w.rounding, time.Minute) {
		return fmt.Errorf("ends at %q (%w), want %s", *remote.EndsAt, err, w.endsAt)
	}
	return nil
}

// backedUp checks that the backup code that was pulled is recorded and can be read, and that there is no other.
func (s *stage) backedUp(ctx context.Context, code *v1alpha1.AccessCode, backups []sim.AccessCode, w want) error {
	if !w.backup {
		if len(backups) > 0 {
			return fmt.Errorf("a backup that nobody wants: %+v", backups)
		}
		return nil
	}
	status := code.Status.BackupCode
	if len(backups) != 1 || status == nil || status.AccessCodeID != backups[0].AccessCodeID || status.LastHandledPull != w.pulled {
		return fmt.Errorf("backups %+v, status %+v", backups, status)
	}
	pin, err := s.secretValue(ctx, code, status.SecretRef)
	if err != nil {
		return err
	}
	if backups[0].Code == nil || *backups[0].Code != pin {
		return errors.New("the Secret has another PIN than the backup code")
	}
	return nil
}

func (s *stage) secretValue(ctx context.Context, code *v1alpha1.AccessCode, ref *v1alpha1.SecretKeyReference) (string, error) {
	if ref == nil {
		return "", errors.New("status names no Secret")
	}
	var secret corev1.Secret
	if err := s.client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: ref.Name}, &secret); err != nil {
		return "", err
	}
	if code.Spec.CodeFrom == nil && !metav1.IsControlledBy(&secret, code) {
		return "", fmt.Errorf("Secret %q is not owned", secret.Name)
	}
	return string(secret.Data[ref.Key]), nil
}

// settled waits until everything is as wanted.
func (s *stage) settled(ctx context.Context) error {
	w := s.op.want(s)
	return s.eventually(ctx, func(ctx context.Context) error { return s.verdict(ctx, w) })
}

// rest asks for a look, where there is something to look at, and sees to it that nothing is changed at Seam by that: what
// is as wanted stays so.
func (s *stage) rest(ctx context.Context) error {
	w := s.op.want(s)
	if w.gone {
		// Where the API server has lost the finalizer, because the user deleted while it was stored, the code of an
		// AccessCode that is gone already is still created, and taken off when the operator learns of it.
		return s.settled(ctx)
	}
	before := s.writes()
	if err := s.edit(ctx, func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, s.name)
	}); err != nil {
		return err
	}
	err := s.eventually(ctx, func(ctx context.Context) error {
		var code v1alpha1.AccessCode
		if err := s.client.Get(ctx, s.key(""), &code); err != nil {
			return err
		}
		if code.Status.LastHandledReconcileAt != s.name {
			return errors.New("the look that was asked for has not been taken")
		}
		return s.verdict(ctx, w)
	})
	if after := s.writes(); err == nil && !maps.Equal(before, after) {
		return fmt.Errorf("at rest, and yet more writes to Seam: %v, before %v\n%s", after, before, s.log())
	}
	return err
}

// writes counts what has changed something at Seam, by path.
func (s *stage) writes() map[string]int {
	counts := s.sim.Requests().ByPath
	maps.DeleteFunc(counts, func(path string, _ int) bool {
		return !(step{call: path}).writes() || !strings.HasPrefix(path, "/access_codes/")
	})
	return counts
}

// secrets are the PINs that were given, none of which may be in a log.
type secrets struct {
	mu     sync.Mutex
	values []string
}

func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, values...)
}
