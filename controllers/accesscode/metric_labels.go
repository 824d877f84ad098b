// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"slices"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Labels of metrics hold words of a fixed vocabulary, whatever Seam says, or whoever writes a status.
const (
	wordNone  = "none"  // nothing is said yet
	wordOther = "other" // nothing that is known here
)

var (
	knownStates = []string{
		seam.StatusUnset, seam.StatusSetting, seam.StatusSet, seam.StatusRemoving, seam.StatusUnknown,
	}
	knownReasons = []string{
		v1alpha1.ReasonSet, v1alpha1.ReasonScheduled, v1alpha1.ReasonExpired,
		v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonSetting, v1alpha1.ReasonRemoving,
		v1alpha1.ReasonDeviceUnreachable, v1alpha1.ReasonDeviceError, v1alpha1.ReasonWorkspaceNotReady,
		v1alpha1.ReasonRateLimited, v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonAPIUnavailable, v1alpha1.ReasonWaitingForPIN,
		v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonDeviceNotFound,
		v1alpha1.ReasonCodeConflict, v1alpha1.ReasonSecretConflict, v1alpha1.ReasonUpdateNotSupported, v1alpha1.ReasonRemovalNotSupported,
		v1alpha1.ReasonBackupNotSupported, v1alpha1.ReasonNotConverging,
		v1alpha1.ReasonSuspended,
	}
)

func stateWord(state string) string { return wordOf(state, knownStates) }

func reasonWord(reason string) string { return wordOf(reason, knownReasons) }

func wordOf(word string, known []string) string {
	switch {
	case word == "":
		return wordNone
	case slices.Contains(known, word):
		return word
	}
	return wordOther
}
