#!/usr/bin/env bash
# Holds internal/schedule to Temporal, in more than 100,000 random schedules in all zones. Prints what was compared and each
# explained difference.
#
#   test-schedule.sh [go test flag ...]
#
# SEED makes other schedules, SCHEDULES more or fewer. The npm packages are pinned in test/schedule/package-lock.json, a Node.js that has Temporal
# among them.
set -euo pipefail
cd "$(dirname "$0")/.."

(cd test/schedule && npm ci --silent)

# Where npm has no Node.js for the platform, the one of the machine must do, by the polyfill alone where it has no Temporal.
NODE=$(find "$PWD/test/schedule/node_modules" -maxdepth 3 -path '*/node-*/bin/node' | head -n 1)
NODE=${NODE:-$(command -v node)}
export NODE

log=$(mktemp)
trap 'rm -f "$log"' EXIT

if ! go test -count 1 -timeout 10m -v "$@" ./test/schedule/... >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
sed -n -E 's/^ *[a-z_]+_test\.go:[0-9]+: //p; /^(ok|FAIL)/p' "$log"
