// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"slices"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// The values of metric labels come from fixed lists, whatever Seam answers and whoever writes a status: otherwise the number
// of series would have no bound.
const (
	labelNone  = "none"  // there is no value yet
	labelOther = "other" // a value that is not in the list
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
		v1alpha1.ReasonBackupNotSupported, v1alpha1.ReasonNotConverging, v1alpha1.ReasonTimeZoneUnknown,
		v1alpha1.ReasonSuspended,
	}
)

func stateLabel(state string) string { return labelOf(state, knownStates) }

func reasonLabel(reason string) string { return labelOf(reason, knownReasons) }

func labelOf(word string, known []string) string {
	switch {
	case word == "":
		return labelNone
	case slices.Contains(known, word):
		return word
	}
	return labelOther
}
