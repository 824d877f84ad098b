// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func nextWeek(w *world) func(*v1alpha1.AccessCode) {
	begins := metav1.NewTime(w.Clock.Now().Add(7 * 24 * time.Hour))
	return func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &begins, EndsAt: metav1.NewTime(begins.Add(48 * time.Hour))}
	}
}

// pinIn is the PIN in a Secret.
func (w *world) pinIn(name string) string {
	w.T.Helper()
	var secret corev1.Secret
	if !w.Exists(&secret, name) {
		return ""
	}
	return string(secret.Data[v1alpha1.CodeSecretKey])
}

// backup is what a backup has of an AccessCode and of its Secret.
type backup struct {
	code   *v1alpha1.AccessCode
	secret *corev1.Secret
}

// wreck takes an AccessCode and its Secret out of the cluster, and returns what a backup has of them. Unless the code is to
// stay at Seam, the operator takes it off as it does when a namespace is deleted.
func (w *world) wreck(name string, stays bool) backup {
	w.T.Helper()
	kept := backup{code: w.Get(name), secret: &corev1.Secret{}}
	if !w.Exists(kept.secret, kept.code.CodeSecretName()) {
		w.T.Fatal("no Secret")
	}
	if stays {
		w.Edit(name, func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	}
	w.Delete(&v1alpha1.AccessCode{}, name)
	w.settleGone(name)
	w.Delete(&corev1.Secret{}, kept.secret.Name)
	w.Restart()
	w.Step(time.Hour)
	return kept
}

// settleGone reconciles a deleted AccessCode until it is gone.
func (w *world) settleGone(name string) {
	w.T.Helper()
	for range 20 {
		if !w.Exists(&v1alpha1.AccessCode{}, name) {
			return
		}
		result, err := w.Reconcile(name)
		if err != nil {
			w.T.Fatal(err)
		}
		w.Step(result.RequeueAfter)
	}
	w.T.Fatalf("AccessCode %q does not go", name)
}

// restore creates what a backup has, as Velero does: without status, owners and all that the API server gives.
func (w *world) restore(kept backup, edit func(*corev1.Secret)) {
	w.T.Helper()
	secret := &corev1.Secret{Data: kept.secret.Data, Type: corev1.SecretTypeOpaque}
	secret.Name = kept.secret.Name
	secret.Labels = map[string]string{"velero.io/restore-name": "monday"}
	if edit != nil {
		edit(secret)
	}
	w.Create(secret)
	code := &v1alpha1.AccessCode{Spec: kept.code.Spec}
	code.Name, code.Annotations, code.Finalizers = kept.code.Name, kept.code.Annotations, kept.code.Finalizers
	w.Create(code)
}

// TestRestoredWithItsSecret: the PIN that guests have been told stays, and so does the code where it is still at Seam.
func TestRestoredWithItsSecret(t *testing.T) {
	for name, owned := range map[string]bool{"without an owner": false, "with the owner of before": true} {
		for codeName, stays := range map[string]bool{"code at Seam": true, "code gone": false} {
			for _, secretName := range []string{"", "pins-1204"} {
				t.Run(name+", "+codeName+", Secret "+secretName, func(t *testing.T) { restoreWithSecret(t, owned, stays, secretName) })
			}
		}
	}
}

func restoreWithSecret(t *testing.T, owned, stays bool, secretName string) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, nextWeek(w), func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = secretName }))
	w.Settle("guest")
	id := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled).Status.AccessCodeID
	secretName = w.Get("guest").CodeSecretName()
	pin, generated := w.pinIn(secretName), w.Calls("/access_codes/generate_code")
	kept := w.wreck("guest", stays)
	w.restore(kept, func(s *corev1.Secret) {
		if owned {
			s.OwnerReferences = kept.secret.OwnerReferences
		}
	})
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if got := w.pinIn(secretName); got != pin || *w.Live(sim.SeedNativeLockID).Code != pin {
		t.Error("the guest's PIN is lost")
	}
	if same := code.Status.AccessCodeID == id; same != stays {
		t.Errorf("id %s, was %s", code.Status.AccessCodeID, id)
	}
	if n := w.Calls("/access_codes/generate_code"); n != generated {
		t.Errorf("%d more PINs chosen", n-generated)
	}
	var secret corev1.Secret
	if w.Exists(&secret, secretName); !metav1.IsControlledBy(&secret, code) || len(secret.OwnerReferences) != 1 {
		t.Errorf("owners %+v", secret.OwnerReferences)
	}
}

// TestRestoredPINThatIsTaken: not even then is another one chosen; people have this one. Where a person says so, the code that has
// it is taken over.
func TestRestoredPINThatIsTaken(t *testing.T) {
	for _, policy := range []v1alpha1.AdoptionPolicy{v1alpha1.AdoptionNever, v1alpha1.AdoptionMatching} {
		t.Run(string(policy), func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", func(c *v1alpha1.AccessCode) {
				testworld.Chosen(c)
				c.Spec.AdoptionPolicy = policy
			})
			w.Settle("guest")
			pin := w.pinIn("guest")
			kept := w.wreck("guest", false)
			if _, err := w.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Owner", pin); err != nil {
				t.Fatal(err)
			}
			w.restore(kept, nil)
			w.Settle("guest")
			if policy == v1alpha1.AdoptionMatching {
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			} else {
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
			}
			if w.pinIn("guest") != pin {
				t.Error("another PIN was chosen")
			}
		})
	}
}

// TestSecretOfAnEarlierAccessCode: the garbage collector takes its time, and that is nobody's fault.
func TestSecretOfAnEarlierAccessCode(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	var secret corev1.Secret
	w.Exists(&secret, "guest")
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.settleGone("guest")
	creates := w.Calls("/access_codes/create")
	w.Step(time.Minute)
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	if n := w.Calls("/access_codes/create"); n != creates {
		t.Errorf("%d creates", n-creates)
	}
	w.Delete(&secret, "guest") // as the garbage collector does
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestSecretOfAnotherAccessCode(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("first", testworld.Chosen)
	w.Settle("first")
	pin := w.pinIn("first")
	w.Code("second", testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "first" }))
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if said := w.message("second"); !strings.Contains(said, `AccessCode "first"`) || !strings.Contains(said, "spec.codeSecretName") {
		t.Errorf("message %q", said)
	}
	if w.pinIn("first") != pin {
		t.Error("the PIN was changed")
	}
}

// TestSecretThatIsAPersons is not taken even by a restored object: another AccessCode reads its PIN from it, it holds more
// than PINs, or something else owns it.
func TestSecretThatIsAPersons(t *testing.T) {
	tests := map[string]func(*world, *corev1.Secret){
		"another reads its PIN from it": func(w *world, s *corev1.Secret) {
			w.Code("other", func(c *v1alpha1.AccessCode) {
				c.Spec = v1alpha1.AccessCodeSpec{DeviceID: sim.SeedNativeLockID, CodeFrom: &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: s.Name, Key: "code"}}}
			})
		},
		"more than PINs": func(_ *world, s *corev1.Secret) {
			s.Data = map[string][]byte{"code": []byte("4711"), "password": []byte("x")}
		},
		"no PIN": func(_ *world, s *corev1.Secret) { s.Data = map[string][]byte{"code": []byte("x")} },
		"owned": func(_ *world, s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "external-secrets.io/v1", Kind: "ExternalSecret", Name: "guest", UID: "1", Controller: ptr.To(true)}}
		},
		"of another type": func(_ *world, s *corev1.Secret) { s.Type = corev1.SecretTypeBasicAuth },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.Chosen)
			w.Settle("guest")
			kept := w.wreck("guest", true)
			w.restore(kept, func(s *corev1.Secret) { edit(w, s) })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
			if said := w.message("guest"); !strings.Contains(said, "spec.codeFrom") || !strings.Contains(said, "spec.codeSecretName") || strings.Contains(said, "remove") {
				t.Errorf("message %q", said)
			}
			var secret corev1.Secret
			if w.Exists(&secret, "guest"); metav1.IsControlledBy(&secret, w.Get("guest")) {
				t.Error("taken")
			}
		})
	}
}

// moved is an AccessCode that was copied from another namespace, with the annotations that it had there, and its Secret.
func (w *world) moved(edit func(*corev1.Secret)) (pin string) {
	w.T.Helper()
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	pin = w.pinIn("guest")
	kept := w.wreck("guest", true)
	for key, value := range kept.code.Annotations {
		kept.code.Annotations[key] = strings.ReplaceAll(value, testworld.Namespace+"/guest", "elsewhere/guest")
	}
	w.restore(kept, edit)
	return pin
}

// TestMovedToAnotherNamespace: what was made in the namespace of before goes on in this one.
func TestMovedToAnotherNamespace(t *testing.T) {
	for name, named := range map[string]bool{"as it was": false, "with the id of its code": true} {
		t.Run(name, func(t *testing.T) { moveTo(t, named) })
	}
}

func moveTo(t *testing.T, named bool) {
	w := newWorld(t)
	w.Connected()
	pin := w.moved(nil)
	id := w.Live(sim.SeedNativeLockID).AccessCodeID
	if named {
		w.Edit("guest", func(c *v1alpha1.AccessCode) {
			c.Annotations[v1alpha1.AccessCodeIDAnnotation], c.Spec.DisplayName = id, "The guest" // the name alone would not lead to it
		})
	}
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.AccessCodeID != id || w.pinIn("guest") != pin {
		t.Errorf("id %s, was %s", code.Status.AccessCodeID, id)
	}
	w.Live(sim.SeedNativeLockID)
}

// TestCopyInAnotherNamespace says whose copy it is, and makes no second code, with its Secret or without.
func TestCopyInAnotherNamespace(t *testing.T) {
	for name, withSecret := range map[string]bool{"with its Secret": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			pin := w.moved(nil)
			if !withSecret {
				w.Delete(&corev1.Secret{}, "guest")
			}
			original := &v1alpha1.AccessCode{Spec: w.Get("guest").Spec}
			original.Name, original.Namespace, original.UID = "guest", "elsewhere", "original"
			original.Status.AccessCodeID = w.Live(sim.SeedNativeLockID).AccessCodeID
			if err := w.Client.Create(t.Context(), original); err != nil {
				t.Fatal(err)
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
			if said := w.message("guest"); !strings.Contains(said, `AccessCode "guest" of namespace "elsewhere"`) || len(said) > kube.MaxMessage {
				t.Errorf("message %q", said)
			}
			if w.Live(sim.SeedNativeLockID).AccessCodeID != original.Status.AccessCodeID || withSecret && w.pinIn("guest") != pin {
				t.Error("the copy has changed something")
			}
			if err := w.Client.Delete(t.Context(), original); err != nil {
				t.Fatal(err)
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Live(sim.SeedNativeLockID)
		})
	}
}

// TestSecretCopiedFromAnotherNamespace names an owner that lives there.
func TestSecretCopiedFromAnotherNamespace(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	original := &v1alpha1.AccessCode{Spec: v1alpha1.AccessCodeSpec{DeviceID: sim.SeedNativeLockID}}
	original.Name, original.Namespace, original.UID = "guest", "elsewhere", "original"
	if err := w.Client.Create(t.Context(), original); err != nil {
		t.Fatal(err)
	}
	secret := testworld.SecretNamed("guest", "code", "471147")
	secret.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "AccessCode", Name: "guest", UID: "original", Controller: ptr.To(true)}}
	w.Create(secret)
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if said := w.message("guest"); !strings.Contains(said, "another namespace") || !strings.Contains(said, "spec.codeSecretName") {
		t.Errorf("message %q", said)
	}
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates", n)
	}
}

// TestRestoredSecretWakesItsAccessCode although it names an AccessCode as its owner, as the operator's own do.
func TestRestoredSecretWakesItsAccessCode(t *testing.T) {
	w := newWorld(t)
	w.Code("guest", testworld.Chosen)
	owned := func(uid string) *corev1.Secret {
		secret := testworld.SecretNamed("guest", "code", "471147")
		secret.Namespace = testworld.Namespace
		secret.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "AccessCode", Name: "guest", UID: w.Get("guest").UID, Controller: ptr.To(true)}}
		if uid != "" {
			secret.OwnerReferences[0].UID = "of-before"
		}
		return secret
	}
	if !w.Codes.WroteIt(t.Context(), owned("")) || w.Codes.WroteIt(t.Context(), owned("of-before")) {
		t.Error("the wrong one is held back")
	}
}

func TestRefusedSecretIsNotQuoted(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
			secret, ok := o.(*corev1.Secret)
			if !ok {
				return errors.New("unexpected")
			}
			return apierrors.NewForbidden(corev1.Resource("secrets"), o.GetName(), errors.New("policy: no "+string(secret.Data["code"])))
		},
	})
	w.Restart()
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	const want = `storing the PIN in Secret "guest": the API server refused it: Forbidden: look at the quotas and policies of the namespace, and at what the operator may do`
	if got := kube.ReadyMessage(code.Status.Conditions); got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}
