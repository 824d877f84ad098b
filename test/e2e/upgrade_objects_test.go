// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// Codes that the test changes or deletes after an upgrade, or has more to do with than to create them.
const (
	editedName      = "edited"
	deletedName     = "deleted"
	lastName        = "last"
	backupName      = "backup"
	askedName       = "asked"
	modifiedName    = "modified"
	expiredName     = "expired"
	lateName        = "late" // over before it came
	idleName        = "never-begun"
	suspendedName   = "suspended"
	heldName        = "held"
	strandedName    = "stranded"
	unreachableName = "unreachable"
	conflictName    = "conflict" // with another AccessCode
	strangerName    = "stranger" // with a code that is nobody's
)

// The other SeamWorkspaces.
const (
	personName  = "person"  // a person's token, other intervals
	revokedName = "revoked" // its key is good no more
	pausedName  = "paused"  // suspended
)

const (
	// holder is a finalizer of somebody else.
	holder = "example.com/hold"
	// takenPIN is that of an AccessCode, orphanPIN that of a code whose AccessCode is gone.
	takenPIN   = "640217"
	orphanPIN  = "640219"
	revokedKey = "seam_test_revoked_later"
)

// specimen is an AccessCode of a kind that an upgrade must leave alone.
type specimen struct {
	code *v1alpha1.AccessCode
	// reason is the reason with which it settles; empty where the operator says nothing about its newest generation.
	reason string
	// decided says that each reconcile ends with a decision, which is logged.
	decided bool
}

// collection is one AccessCode of each kind, and what they need.
type collection struct {
	*tenant

	specimens []specimen
	locks     []string // that have no more to them
	imported  string   // id of the code to import
}

// add adds an AccessCode that gets as far as Seam.
func (c *collection) add(name, device, reason string, edits ...func(*v1alpha1.AccessCodeSpec)) *v1alpha1.AccessCode {
	code := c.addUndecided(name, device, reason, edits...)
	c.specimens[len(c.specimens)-1].decided = true
	return code
}

// addUndecided adds an AccessCode that something keeps from getting as far.
func (c *collection) addUndecided(name, device, reason string, edits ...func(*v1alpha1.AccessCodeSpec)) *v1alpha1.AccessCode {
	code := c.code(name, device)
	for _, edit := range edits {
		edit(&code.Spec)
	}
	c.specimens = append(c.specimens, specimen{code: code, reason: reason})
	return code
}

// prepare puts what the AccessCodes need at the simulator and into the namespace.
func (c *collection) prepare() {
	c.t.Helper()
	if err := c.sim.AddAPIKey(sim.SeedWorkspaceID, revokedKey); err != nil {
		c.t.Fatal(err)
	}
	for range 4 {
		c.locks = append(c.locks, c.addLock(nil))
	}
	var err error
	if c.imported, err = c.sim.AddUnmanagedCode(c.locks[0], "Old name", "481516"); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.sim.AddUnmanagedCode(c.locks[0], "Old name", "231542"); err != nil {
		c.t.Fatal(err)
	}
	usual := c.workspace(v1alpha1.DefaultWorkspaceName, credentialsName)
	usual.Spec.Events = &v1alpha1.Events{
		PollInterval: &metav1.Duration{Duration: time.Second},
		Webhook:      &v1alpha1.Webhook{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "webhook", Key: "secret"}},
	}
	person := c.workspace(personName, "token")
	person.Spec.Auth = v1alpha1.Auth{PersonalAccessToken: &v1alpha1.WorkspaceTokenAuth{
		SecretKeyRef: person.Spec.Auth.APIKey.SecretKeyRef, WorkspaceID: sim.SeedWorkspaceID,
	}}
	person.Spec.SyncInterval = &metav1.Duration{Duration: time.Hour}
	paused := c.workspace(pausedName, credentialsName)
	paused.Spec.Suspend = true
	c.create(c.t,
		c.secret(credentialsName, "apiKey", sim.SeedAPIKey), c.secret("token", "apiKey", sim.SeedAccessToken),
		c.secret(revokedName, "apiKey", revokedKey),
		c.secret("webhook", "secret", "whsec_"+base64.StdEncoding.EncodeToString([]byte("of no use outside of this test"))),
		c.secret("pin", "pin", "750001"), c.secret("somebodys", "pin", "750002"),
		usual, person, paused, c.workspace(revokedName, revokedName),
	)
}

// describe lists the AccessCodes.
func (c *collection) describe() {
	begun, ahead := currentWindow(), aheadWindow()
	c.describeOngoing()
	c.describeStuck(begun)
	if c.knows("schedule", "weekly") {
		c.describeClocks()
	}

	c.add("within", c.locks[1], v1alpha1.ReasonSet, within(begun))
	c.add(lastName, c.locks[1], v1alpha1.ReasonSet, within(begun))
	c.add("ahead", sim.SeedNativeLockID, v1alpha1.ReasonScheduled, within(ahead))
	c.add("ahead-in-time", sim.SeedJustInTimeLockID, v1alpha1.ReasonScheduled, within(ahead))
	c.add(expiredName, c.locks[1], v1alpha1.ReasonExpired, within(shortWindow()))
	c.add(lateName, c.locks[1], v1alpha1.ReasonExpired, within(pastWindow()))
	c.add("offline", sim.SeedOfflineCodeLockID, v1alpha1.ReasonSet, within(begun), func(s *v1alpha1.AccessCodeSpec) {
		s.Offline = &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
	})
	c.add(backupName, sim.SeedNativeLockID, v1alpha1.ReasonSet, within(begun), backup(v1alpha1.BackupPullAlways))
	c.add(askedName, c.addLock(func(d *sim.Device) { d.SupportsBackupPool = true }), v1alpha1.ReasonSet,
		within(begun), backup(v1alpha1.BackupPullNever))
}

// describeOngoing lists those that are on their locks until further notice.
func (c *collection) describeOngoing() {
	c.add("chosen", c.locks[0], v1alpha1.ReasonSet)
	c.add(editedName, c.locks[0], v1alpha1.ReasonSet, withPIN("640216"))
	c.add(deletedName, c.locks[0], v1alpha1.ReasonSet, func(s *v1alpha1.AccessCodeSpec) { s.CodeFrom = fromSecret("pin") })
	c.add("orphan", c.locks[0], v1alpha1.ReasonSet, withPIN(takenPIN), func(s *v1alpha1.AccessCodeSpec) { s.DeletionPolicy = v1alpha1.DeletionOrphan })
	c.add("long", sim.SeedSixDigitLockID, v1alpha1.ReasonSet, func(s *v1alpha1.AccessCodeSpec) { s.CodeLength = ptr.To[int32](6) })
	c.add("provider", sim.SeedProviderPINLockID, v1alpha1.ReasonSet)
	c.add("person", c.locks[1], v1alpha1.ReasonSet, in(personName))
	c.add(modifiedName, c.locks[1], v1alpha1.ReasonSet, func(s *v1alpha1.AccessCodeSpec) { s.AllowExternalModification = ptr.To(true) })
	c.add("matching", c.locks[0], v1alpha1.ReasonSet, withPIN("231542"), func(s *v1alpha1.AccessCodeSpec) { s.AdoptionPolicy = v1alpha1.AdoptionMatching })
	imported := c.add("imported", c.locks[0], v1alpha1.ReasonSet)
	imported.Annotations = map[string]string{v1alpha1.AccessCodeIDAnnotation: c.imported}
}

// describeStuck lists those that are not where they are to be, or that nobody works on.
func (c *collection) describeStuck(window *v1alpha1.Schedule) {
	c.add(unreachableName, c.addLock(func(d *sim.Device) { d.Online = false }), v1alpha1.ReasonDeviceUnreachable)
	c.add("short", sim.SeedSixDigitLockID, v1alpha1.ReasonInvalidSpec, withPIN("6402"))
	c.add("no-pool", c.locks[2], v1alpha1.ReasonBackupNotSupported, within(window), backup(v1alpha1.BackupPullNever))
	c.addUndecided("no-device", "5eed0000-0000-4000-8000-000000000999", v1alpha1.ReasonDeviceNotFound)
	c.addUndecided("waiting", c.locks[2], v1alpha1.ReasonSecretNotFound, func(s *v1alpha1.AccessCodeSpec) { s.CodeFrom = fromSecret("none") })
	c.addUndecided("not-ours", c.locks[2], v1alpha1.ReasonSecretConflict, func(s *v1alpha1.AccessCodeSpec) { s.CodeSecretName = "somebodys" })
	c.addUndecided(idleName, c.locks[2], v1alpha1.ReasonSuspended, func(s *v1alpha1.AccessCodeSpec) { s.Suspend = true })
	c.addUndecided("paused", c.locks[2], "", in(pausedName))
	c.addUndecided(suspendedName, c.locks[2], v1alpha1.ReasonSet)
	held := c.addUndecided(heldName, c.locks[2], v1alpha1.ReasonSet)
	held.Finalizers = []string{holder}
	c.addUndecided(strandedName, c.locks[2], v1alpha1.ReasonSet, in(revokedName))
}

func withPIN(value string) func(*v1alpha1.AccessCodeSpec) {
	return func(s *v1alpha1.AccessCodeSpec) { s.Code = value }
}

func in(workspace string) func(*v1alpha1.AccessCodeSpec) {
	return func(s *v1alpha1.AccessCodeSpec) { s.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: workspace} }
}

func within(window *v1alpha1.Schedule) func(*v1alpha1.AccessCodeSpec) {
	return func(s *v1alpha1.AccessCodeSpec) { s.Schedule = window }
}

func backup(pull v1alpha1.BackupPullPolicy) func(*v1alpha1.AccessCodeSpec) {
	return func(s *v1alpha1.AccessCodeSpec) { s.Backup = &v1alpha1.Backup{Pull: pull} }
}

// window is one that begins and ends so long after this minute, or before it.
func window(start, end time.Duration) *v1alpha1.Schedule {
	now := time.Now().Truncate(time.Minute)
	return &v1alpha1.Schedule{StartsAt: ptr.To(metav1.NewTime(now.Add(start))), EndsAt: metav1.NewTime(now.Add(end))}
}

func aheadWindow() *v1alpha1.Schedule { return window(48*time.Hour, 72*time.Hour) }
func pastWindow() *v1alpha1.Schedule  { return window(-2*time.Hour, -time.Hour) }

// shortWindow is over when the simulator's clock has been put forward by shortLasts.
func shortWindow() *v1alpha1.Schedule { return window(0, shortLasts) }

const shortLasts = 10 * time.Minute

// settle creates the AccessCodes, changes some of them further, and waits until each has settled.
func (c *collection) settle() {
	c.t.Helper()
	for _, s := range c.specimens {
		c.create(c.t, s.code.DeepCopy())
	}
	c.becomes(expiredName, v1alpha1.ReasonSet) // not yet
	for _, s := range c.specimens {
		if s.code.Name != expiredName && s.code.Name != lateName && s.code.Name != idleName {
			c.becomes(s.code.Name, s.reason)
		}
	}
	c.until(lateName, "its window being found over", func(code *v1alpha1.AccessCode) bool {
		// An earlier version had a reason of its own for it.
		return reasonOf(code) == v1alpha1.ReasonExpired || reasonOf(code) == "ScheduleInPast"
	})
	c.until(idleName, "being left alone", func(code *v1alpha1.AccessCode) bool {
		// An earlier version said nothing of it.
		return reasonOf(code) == v1alpha1.ReasonSuspended || reasonOf(code) == ""
	})
	c.settleConflicts()
	c.settlePulls()
	c.settleModified()
	c.settleDeparting()
	c.change(suspendedName, func(code *v1alpha1.AccessCode) { code.Spec.Suspend = true })
	c.expect(suspendedName, "")

	c.settleTime()
}

// settleTime lets the time go by in which a window ends and a lock that does not answer gets its warning. Later, that
// would be a change in the middle of the upgrade.
func (c *collection) settleTime() {
	c.t.Helper()
	c.sim.Advance(shortLasts)
	for _, name := range []string{expiredName, unreachableName} {
		c.change(name, func(code *v1alpha1.AccessCode) {
			metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "later")
		})
	}
	c.becomes(expiredName, v1alpha1.ReasonExpired)
	c.until(unreachableName, "its warning showing", func(code *v1alpha1.AccessCode) bool {
		return len(code.Status.Warnings) > 0 && code.Status.LastHandledReconcileAt == "later"
	})
}

// settleConflicts adds those that want a PIN that the lock has already.
func (c *collection) settleConflicts() {
	c.t.Helper()
	left := c.code("left", c.locks[2])
	left.Spec.Code, left.Spec.DeletionPolicy = orphanPIN, v1alpha1.DeletionOrphan
	c.create(c.t, left)
	c.becomes(left.Name, v1alpha1.ReasonSet)
	c.remove(left.Name)
	for _, code := range []*v1alpha1.AccessCode{
		c.add(conflictName, c.locks[0], v1alpha1.ReasonWaitingForPIN, withPIN(takenPIN)),
		c.add(strangerName, c.locks[2], v1alpha1.ReasonCodeConflict, withPIN(orphanPIN)),
	} {
		c.create(c.t, code.DeepCopy())
		c.until(code.Name, "its PIN being found taken", func(code *v1alpha1.AccessCode) bool {
			// An earlier version called both cases a conflict.
			return reasonOf(code) == v1alpha1.ReasonCodeConflict || reasonOf(code) == v1alpha1.ReasonWaitingForPIN
		})
	}
}

// settlePulls has the backup codes pulled.
func (c *collection) settlePulls() {
	c.t.Helper()
	c.change(askedName, func(code *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.PullBackupAnnotation, "1")
	})
	for _, name := range []string{backupName, askedName} {
		c.until(name, "its backup being pulled", func(code *v1alpha1.AccessCode) bool {
			backup := code.Status.BackupCode
			return backup != nil && backup.State == "set" && backup.SecretRef != nil
		})
	}
}

// settleModified changes a code at the lock, where that is allowed.
func (c *collection) settleModified() {
	c.t.Helper()
	if err := c.sim.ChangeAtLock(c.get(modifiedName).Status.AccessCodeID, sim.LockChange{Name: ptr.To("Changed at the lock")}); err != nil {
		c.t.Fatal(err)
	}
	c.change(modifiedName, func(code *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "changed")
	})
	c.until(modifiedName, "its warning showing", func(code *v1alpha1.AccessCode) bool {
		return len(code.Status.Warnings) > 0 && code.Status.LastHandledReconcileAt == "changed"
	})
}

// settleDeparting deletes one that somebody else holds, and one whose code can't be taken off its lock.
func (c *collection) settleDeparting() {
	c.t.Helper()
	if err := c.sim.RevokeAPIKey(revokedKey); err != nil {
		c.t.Fatal(err)
	}
	c.change(strandedName, func(code *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "revoked")
	})
	c.eventually("the revoked key being noticed", func(ctx context.Context) (bool, error) {
		reason, err := c.workspaceReason(ctx, revokedName)
		return reason == v1alpha1.ReasonUnauthorized, err
	})
	for _, name := range []string{heldName, strandedName} {
		if err := c.Delete(c.t.Context(), c.code(name, "")); err != nil {
			c.t.Fatal(err)
		}
	}
	c.until(heldName, "its code being off the lock", func(code *v1alpha1.AccessCode) bool {
		return !controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer)
	})
	c.expect(heldName, "")
	c.becomes(strandedName, v1alpha1.ReasonWorkspaceNotReady)
	c.expect(strandedName, v1alpha1.ReasonWorkspaceNotReady)
}

// expect says where an AccessCode is to stay from now on.
func (c *collection) expect(name, reason string) {
	for i := range c.specimens {
		if c.specimens[i].code.Name == name {
			c.specimens[i].reason = reason
		}
	}
}

// get reads an AccessCode.
func (c *collection) get(name string) *v1alpha1.AccessCode {
	c.t.Helper()
	var code v1alpha1.AccessCode
	if err := c.Get(c.t.Context(), client.ObjectKey{Namespace: c.namespace, Name: name}, &code); err != nil {
		c.t.Fatal(err)
	}
	return &code
}

// change edits an AccessCode, as a user does.
func (c *collection) change(name string, edit func(*v1alpha1.AccessCode)) {
	c.t.Helper()
	code := c.get(name)
	before := code.DeepCopy()
	edit(code)
	if err := c.Patch(c.t.Context(), code, client.MergeFrom(before)); err != nil {
		c.t.Fatal(err)
	}
}

// remove deletes an AccessCode and waits until it is gone.
func (c *collection) remove(name string) {
	c.t.Helper()
	code := c.get(name)
	if err := c.Delete(c.t.Context(), code); err != nil {
		c.t.Fatal(err)
	}
	c.eventually(fmt.Sprintf("AccessCode %q going", name), func(ctx context.Context) (bool, error) {
		err := c.Get(ctx, client.ObjectKeyFromObject(code), code)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
}

// until waits for something about an AccessCode.
func (c *collection) until(name, what string, met func(*v1alpha1.AccessCode) bool) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("AccessCode %q: %s", name, what), func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: name}, &code)
		return err == nil && met(&code), err
	})
}
