// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package sim is a simulator of the Seam access-codes API: the counterpart of the
// operator in tests, demo and benchmarks. It follows the real service where that
// differs from the official fake: states move with time, removal takes a while and
// keeps the PIN occupied, objects belong to one workspace, limits and constraints hold.
//
// It shares no type with the client, on purpose: a JSON name that is wrong in both
// would go unnoticed.
//
// # Time
//
// The simulator has its own clock: that of Options.Clock plus an offset that Advance
// moves. There is no timer and no goroutine. Every request and every control call first
// carries out, in order and at their own times, the transitions that have come due.
//
// # Control
//
// What the API cannot cause is caused by methods of Server, or by these endpoints. They
// speak JSON, need no key, answer {"ok":true} or an object, and on a mistake 400 or 404
// with {"ok":false,"error":"..."}.
//
//	GET    /_sim/state                 workspaces, devices, codes, unmanaged ones included
//	GET    /_sim/requests              {total, by_path, last:[{at,method,path,status,request_id}]}
//	DELETE /_sim/requests              count from zero
//	GET    /_sim/tally                 {requests, by_path, by_status, codes, shown}: numbers only
//	POST   /_sim/mark                  reset to zero the count of codes shown by reads
//	POST   /_sim/rate-limits           {on:true}: the documented limits, from zero
//	GET    /_sim/clock                 {now}
//	POST   /_sim/clock/advance         {by:"72h"} -> {now}
//	GET    /_sim/faults                {faults:[...]} still to come
//	POST   /_sim/faults                order a Fault:
//	                                   {path, device_id, kind, skip, times, status, error_type, body, retry_after, delay:"2s"};
//	                                   path may end in *; kind is status, lose_response, drop, delay, truncate or garbage
//	DELETE /_sim/faults                take back all orders
//	POST   /_sim/codes                 {device_id, name, code, other_workspace, cannot_delete}:
//	                                   an unmanaged code appears on the lock
//	GET    /_sim/codes/{id}            {access_code, updated_at}
//	POST   /_sim/codes/{id}/take-off   removed at the lock
//	POST   /_sim/codes/{id}/lose       {same_id}: it stays on the lock, unmanaged
//	POST   /_sim/codes/{id}/use        somebody opens the door with it
//	POST   /_sim/codes/{id}/change     {code, name, reapply}: changed at the lock
//	POST   /_sim/codes/{id}/fail       {message}: the lock refuses it until recover
//	POST   /_sim/codes/{id}/recover    the lock takes it again
//	POST   /_sim/codes/{id}/issues     an IssueOrder: {error_code or warning_code, message, scope, ...}
//	                                   stands on the code until it is ended
//	DELETE /_sim/codes/{id}/issues/{code}   an error or a warning ends
//	PATCH  /_sim/options               {omit_status:true}: the API's codes lack the deprecated status
//	POST   /_sim/devices               a Device; what is left out is as in Lock
//	PATCH  /_sim/devices/{id}          any members of Device, such as {"online":false}
//	DELETE /_sim/devices/{id}          gone from the service with its codes
//	POST   /_sim/devices/{id}/empty-backup-pool   no backup left, and none is made until
//	POST   /_sim/devices/{id}/refill-backup-pool
//	POST   /_sim/accounts/{id}/disconnect         with all devices of the account
//	POST   /_sim/accounts/{id}/reconnect
//	POST   /_sim/workspaces            {workspace_id, name, is_sandbox}
//	POST   /_sim/users                 {workspace_id, user_identifier_key, connected_account_ids}
//	POST   /_sim/api-keys              {workspace_id, key}
//	DELETE /_sim/api-keys/{key}        revoke
//	POST   /_sim/tokens                {kind, token, workspace_ids}; kind is a TokenKind
//	DELETE /_sim/tokens/{token}        revoke, of whatever kind
//	POST   /_sim/client-sessions       {workspace_id, user_identifier_key, token, lifetime:"1h"} -> {token}
//
// # Decisions
//
// Where no source says what the service does, the simulator does this:
//
//   - Client sessions are refused by /workspaces/get (Options.SessionsGetWorkspace lets
//     them in) and get 401; /devices/list with limit 1 is a cheap call that they may make.
//   - An action attempt of a code that waits for its time is a success. An error ends an
//     attempt even though the service goes on trying.
//   - create_multiple with create_random_code gives no key to the codes that differ.
//   - The backup pool is the device's: once on, each time-bound code may pull. The pool
//     fills as fast as codes are set and has no events. A pulled backup begins at once,
//     ends with its primary and outlives the primary's deletion. A pull on an empty
//     pool is 409 empty_backup_access_code_pool.
//   - Offline codes are rounded outwards to hours, or days of the lock's time zone. To
//     update or delete one is 400 invalid_input.
//   - unmanaged/update and convert_to_managed are one and the same: accepted with 200,
//     done or refused after SetDelay. A refusal shows as an error on the code too.
package sim
