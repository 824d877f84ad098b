// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/seam"
)

var statusNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestStatusPassesOnWhatItDoesNotKnow(t *testing.T) {
	seen := statusNow.Add(-time.Hour).Add(123 * time.Millisecond)
	remote := &seam.AccessCode{
		AccessCodeID: "id", WorkspaceID: "ws", Status: "held_by_owner", Type: "recurring", StartsAt: &seen,
		Errors: []seam.Issue{
			{ErrorCode: "z_new_error", Message: "later", IsBridgeError: true, CreatedAt: &seen},
			{ErrorCode: "a_new_error", Message: "first"},
		},
		Warnings: []seam.Issue{{WarningCode: "a_new_warning", Message: "careful"}, {Message: "without a code"}},
	}
	got := statusAfter(&v1alpha1.AccessCode{}, result{reason: v1alpha1.ReasonSetting, remote: remote}, statusNow)
	whole := metav1.NewTime(seen).Rfc3339Copy()
	want := v1alpha1.AccessCodeStatus{
		AccessCodeID: "id", WorkspaceID: "ws", State: "held_by_owner", Type: "recurring", StartsAt: &whole,
		Errors: []v1alpha1.AccessCodeError{
			{Code: "a_new_error", Message: "first"},
			{Code: "z_new_error", Scope: "Bridge", Message: "later", CreatedAt: &whole},
		},
		Warnings: []v1alpha1.AccessCodeWarning{{Code: "a_new_warning", Message: "careful"}},
	}
	got.Conditions = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A restart knows other locks' names than the operator before it did: that alone writes nothing.
func TestLockNameAloneIsNoNews(t *testing.T) {
	t.Parallel()
	res := result{reason: v1alpha1.ReasonSecretNotFound, message: "spec.codeFrom: no such Secret"}
	code := &v1alpha1.AccessCode{}
	code.Status = statusAfter(code, res, statusNow)
	before := *code.Status.DeepCopy()
	res.deviceName = "Front Door"
	if diff := cmp.Diff(before, statusAfter(code, res, statusNow)); diff != "" {
		t.Error(diff)
	}
	res.message = "spec.codeFrom: no such key"
	if got := statusAfter(code, res, statusNow).DeviceName; got != "Front Door" {
		t.Errorf("told with other news, the lock is called %q", got)
	}
}

func TestStatusIsBoundedAndSteady(t *testing.T) {
	remote := &seam.AccessCode{AccessCodeID: "id", Status: strings.Repeat("é", 100)}
	for i := range 30 {
		remote.Errors = append(remote.Errors, seam.Issue{ErrorCode: fmt.Sprintf("error_%02d", 29-i), Message: strings.Repeat("ö", 500)})
	}
	res := result{reason: v1alpha1.ReasonDeviceError, message: strings.Repeat("ä", 1000), remote: remote}
	code := &v1alpha1.AccessCode{}
	code.Generation = 1
	code.Status = statusAfter(code, res, statusNow)
	first := code.Status
	if len(first.Errors) != maxIssues || first.Errors[0].Code != "error_00" {
		t.Errorf("%d errors, the first %q", len(first.Errors), first.Errors[0].Code)
	}
	for _, text := range []string{first.Errors[0].Message, first.Conditions[0].Message} {
		if n := utf8.RuneCountInString(text); n > kube.MaxMessage {
			t.Errorf("a message of %d characters", n)
		}
	}
	if n := utf8.RuneCountInString(first.State); n > maxWord {
		t.Errorf("a state of %d characters", n)
	}
	remote.Errors[0], remote.Errors[29] = remote.Errors[29], remote.Errors[0]
	if diff := cmp.Diff(first, statusAfter(code, res, statusNow.Add(time.Hour))); diff != "" {
		t.Errorf("the same in another order, an hour later, is another status:\n%s", diff)
	}
}
