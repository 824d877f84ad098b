#!/usr/bin/env bash
# Holds every request that a test sends and every answer that the simulator gives to the official OpenAPI document of
# Seam's API and to the types of its official client, prints how many were checked, and says whether npm has a newer one of
# either.
#
#   test-contract.sh [go test flag ...]
#
# The document is in the npm package @seamapi/types, the types are in @seamapi/http; test/contract/package-lock.json pins
# both.
set -euo pipefail
cd "$(dirname "$0")/.."

(cd test/contract && npm ci --silent && npm run --silent openapi && npm run --silent types)

# Absolute, because every test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
SEAM_OPENAPI=$PWD/test/contract/openapi.json
SEAM_TYPES=$PWD/test/contract/types.json
SEAM_CONTRACT_COUNTS=$(mktemp)
export KUBEBUILDER_ASSETS SEAM_OPENAPI SEAM_TYPES SEAM_CONTRACT_COUNTS
trap 'rm -f "$SEAM_CONTRACT_COUNTS"' EXIT

# A result from the cache has checked nothing.
go test -count 1 -timeout 20m "$@" ./internal/seam/... ./internal/sim/... ./controllers/... ./test/contract/...

echo
go test -count 1 -run '^TestDeviationsAreExplained$' -v ./test/contract | sed -n 's/^ *official_test\.go:[0-9]*: //p'
echo
LC_ALL=C sort "$SEAM_CONTRACT_COUNTS" | awk -F '\t' '
	function row(path, n) { printf "%-55s%10d%10d%10d%10d%10d\n", path, n[1], n[2], n[3], n[4], n[5] }
	BEGIN { printf "%-55s%10s%10s%10s%10s%10s\n", "Checked against both", "requests", "refused", "answers", "errors", "spoilt" }
	NF != 6 { print "test-contract: cannot read the counts" >"/dev/stderr"; exit broken = 1 }
	$1 != path && path != "" { row(path, sum); split("", sum) }
	{ path = $1; for (i = 1; i <= 5; i++) { sum[i] += $(i + 1); all[i] += $(i + 1) } }
	END {
		if (broken) exit 1
		if (path == "") { print "test-contract: nothing was checked" >"/dev/stderr"; exit 1 }
		row(path, sum)
		row("all", all)
	}'
echo "refused: of the requests, wrong on purpose; spoilt: by a fault that a test ordered, answer not checked"

echo
hack/npm-newest.sh
