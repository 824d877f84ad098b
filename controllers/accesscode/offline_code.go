// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// withZone finds out the lock's time zone, where that decides whether the window of an offline code is as wanted. A lock
// that is gone, or does not say where it is, has none.
func (g gatherer) withZone(ctx context.Context, s snapshot) (snapshot, error) {
	if s.over() || !plan.NeedsZone(s.desired, s.known, s.observed.Remote) {
		return s, nil
	}
	s, err := withDevice(ctx, s)
	switch {
	case seam.IsDeviceNotFound(err):
		return s, nil
	case err != nil:
		return s, err
	case s.device.Location == nil:
		return s, nil
	}
	if name := cmp.Or(s.device.Location.TimeZone, s.device.Location.Timezone); name != "" {
		if zone, err := g.zones.Load(name); err == nil {
			return s.with(func(f *facts) { f.zone = zone }), nil
		}
	}
	return s, nil
}
