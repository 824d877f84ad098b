// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// electionID is the name of the lease, as main.go has it; that of a shard goes on after it.
const electionID = "access-code-operator.access-codes.io"

// Names of the codes that go through a life.
const (
	givenName  = "given"  // its PIN is in a Secret of the user
	chosenName = "chosen" // its PIN is chosen, and a backup is pulled
	briefName  = "brief"  // its window is over, and it is to go by itself
)

// stepPatience is how long a step is waited for.
const stepPatience = time.Minute

// errRefused ends a life in which the API server has refused something.
var errRefused = errors.New("the API server refused the operator something")

// step is one thing that people wait for, and what they do before that.
type step struct {
	name string
	do   func(ctx context.Context) error // may be nil
	met  func(ctx context.Context) (bool, error)
}

// life takes codes from their creation to their end, through all that the operator needs permissions for.
type life struct {
	*tenant

	who     account // the operator's
	home    string  // namespace of the lease
	scraper scraper
	scrape  string // token of somebody who may read the metrics

	lastPIN string // that the user gave
}

func (l *life) steps() []step {
	steps := []step{
		{"the operator holding the lease", nil, l.leads},
		{"the SeamWorkspace being connected", l.begin, l.connected},
		{"the codes being set", l.declare, l.set},
		{"the chosen PIN and that of the backup being in a Secret of the AccessCode", nil, l.pinsKept},
		{"the lock having another PIN", l.changePIN, l.hasLastPIN},
		{"Events telling of all that", nil, l.told("Created", "CodeSet", "BackupPulled", "Updated")},
	}
	if l.scraper.url != "" {
		steps = append(steps, step{"the metrics being served", nil, l.measured})
	}
	return append(steps,
		step{"an expired AccessCode going by itself", l.declareBrief, l.briefGone},
		step{"the codes leaving the locks", l.remove, l.removed},
		step{"the credentials being let go of", nil, l.released},
	)
}

// live goes through all steps. It ends early, with errRefused, as soon as the API server has refused something. The
// error names the step that was not reached.
func (l *life) live() error {
	for _, s := range l.steps() {
		began := time.Now()
		if s.do != nil {
			if err := s.do(l.t.Context()); err != nil {
				return fmt.Errorf("before %s: %w", s.name, err)
			}
		}
		err := wait.PollUntilContextTimeout(l.t.Context(), lookEvery, stepPatience, true, func(ctx context.Context) (bool, error) {
			if len(l.audit.denied(l.t, l.who)) > 0 {
				return false, errRefused
			}
			return s.met(ctx)
		})
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", s.name, err)
		}
		l.t.Logf("%5.1f s: %s", time.Since(began).Seconds(), s.name)
	}
	return nil
}

func (l *life) leads(ctx context.Context) (bool, error) {
	holders, err := l.holders(ctx)
	if err != nil || !slices.ContainsFunc(holders, func(holder string) bool { return holder != "" }) {
		return false, err
	}
	var told corev1.EventList
	err = l.List(ctx, &told, client.InNamespace(l.home))
	return slices.ContainsFunc(told.Items, func(e corev1.Event) bool { return e.Reason == "LeaderElection" }), err
}

// holders are those of the operator's leases, empty where nobody holds one any more.
func (l *life) holders(ctx context.Context) ([]string, error) {
	var leases coordinationv1.LeaseList
	if err := l.List(ctx, &leases, client.InNamespace(l.home)); err != nil {
		return nil, err
	}
	var holders []string
	for _, lease := range leases.Items {
		if strings.HasPrefix(lease.Name, electionID) {
			holders = append(holders, ptr.Deref(lease.Spec.HolderIdentity, ""))
		}
	}
	return holders, nil
}

func (l *life) begin(ctx context.Context) error {
	return errors.Join(
		l.Create(ctx, l.secret(credentialsName, "apiKey", sim.SeedAPIKey)),
		l.Create(ctx, l.secret("guest-pin", "pin", l.lastPIN)),
		l.Create(ctx, l.workspace(v1alpha1.DefaultWorkspaceName, credentialsName)),
	)
}

func (l *life) connected(ctx context.Context) (bool, error) {
	reason, err := l.workspaceReason(ctx, v1alpha1.DefaultWorkspaceName)
	return reason == v1alpha1.ReasonConnected, err
}

func (l *life) declare(ctx context.Context) error {
	given, chosen := l.code(givenName, sim.SeedNativeLockID), l.code(chosenName, sim.SeedNativeLockID)
	given.Spec.CodeFrom = fromSecret("guest-pin")
	chosen.Spec.Schedule = currentWindow()
	chosen.Spec.Backup = &v1alpha1.Backup{Pull: v1alpha1.BackupPullAlways}
	return errors.Join(l.Create(ctx, given), l.Create(ctx, chosen))
}

// currentWindow has begun: Seam takes whole minutes and would begin one from now on with the next.
func currentWindow() *v1alpha1.Schedule {
	start := metav1.NewTime(time.Now().Truncate(time.Minute))
	return &v1alpha1.Schedule{StartsAt: &start, EndsAt: metav1.NewTime(start.Add(24 * time.Hour))}
}

func (l *life) set(ctx context.Context) (bool, error) {
	reasons, err := l.reasons(ctx)
	return reasons[v1alpha1.ReasonSet] == 2, err
}

func (l *life) pinsKept(ctx context.Context) (bool, error) {
	var secret corev1.Secret
	if err := l.Get(ctx, client.ObjectKey{Namespace: l.namespace, Name: chosenName}, &secret); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	owner := metav1.GetControllerOf(&secret)
	return owner != nil && owner.Name == chosenName && len(secret.Data[v1alpha1.CodeSecretKey]) > 0 &&
		len(secret.Data[v1alpha1.BackupCodeSecretKey]) > 0, nil
}

func (l *life) changePIN(ctx context.Context) error {
	l.lastPIN = "750001"
	return l.Patch(ctx, l.secret("guest-pin", "", ""),
		client.RawPatch(types.MergePatchType, []byte(fmt.Sprintf(`{"stringData":{"pin":%q}}`, l.lastPIN))))
}

func (l *life) hasLastPIN(ctx context.Context) (bool, error) {
	reasons, err := l.reasons(ctx)
	return l.pin(givenName) == l.lastPIN && reasons[v1alpha1.ReasonSet] == 2, err
}

// told waits for Events, by their reasons.
func (l *life) told(reasons ...string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		told, err := l.events(ctx, l.namespace)
		if err != nil {
			return false, err
		}
		seen := map[string]bool{}
		for _, event := range told {
			seen[event.Reason] = true
		}
		return !slices.ContainsFunc(reasons, func(reason string) bool { return !seen[reason] }), nil
	}
}

func (l *life) measured(ctx context.Context) (bool, error) {
	status, text, err := l.scraper.get(ctx, l.scrape)
	return status == 200 && strings.Contains(text, "controller_runtime_reconcile_total"), err
}

// declareBrief creates an AccessCode that is to be deleted as soon as it has expired, which it has.
func (l *life) declareBrief(ctx context.Context) error {
	brief := l.code(briefName, sim.SeedNativeLockID)
	brief.Spec.Schedule = pastWindow()
	brief.Spec.TTLAfterExpired = &metav1.Duration{}
	return l.Create(ctx, brief)
}

func (l *life) briefGone(ctx context.Context) (bool, error) {
	err := l.Get(ctx, client.ObjectKey{Namespace: l.namespace, Name: briefName}, &v1alpha1.AccessCode{})
	return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
}

func (l *life) remove(ctx context.Context) error {
	return l.DeleteAllOf(ctx, &v1alpha1.AccessCode{}, client.InNamespace(l.namespace))
}

func (l *life) removed(ctx context.Context) (bool, error) {
	reasons, err := l.reasons(ctx)
	return len(reasons) == 0 && l.onLocks() == 0, err
}

// released says that neither the SeamWorkspace nor its Secret is held any more.
func (l *life) released(ctx context.Context) (bool, error) {
	for _, object := range []client.Object{l.workspace(v1alpha1.DefaultWorkspaceName, ""), l.secret(credentialsName, "", "")} {
		err := l.Get(ctx, client.ObjectKeyFromObject(object), object)
		if err != nil && !apierrors.IsNotFound(err) || controllerutil.ContainsFinalizer(object, v1alpha1.InUseFinalizer) {
			return false, err
		}
	}
	return true, nil
}

// lapsed says that nobody holds a lease any more, as after an orderly stop.
func (l *life) lapsed(ctx context.Context) (bool, error) {
	holders, err := l.holders(ctx)
	return len(holders) > 0 && strings.Join(holders, "") == "", err
}
