#!/usr/bin/env bash
# Runs the fault matrix: the real operator, with each fault striking at each step of each operation. Prints the table
# and writes it to docs/fault-matrix.md.
#
#   test-chaos.sh [go test flag ...]
#
# In every other case Seam leaves out the status of codes; CHAOS_STATUS=with, or without, has all cases be one way.
# OPERATOR names the binary. With CHAOS_STEPS=n each fault strikes at n steps of an operation only, in turn, and at four
# operations of five; then, and with flags of your own, docs/fault-matrix.md stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

# Absolute, because the test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
OPERATOR=$(cd "$(dirname "$OPERATOR")" && pwd)/$(basename "$OPERATOR")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export KUBEBUILDER_ASSETS OPERATOR FAULT_MATRIX=$out/table.md

# The cases wait most of the time: far more of them at once than there are processors.
status=0
go test -count 1 -timeout 60m -parallel 64 "$@" ./test/chaos >"$out/log" 2>&1 || status=$?
if [ $status -ne 0 ]; then
	cat "$out/log"
fi
if [ -f "$FAULT_MATRIX" ]; then
	cat "$FAULT_MATRIX"
	if [ $status -eq 0 ] && [ -z "${CHAOS_STEPS:-}" ] && [ $# -eq 0 ]; then
		install -m 644 "$FAULT_MATRIX" docs/fault-matrix.md
	fi
fi
exit $status
