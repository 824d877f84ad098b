// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/http"
	"testing"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// queryLikeOfficialClients sends what the newest official clients put into queries.
func queryLikeOfficialClients(w *world) {
	id := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Code: "482913"}).AccessCodeID
	for _, request := range []string{
		"GET /access_codes/get?_strict=true&access_code_id=" + id,
		"GET /access_codes/get?_strict=true&code=482913&device_id=" + sim.SeedNativeLockID,
		"GET /access_codes/list?_strict=true&access_code_ids=" + id + "&limit=2&page_cursor=",
		"GET /access_codes/list?_strict=true&access_code_ids=" + id + "&access_code_ids=" + nobody,
		"GET /access_codes/generate_code?_strict=true&device_id=" + sim.SeedNativeLockID,
		"GET /access_codes/unmanaged/get?_strict=true&access_code_id=" + sim.SeedUnmanagedCodeID,
		"GET /access_codes/unmanaged/list?_strict=true&device_id=" + sim.SeedFewSlotsLockID,
		"GET /devices/list?_strict=true&custom_metadata_has.room=12&device_types=august_lock",
		"GET /events/list?_strict=true&between=2020-01-01T00%3A00%3A00.000Z&between=2030-01-01T00%3A00%3A00.000Z",
		"GET /workspaces/get",
		"DELETE /access_codes/delete?_strict=true&sync=false&access_code_id=" + id,
		"DELETE /access_codes/unmanaged/delete?_strict=true&access_code_id=" + sim.SeedUnmanagedCodeID,
	} {
		if status := w.send(request); status != http.StatusOK {
			w.t.Errorf("%s: status %d", request, status)
		}
	}
}

func TestQueries(t *testing.T) { queryLikeOfficialClients(newWorld(t)) }
