#!/usr/bin/env bash
# Runs the client and the operator against the official fake of Seam's API, and the official JavaScript client, in both
# its lines, against the simulator. Prints what was driven, how many requests it took, and each known deviation.
#
#   test-interop.sh [go test flag ...]
#
# SEAMSIM names the simulator. The npm packages are pinned in test/interop/package-lock.json, a Node.js that both sides
# run on among them.
set -euo pipefail
cd "$(dirname "$0")/.."

(cd test/interop && npm ci --silent)

# Where npm has no Node.js for the platform, the one of the machine must do: 2.x of the client needs 22.12, and the
# fake ends at 24.
NODE=$(find "$PWD/test/interop/node_modules" -maxdepth 3 -path '*/node-*/bin/node' | head -n 1)
NODE=${NODE:-$(command -v node)}
export NODE

# Absolute, because every test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
SEAMSIM=$(cd "$(dirname "$SEAMSIM")" && pwd)/$(basename "$SEAMSIM")
export KUBEBUILDER_ASSETS SEAMSIM

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# quietly <what to show of the output> <command>: all of it when the command fails.
quietly() {
	local show=$1
	shift
	if ! "$@" >"$log" 2>&1; then
		cat "$log" >&2
		return 1
	fi
	sed -n -E "$show" "$log"
}

echo "Against the official fake"
quietly 's/^ *[a-z_]+_test\.go:[0-9]+: //p; /^(ok|FAIL)/p' \
	go test -count 1 -timeout 10m -v "$@" ./test/interop/...

echo
echo "The official clients against the simulator, on Node.js $("$NODE" --version)"
quietly '/^(@seamapi|Deviation|.? ?(tests|pass|fail|skipped) [0-9])/p' \
	"$NODE" --test --test-reporter=spec --test-timeout=60000 'test/interop/clients/*.test.mjs'
