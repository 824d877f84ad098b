// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestAppliedAllAtOnce(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(accessCode("guest"), k.workspace(), k.credentials(sim.SeedAPIKey))
	code := k.becomes("guest", v1alpha1.ReasonSet)
	if len(k.sim.Codes(sim.SeedNativeLockID)) != 1 || code.Status.WorkspaceID != sim.SeedWorkspaceID {
		t.Errorf("status %+v", code.Status)
	}
	ws := k.workspaceBecomes(v1alpha1.ReasonConnected)
	if ws.Status.WorkspaceID != sim.SeedWorkspaceID || ws.Status.WorkspaceName != sim.SeedWorkspaceName || !*ws.Status.Sandbox {
		t.Errorf("status %+v", ws.Status)
	}
}

// TestWritesToTheAPIServer counts the changes of a new code that a watch reports: each is a write.
func TestWritesToTheAPIServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		edit   func(*v1alpha1.AccessCode)
		writes int
	}{
		{"given PIN", func(*v1alpha1.AccessCode) {}, 3},
		{"chosen PIN", func(c *v1alpha1.AccessCode) { c.Spec.Code = "" }, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := newCluster(t)
			k.apply(k.credentials(sim.SeedAPIKey), k.workspace())
			k.workspaceBecomes(v1alpha1.ReasonConnected)
			codes, err := k.Watch(t.Context(), &v1alpha1.AccessCodeList{}, client.InNamespace(k.namespace))
			if err != nil {
				t.Fatal(err)
			}
			defer codes.Stop()
			code := accessCode("guest")
			test.edit(code)
			k.apply(code)
			var secrets corev1.SecretList
			writes := untilSet(codes)
			if err := k.List(t.Context(), &secrets, client.InNamespace(k.namespace)); err != nil {
				t.Fatal(err)
			}
			writes += len(secrets.Items) - 1 // the one with the API key is the user's
			if writes > test.writes {
				t.Errorf("%d writes, want at most %d", writes, test.writes)
			}
			calls := k.sim.Requests().ByPath
			if reads := calls["/access_codes/get"] + calls["/access_codes/list"]; calls["/access_codes/create"] != 1 || reads > 2 {
				t.Errorf("calls %v, want 1 create and at most 2 reads", calls)
			}
		})
	}
}

// untilSet counts the changes that a watch sees until the code is set.
func untilSet(codes watch.Interface) int {
	writes := 0
	for change := range codes.ResultChan() {
		if change.Type != watch.Modified {
			continue
		}
		writes++
		if seen, ok := change.Object.(*v1alpha1.AccessCode); ok && seen.Status.State == "set" {
			break
		}
	}
	return writes
}

func TestWhatIsMissingIsPickedUpWhenItComes(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	code := accessCode("guest")
	code.Spec.Code = ""
	code.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin", Key: "code"}}
	k.apply(code)
	k.becomes("guest", v1alpha1.ReasonWorkspaceNotReady)
	k.apply(k.workspace())
	k.workspaceBecomes(v1alpha1.ReasonSecretNotFound)
	k.apply(k.credentials(sim.SeedAPIKey))
	k.becomes("guest", v1alpha1.ReasonSecretNotFound)
	k.apply(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "pin"}, StringData: map[string]string{"code": "7777"}})
	k.becomes("guest", v1alpha1.ReasonSet)

	edit(k, &corev1.Secret{}, "pin", func(s *corev1.Secret) { s.StringData = map[string]string{"code": "8888"} })
	k.eventually("the new PIN reaching the lock", func(context.Context) (bool, error) {
		codes := k.sim.Codes(sim.SeedNativeLockID)
		return len(codes) == 1 && *codes[0].Code == "8888", nil
	})
}

// TestEndpointsThatDoNotAnswer: they hold up no workspace but their own.
func TestEndpointsThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	const count = 4
	asked := make(chan struct{}, 1)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	defer silent.CloseClientConnections()
	k.apply(k.credentials(sim.SeedAPIKey))
	for i := range count {
		ws := k.workspace()
		ws.Name, ws.Spec.Endpoint = fmt.Sprintf("silent-%d", i), silent.URL
		k.apply(ws)
	}
	<-asked
	k.apply(k.workspace())
	k.workspaceBecomes(v1alpha1.ReasonConnected)
}

func TestKeyThatIsReplaced(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials("seam_wrong_key"), k.workspace(), accessCode("guest"))
	k.workspaceBecomes(v1alpha1.ReasonUnauthorized)
	k.becomes("guest", v1alpha1.ReasonWorkspaceNotReady)
	edit(k, &corev1.Secret{}, "seam", func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": "not a key"} })
	k.workspaceBecomes(v1alpha1.ReasonInvalidToken)
	edit(k, &corev1.Secret{}, "seam", func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": sim.SeedAPIKey} })
	k.workspaceBecomes(v1alpha1.ReasonConnected)
	k.becomes("guest", v1alpha1.ReasonSet)
}

func TestRequestedReconcileFindsDrift(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	id := k.becomes("guest", v1alpha1.ReasonSet).Status.AccessCodeID
	if err := k.sim.TakeOffLock(id); err != nil {
		t.Fatal(err)
	}
	edit(k, &v1alpha1.AccessCode{}, "guest", func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "1")
	})
	k.becomes("guest", v1alpha1.ReasonCreating)
	code := k.becomes("guest", v1alpha1.ReasonSet)
	if code.Status.AccessCodeID == id || code.Status.LastHandledReconcileAt != "1" {
		t.Errorf("status %+v", code.Status)
	}
}

func TestRestartTakesUpWhatWasLeft(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("stays"))
	k.becomes("stays", v1alpha1.ReasonSet)
	k.stop()
	other := accessCode("comes")
	other.Spec.Code = "135790"
	k.apply(other)
	k.remove(&v1alpha1.AccessCode{}, "stays")
	k.start()
	k.becomes("comes", v1alpha1.ReasonSet)
	k.goes(&v1alpha1.AccessCode{}, "stays")
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 {
		t.Errorf("at Seam: %+v", codes)
	}
}

// TestReplacedOnTheAPIServer: what a replace removes comes back by itself. An object that is gone because of a replace leaves
// no code behind, while another of its name is created.
func TestReplacedOnTheAPIServer(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	k.becomes("guest", v1alpha1.ReasonSet)
	strip := func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil }
	edit(k, &v1alpha1.AccessCode{}, "guest", strip)
	k.eventually("finalizer and intention coming back", func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: "guest"}, &code)
		return len(code.Finalizers) == 1 && code.Annotations[v1alpha1.CreateIntentAnnotation] != "", err
	})
	online := func(is bool) {
		if err := k.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = is }); err != nil {
			t.Fatal(err)
		}
	}
	online(false)
	k.remove(&v1alpha1.AccessCode{}, "guest")
	k.becomes("guest", v1alpha1.ReasonRemoving)
	edit(k, &v1alpha1.AccessCode{}, "guest", strip)
	k.goes(&v1alpha1.AccessCode{}, "guest")
	again := accessCode("guest")
	again.Spec.DeviceID = sim.SeedJustInTimeLockID
	k.apply(again)
	k.becomes("guest", v1alpha1.ReasonSet)
	online(true)
	k.eventually("the code of the one that went leaving the lock", func(context.Context) (bool, error) {
		return len(k.sim.Codes(sim.SeedNativeLockID)) == 0, nil
	})
}

// TestPairsThatNameOneCode applies pairs of AccessCodes that name one code each, and has all of them reconciled at once.
func TestPairsThatNameOneCode(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	ws := k.workspace()
	ws.Spec.Suspend = true
	k.apply(k.credentials(sim.SeedAPIKey), ws)
	others, err := seam.New(seam.Options{Endpoint: k.endpoint, Auth: seam.APIKey(sim.SeedAPIKey)})
	if err != nil {
		t.Fatal(err)
	}
	const pairs = 8
	for i := range pairs {
		pin := fmt.Sprintf("70%04d", i)
		code, err := others.AccessCodes.Create(t.Context(), seam.CreateAccessCodeRequest{
			DeviceID: sim.SeedNativeLockID, Name: "Old " + pin, Code: redact.Secret(pin),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"left", "right"} {
			one := accessCode(fmt.Sprintf("%s-%d", side, i))
			one.Spec.Code, one.Annotations = pin, map[string]string{v1alpha1.AccessCodeIDAnnotation: code.AccessCodeID}
			k.apply(one)
		}
	}
	edit(k, &v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, func(ws *v1alpha1.SeamWorkspace) { ws.Spec.Suspend = false })
	var list v1alpha1.AccessCodeList
	k.eventually("each code having one AccessCode", func(ctx context.Context) (bool, error) {
		err := k.List(ctx, &list, client.InNamespace(k.namespace))
		owned, conflicts := owners(list.Items)
		return len(owned) == pairs && conflicts == pairs, err
	})
	for _, code := range list.Items {
		if code.Status.AccessCodeID == "" {
			k.remove(&v1alpha1.AccessCode{}, code.Name)
			k.goes(&v1alpha1.AccessCode{}, code.Name)
		}
	}
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != pairs {
		t.Errorf("%d codes at Seam", len(codes))
	}
}

// owners returns the codes of the AccessCodes that are set, and how many others have a conflict.
func owners(codes []v1alpha1.AccessCode) (owned map[string]bool, conflicts int) {
	owned = map[string]bool{}
	for _, code := range codes {
		ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
		switch {
		case ready == nil:
		case ready.Reason == v1alpha1.ReasonSet:
			owned[code.Status.AccessCodeID] = true
		case ready.Reason == v1alpha1.ReasonCodeConflict && code.Status.AccessCodeID == "":
			conflicts++
		}
	}
	return owned, conflicts
}

func TestDeletedInTheWrongOrder(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("guest"))
	k.becomes("guest", v1alpha1.ReasonSet)
	k.remove(&corev1.Secret{}, "seam")
	k.remove(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	k.eventually("the operator knowing that the SeamWorkspace is leaving", func(ctx context.Context) (bool, error) {
		var ws v1alpha1.SeamWorkspace
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: v1alpha1.DefaultWorkspaceName}, &ws)
		ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
		return ready != nil && strings.Contains(ready.Message, "waits for"), err
	})
	// A newcomer gets nothing from a workspace that is on its way out, and does not hold it up.
	other := accessCode("late")
	other.Spec.Code = "135790"
	k.apply(other)
	k.becomes("late", v1alpha1.ReasonWorkspaceNotReady)
	k.remove(&v1alpha1.AccessCode{}, "guest")
	k.goes(&v1alpha1.AccessCode{}, "guest")
	k.goes(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	k.goes(&corev1.Secret{}, "seam")
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
}

func TestCredentialsAreHeldJustAsLongAsTheyAreNeeded(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	second := k.credentials(sim.SeedAPIKey)
	second.Name = "seam-2"
	k.apply(k.credentials(sim.SeedAPIKey), second, k.workspace())
	k.workspaceBecomes(v1alpha1.ReasonConnected)
	k.held(&corev1.Secret{}, "seam", false)
	k.apply(accessCode("guest"))
	k.becomes("guest", v1alpha1.ReasonSet)
	k.held(&corev1.Secret{}, "seam", true)
	k.held(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, true)

	edit(k, &v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, func(ws *v1alpha1.SeamWorkspace) {
		ws.Spec.Auth.APIKey.SecretKeyRef.Name = "seam-2"
	})
	k.held(&corev1.Secret{}, "seam-2", true)
	k.held(&corev1.Secret{}, "seam", false)

	k.remove(&v1alpha1.AccessCode{}, "guest")
	k.goes(&v1alpha1.AccessCode{}, "guest")
	k.held(&corev1.Secret{}, "seam-2", false)
	k.held(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName, false)
}

// held waits until an object has the in-use finalizer, or no longer has it.
func (k *cluster) held(o client.Object, name string, held bool) {
	k.t.Helper()
	k.eventually(name+" being held or released", func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, o)
		return controllerutil.ContainsFinalizer(o, v1alpha1.InUseFinalizer) == held, err
	})
}
