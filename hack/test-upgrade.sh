#!/usr/bin/env bash
# Puts this version of the operator in the place of an earlier one, which has brought AccessCodes of every kind to where
# they are to stay, and then the earlier one back in its place: nothing may be created, deleted or written by it.
#
#   test-upgrade.sh [go test flag ...]
#
# OPERATOR names this version's program. PREVIOUS names the earlier version as git does; without it, it is the parent of
# the commit that is checked out. The control plane is that of hack/controlplane, kube-controller-manager included.
#
# A commit that is meant to change what stands in status says so in its message, by a line
#
#   Upgrade-writes: <what changes>
#
# among its trailers. Then a changed status, and Events, are shown and do not fail the test, nor does the earlier version, back
# in its place, when it asks Seam in vain to create what it finds under a reason that it does not know. Everything else still
# does.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "test-upgrade.sh: $*" >&2
	exit 1
}

git rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
	fail "the earlier version comes from the history, and this is no git checkout: run it in a clone"
previous=${PREVIOUS:-HEAD~1}
if ! commit=$(git rev-parse --quiet --verify "$previous^{commit}"); then
	if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
		fail "$previous is not part of this shallow clone: get more of the history (git fetch --deepen=10, or a clone without --depth), or name a commit that is there (PREVIOUS=...)"
	elif [ -n "${PREVIOUS:-}" ]; then
		fail "PREVIOUS=$previous is no commit of this clone: git fetch, or name another"
	fi
	echo "There is no earlier commit: the operator is started anew in its own place" >&2
	commit=$(git rev-parse HEAD)
fi

tree=$(mktemp -d "${TMPDIR:-/tmp}/access-code-previous.XXXXXX")
trap 'rm -rf "$tree"' EXIT
UPGRADE_NAME=$(git log -1 --format='%h (%s)' "$commit")
echo "Building the operator of $UPGRADE_NAME" >&2
git archive "$commit" | tar -x -C "$tree"
(cd "$tree" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o bin/access-code-operator .) ||
	fail "$UPGRADE_NAME does not build: name another commit by PREVIOUS=..."

# Absolute, because every test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
UPGRADE_TO=$(cd "$(dirname "$OPERATOR")" && pwd)/$(basename "$OPERATOR")
UPGRADE_FROM=$tree
UPGRADE_INTENDED=$(git log --format='%(trailers:key=Upgrade-writes,valueonly,separator=%x3B )' "$commit..HEAD" | sed '/^$/d' | paste -sd ';' -)
export KUBEBUILDER_ASSETS UPGRADE_FROM UPGRADE_INTENDED UPGRADE_NAME UPGRADE_TO

# Without OPERATOR: this test has a control plane of its own, and the one that the others share is not started.
env -u OPERATOR go test -count 1 -timeout 20m -run '^TestUpgradeWritesNothing$' "$@" ./test/e2e
