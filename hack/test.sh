#!/usr/bin/env bash
# Runs all tests of the module, with the API server of hack/controlplane, and holds the coverage floors.
#
#   test.sh coverage-profile [go test flag or package ...]
#
# Flags of your own usually choose some tests only, so the floors are not held then. Where they name packages, such as
# ./internal/plan, only those are compiled.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=$1
shift

# Absolute, because every test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
export KUBEBUILDER_ASSETS

# The race detector needs cgo, hence a C compiler with its headers: ask it rather than look for a name.
race=()
if $(go env CC) -fsyntax-only -x c - <<<'#include <stdlib.h>' 2>/dev/null; then
	race=(-race)
	export CGO_ENABLED=1
else
	echo "Running without the race detector: there is no working C compiler"
fi

run() { go test ${race[@]+"${race[@]}"} -timeout 20m "$@"; }

mkdir -p "$(dirname "$profile")"
if [ $# -gt 0 ]; then
	packages=(./...)
	for argument in "$@"; do
		if [[ $argument == ./* ]]; then
			packages=()
		fi
	done
	run -coverprofile "$profile" "$@" ${packages[@]+"${packages[@]}"}
	exit
fi

# A test of a kind drives the others, too, in one world with all of them: what it covers there counts. Everything else
# counts for what its own tests cover.
kinds=(./controllers/... ./internal/kube/...)
others=()
while IFS= read -r package; do
	others+=("$package")
done < <(comm -23 <(go list ./... | sort) <(go list "${kinds[@]}" | sort))
failed=0
run -coverprofile "$profile" "${others[@]}" || failed=1
run -coverprofile "$profile.kinds" -coverpkg "$(IFS=,; echo "${kinds[*]}")" "${kinds[@]}" || failed=1
tail -n +2 "$profile.kinds" >>"$profile"
rm "$profile.kinds"
[ $failed -eq 0 ]

hack/coverage.sh "$profile" internal/plan=95 internal/schedule=95 internal/seam=85 controllers=85 controllers/accesscode=85 controllers/eventfeed=85 \
	controllers/seamworkspace=85 internal/kube=85 internal/workspace=85 internal/metrics=85 internal/webhook=85
