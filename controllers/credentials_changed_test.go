// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestSeamWorkspaceThatIsRenamed: the old one is pruned while it is in use. Its codes go on, its message says what keeps it,
// and the remedy that a new AccessCode names works, without a call that creates or deletes one of the existing codes.
func TestSeamWorkspaceThatIsRenamed(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	const guests = 3
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace())
	ids := map[string]string{}
	for i := range guests {
		guest := accessCode(fmt.Sprint("guest-", i))
		guest.Spec.Code = fmt.Sprint(700000 + i)
		k.apply(guest)
		ids[guest.Name] = k.becomes(guest.Name, v1alpha1.ReasonSet).Status.AccessCodeID
	}
	renamed := k.workspace()
	renamed.Name = "main"
	k.apply(renamed)
	k.remove(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	k.workspaceSays("Its deletion waits for 3 AccessCodes (guest-0, guest-1, guest-2)")
	k.event("SeamWorkspace", "InUse", "3 AccessCodes (guest-0, guest-1, guest-2)")

	late := accessCode("late")
	late.Spec.Code = "135790"
	k.apply(late)
	status := k.becomes(late.Name, v1alpha1.ReasonWorkspaceNotReady).Status
	if message := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, "name another SeamWorkspace of the same Seam workspace in spec.workspaceRef") {
		t.Errorf("message %q", message)
	}
	k.sim.ResetRequests()
	for name := range ids {
		edit(k, &v1alpha1.AccessCode{}, name, func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "main"} })
	}
	edit(k, &v1alpha1.AccessCode{}, late.Name, func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "main"} })
	k.goes(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	for name, id := range ids {
		if got := k.becomes(name, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
			t.Errorf("%s has the code %q, had %q", name, got, id)
		}
	}
	k.becomes(late.Name, v1alpha1.ReasonSet)
	if calls := k.sim.Requests().ByPath; calls["/access_codes/delete"] != 0 || calls["/access_codes/create"] != 1 {
		t.Errorf("%d deletes, %d creates, want the late one alone", calls["/access_codes/delete"], calls["/access_codes/create"])
	}
	// Its Secret is the one of the other, too, and stays.
	k.held(&corev1.Secret{}, "seam", true)
}

// TestSecretThatIsReplacedByAnother: rotation by delete and create. The Secret stays for the AccessCodes that need it, and the
// SeamWorkspace says so. What is applied to it counts, and another Secret is the way out.
func TestSecretThatIsReplacedByAnother(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	k.becomes("guest", v1alpha1.ReasonSet)
	k.remove(&corev1.Secret{}, "seam")
	k.workspaceSays(`Secret "seam" is marked for deletion and goes with the last of 1 AccessCode (guest); then new ones have no key: name another Secret in spec.auth`)
	k.event("SeamWorkspace", "SecretInUse", `Secret "seam" is marked for deletion`)
	k.event("Secret", "SecretInUse", `Secret "seam" is marked for deletion`)

	edit(k, &corev1.Secret{}, "seam", func(s *corev1.Secret) { s.Data["apiKey"] = []byte("seam_test_wrong") })
	k.workspaceBecomes(v1alpha1.ReasonUnauthorized)
	second := k.credentials(sim.SeedAPIKey)
	second.Name = "seam-2"
	k.apply(second)
	edit(k, &v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, func(ws *v1alpha1.SeamWorkspace) {
		ws.Spec.Auth.APIKey.SecretKeyRef.Name = "seam-2"
	})
	k.goes(&corev1.Secret{}, "seam")
	k.workspaceBecomes(v1alpha1.ReasonConnected)
	k.workspaceSays("Seam takes the credentials")
	k.becomes("guest", v1alpha1.ReasonSet)
}

// workspaceSays waits until the message of the SeamWorkspace contains words.
func (k *cluster) workspaceSays(words string) {
	k.t.Helper()
	var message string
	k.eventually("the SeamWorkspace saying "+words, func(ctx context.Context) (bool, error) {
		var ws v1alpha1.SeamWorkspace
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: v1alpha1.DefaultWorkspaceName}, &ws)
		if ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
			message = ready.Message
		}
		return strings.Contains(message, words), err
	})
}

// event waits until there is a Warning Event about a kind of object.
func (k *cluster) event(kind, reason, words string) {
	k.t.Helper()
	k.eventually("an Event about a "+kind+" saying "+words, func(ctx context.Context) (bool, error) {
		var list eventsv1.EventList
		err := k.List(ctx, &list, client.InNamespace(k.namespace))
		for i := range list.Items {
			e := &list.Items[i]
			if e.Regarding.Kind == kind && e.Reason == reason && e.Type == corev1.EventTypeWarning && strings.Contains(e.Note, words) {
				return true, nil
			}
		}
		return false, err
	})
}

// TestKeyOfAnotherWorkspace: a key that was put right is noticed, although the SeamWorkspace was Ready all the time.
func TestKeyOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	id := k.becomes("guest", v1alpha1.ReasonSet).Status.AccessCodeID
	edit(k, &corev1.Secret{}, "seam", func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": sim.SeedOtherAPIKey} })
	k.becomes("guest", v1alpha1.ReasonInvalidSpec)
	edit(k, &corev1.Secret{}, "seam", func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": sim.SeedAPIKey} })
	if code := k.becomes("guest", v1alpha1.ReasonSet); code.Status.AccessCodeID != id {
		t.Errorf("id %q, want %q", code.Status.AccessCodeID, id)
	}
}
