// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
)

// ordersFault asks the simulator, when the handler is one, whether a fault is ordered that
// the request may meet. What comes back is then allowed to be wrong.
func ordersFault(h http.Handler, r *http.Request) bool {
	ask := httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/_sim/faults", nil)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, ask)
	var ordered struct {
		Faults []struct{ Path string } `json:"faults"`
	}
	if answer.Code != http.StatusOK || json.Unmarshal(answer.Body.Bytes(), &ordered) != nil {
		return false
	}
	for _, fault := range ordered.Faults {
		prefix, open := strings.CutSuffix(fault.Path, "*")
		if fault.Path == r.URL.Path || open && strings.HasPrefix(r.URL.Path, prefix) {
			return true
		}
	}
	return false
}
