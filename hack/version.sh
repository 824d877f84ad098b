#!/usr/bin/env bash
# Prints the version that the checkout builds: the tag, or a version that names the commit after it. Prints nothing
# outside a repository: the program then falls back to what Go records.
set -euo pipefail
cd "$(dirname "$0")/.."

# The length of the hash is fixed: git's own choice differs between clones.
described=$(git describe --tags --match 'v[0-9]*' --always --abbrev=12 --dirty 2>/dev/null || true)
case $described in
'' | v*) echo "$described" ;;
# No tag yet: a version that sorts before all that come.
*) echo "v0.0.0-g$described" ;;
esac
