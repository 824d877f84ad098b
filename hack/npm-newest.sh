#!/usr/bin/env bash
# Says whether npm has a newer version of what the contract tests are held to. It never fails: a new version is news, and so
# is a registry that does not answer.
#
#   npm-newest.sh
set -uo pipefail
cd "$(dirname "$0")/.."

for package in @seamapi/types @seamapi/http; do
	ours=$(sed -n "s|.*\"$package\": \"\([^\"]*\)\".*|\1|p" test/contract/package.json)
	# Asked from the root: npm reads no package.json there, and refuses none that wants another Node.js.
	if ! newest=$(npm view --prefix / --fetch-retries=0 --fetch-timeout=15000 "$package" version 2>/dev/null) || [ -z "$newest" ]; then
		echo "npm: whether $package is newer than $ours is not known, for the registry did not answer"
	elif [ "$newest" = "$ours" ]; then
		echo "npm: $package $ours is the newest"
	else
		echo "npm: $package has $newest, and the tests are held to $ours: raise it in test/contract and test/interop"
	fi
done
exit 0
