// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// learnZone finds out the lock's time zone, where that decides whether the window of an offline code is as wanted. A lock
// that is gone, or does not say where it is, has none.
func (s *scope) learnZone(ctx context.Context, zones *schedule.Zones, remote *seam.AccessCode) error {
	if s.over() || !plan.NeedsZone(s.want(), s.known(), remote) {
		return nil
	}
	err := s.learnDevice(ctx)
	switch {
	case seam.IsDeviceNotFound(err):
		return nil
	case err != nil:
		return err
	case s.device.Location == nil:
		return nil
	}
	if name := cmp.Or(s.device.Location.TimeZone, s.device.Location.Timezone); name != "" {
		if zone, err := zones.Load(name); err == nil {
			s.zone = zone
		}
	}
	return nil
}

// removalRefused is the result where the provider does not let a code be taken off its lock, which no other try changes;
// false for a failure of another kind.
func (s *scope) removalRefused(target *seam.AccessCode, err error) (result, bool) {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok || failure.Kind != seam.Refused && failure.Kind != seam.InvalidInput {
		return result{}, false
	}
	if _, elsewhere := plan.RefusalOf(failure.Type, failure.Message); elsewhere {
		return result{}, false
	}
	deleted := !s.code.DeletionTimestamp.IsZero()
	until, after := "until it is taken off in the app of the lock's maker", kube.SlowLook
	if ends := target.EndsAt; ends != nil && ends.After(s.live.Now()) {
		until = "until " + ends.UTC().Format(time.RFC3339)
		after = min(after, ends.Sub(s.live.Now())+kube.Soon)
	}
	message := fmt.Sprintf("The provider does not let the code be taken off the lock (%s): it opens the lock %s", refusalText(failure), until)
	if deleted {
		message += ", and this AccessCode stays so long" + orphanRemedy
	}
	res := result{reason: v1alpha1.ReasonRemovalNotSupported, message: message, after: after, pin: s.pin}
	return res.warning(eventDeleteFailed), true
}

// maxRefusalText is how much of a refusal is told, so that what to do about it is not cut off.
const maxRefusalText = 80

func refusalText(failure *seam.Error) string {
	return redact.Truncate(cmp.Or(failure.Message, failure.Type), maxRefusalText)
}
