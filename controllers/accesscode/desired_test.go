// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestPINFromASecret(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.FromSecret)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)

	w.SetSecret("guest-pin", "code", testworld.PIN)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)

	w.SetSecret("guest-pin", "pin", "12ab")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates without a PIN", n)
	}

	w.SetSecret("guest-pin", "pin", testworld.PIN+"\n")
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	want := &v1alpha1.SecretKeyReference{Name: "guest-pin", Key: "pin"}
	if diff := cmp.Diff(want, code.Status.CodeSecretRef); diff != "" {
		t.Error(diff)
	}
	if got := *w.Live(sim.SeedNativeLockID).Code; got != testworld.PIN {
		t.Errorf("PIN %q on the lock", got)
	}

	w.Recorded()
	w.SetSecret("guest-pin", "pin", "7733")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "7733" {
		t.Errorf("PIN %q on the lock after the Secret was changed", got)
	}
	if diff := cmp.Diff([]string{"Updated", "CodeSet"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestChosenPIN(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		testworld.Chosen(c)
		c.Labels = map[string]string{"app.kubernetes.io/instance": "bookings"}
	})
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	var secret corev1.Secret
	if !w.Exists(&secret, "guest") {
		t.Fatal("no Secret with the chosen PIN")
	}
	remote := w.Live(sim.SeedNativeLockID)
	if pin := string(secret.Data["code"]); pin != *remote.Code || pin == "" {
		t.Errorf("the Secret and the lock differ")
	}
	if !metav1.IsControlledBy(&secret, code) || len(secret.Labels) > 0 || len(secret.Annotations) > 0 {
		t.Errorf("Secret metadata %+v", secret.ObjectMeta)
	}
	if diff := cmp.Diff(&v1alpha1.SecretKeyReference{Name: "guest", Key: "code"}, code.Status.CodeSecretRef); diff != "" {
		t.Error(diff)
	}

}

func TestChosenPINThatIsLost(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	pin := *w.Live(sim.SeedNativeLockID).Code
	var secret corev1.Secret
	w.Delete(&secret, "guest")
	w.Settle("guest")
	if !w.Exists(&secret, "guest") || string(secret.Data["code"]) != pin {
		t.Error("a lost Secret is not restored from the lock")
	}

	secret.Data = map[string][]byte{"note": []byte("kept")}
	if err := w.Client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	if w.Exists(&secret, "guest"); string(secret.Data["code"]) != pin || string(secret.Data["note"]) != "kept" {
		t.Error("a lost key is not restored from the lock")
	}
}

func TestChosenPINThatIsTaken(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	refusal := sim.Fault{Path: "/access_codes/create", Kind: "status", Status: 409, ErrorType: "duplicate_access_code", Times: 1}
	if _, err := w.Sim.OrderFault(refusal); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	var secret corev1.Secret
	if !w.Exists(&secret, "guest") || string(secret.Data["code"]) != *w.Live(sim.SeedNativeLockID).Code {
		t.Error("the Secret and the lock differ")
	}
	if n := w.Calls("/access_codes/generate_code"); n != 2 {
		t.Errorf("%d PINs generated, want 2", n)
	}
}

func TestSecretOfSomebodyElseIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest", "code", "0000")
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	var secret corev1.Secret
	if w.Exists(&secret, "guest"); string(secret.Data["code"]) != "0000" || len(secret.OwnerReferences) > 0 {
		t.Errorf("the Secret was written: %+v", secret)
	}
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates", n)
	}
	w.Delete(&secret, "guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestSchedule(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now().Add(24 * time.Hour)
	w.Code("guest", testworld.Scheduled(start, start.Add(48*time.Hour)))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if code.Status.State != "unset" || code.Status.Type != "time_bound" || !code.Status.StartsAt.Time.Equal(start) {
		t.Errorf("status %+v", code.Status)
	}
	// A day ahead, drift is looked for, and the window's begin is not slept through.
	w.Step(24*time.Hour - 5*time.Minute)
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter > 6*time.Minute {
		t.Fatalf("five minutes before the window the next look is in %v (%v)", result.RequeueAfter, err)
	}
	w.Step(6 * time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	w.Step(48 * time.Hour)
	w.Settle("guest")
	code = w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if code.Status.State != "" {
		t.Errorf("state %q of a code that is gone", code.Status.State)
	}
	w.Sim.ResetRequests()
	w.Step(24 * time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if n := w.Calls("/access_codes/get") + w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d calls for an expired code", n)
	}

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now().Add(time.Hour)) })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}

// TestWindowThatEndsWithoutItsPIN: what nobody knows the PIN of any more still goes off the lock when it is over, however
// early that has become.
func TestWindowThatEndsWithoutItsPIN(t *testing.T) {
	for name, left := range map[string]time.Duration{"over": 0, "over soon": time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.Code("guest", testworld.All(testworld.FromSecret, w.Today()))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Delete(&corev1.Secret{}, "guest-pin")
			end := w.Clock.Now().Add(left)
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) })
			if left > 0 {
				result, err := w.Reconcile("guest")
				if err != nil || result.RequeueAfter <= 0 || result.RequeueAfter > left+kube.Soon {
					t.Fatalf("looks again after %s, %v", result.RequeueAfter, err)
				}
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
				w.Step(result.RequeueAfter)
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left at Seam: %+v", codes)
			}
		})
	}
}

// TestWindowThatEndsWhenSecretsCanNotBeRead: nor does that keep a code on the lock.
func TestWindowThatEndsWhenSecretsCanNotBeRead(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest-pin", "pin", testworld.PIN)
	w.Code("guest", testworld.All(testworld.FromSecret, w.Today()))
	w.Settle("guest")
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if _, ok := o.(*corev1.Secret); ok && key.Name == "guest-pin" {
				return apierrors.NewForbidden(corev1.Resource("secrets"), key.Name, errors.New("no such role"))
			}
			return c.Get(ctx, key, o, opts...)
		},
	})
	w.Restart()
	w.Step(24 * time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

func TestBetweenOngoingAndTimeBound(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	id := w.Live(sim.SeedNativeLockID).AccessCodeID

	w.Edit("guest", testworld.Scheduled(w.Clock.Now(), w.Clock.Now().Add(48*time.Hour)))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.Type != "time_bound" || code.Status.EndsAt == nil {
		t.Errorf("status %+v", code.Status)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule = nil })
	w.Settle("guest")
	code = w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.Type != "ongoing" || code.Status.EndsAt != nil || code.Status.AccessCodeID != id {
		t.Errorf("status %+v", code.Status)
	}
}

// A Secret that a tool generates has another name for each content: while the AccessCode still names the one before, it
// says where to look, and when it names the new one the lock gets that PIN, as the same code.
func TestPINFromAGeneratedSecret(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest-pin-7h5k2", "pin", testworld.PIN)
	w.Code("guest", testworld.FromSecret)
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	if message := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, `"guest-pin"`) || !strings.Contains(message, "kustomize") {
		t.Errorf("message %q", message)
	}
	named := func(secret string) {
		t.Helper()
		w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom.SecretKeyRef.Name = secret })
		w.Settle("guest")
	}
	named("guest-pin-7h5k2")
	before := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
	w.SetSecret("guest-pin-9d4m8", "pin", "773301")
	named("guest-pin-9d4m8")
	after := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "773301" || after != before {
		t.Errorf("PIN %q on the lock, id %q after %q", got, after, before)
	}
}
