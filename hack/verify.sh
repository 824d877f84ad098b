#!/usr/bin/env bash
# Fails, naming the remedy, when something in the tree is not what its source says. Called by "make verify", which
# sets BIN, KUSTOMIZE and TEST_MODULES. Changes nothing: generation runs in a copy.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
fail() {
	echo "verify: $*" >&2
	failed=1
}

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

echo "Generated files"
for path in Makefile go.mod go.sum api charts controllers docs internal hack config; do
	cp -R "$path" "$copy/"
done
mkdir -p "$copy/test/chart"
cp test/chart/go.mod "$copy/test/chart/" # the Makefile reads it
# Removed first, so that a file which is generated no longer shows up as well.
find "$copy/api" -name 'zz_generated.*' -delete
rm -rf "$copy/config/crd/bases" "$copy/config/rbac/role.yaml" "$copy/docs/reference.md" "$copy/docs/metrics.md"
if ! make -C "$copy" --no-print-directory BIN="$BIN" generate manifests chart reference metrics-doc >"$copy/log" 2>&1; then
	cat "$copy/log" >&2
	fail "generation failed"
else
	for path in api config charts docs; do
		diff -ruN "$path" "$copy/$path" >&2 ||
			fail "generated files in $path/ are out of date: run \"make generate manifests chart reference metrics-doc\" and commit the result"
	done
fi

echo "go.mod and go.sum"
# The part about go.sum would only bury the one about go.mod.
for module in . $TEST_MODULES; do
	(cd "$module" && go mod tidy -diff) | sed '/^diff .*go\.sum/,$d' >&2 ||
		fail "go.mod or go.sum of $module is not tidy: run \"go mod tidy\" there and commit the result"
done

echo "Licence headers"
header=$(cat hack/boilerplate.go.txt)
while IFS= read -r file; do
	# Within the first lines: a build constraint of generated code stands above it.
	[[ $(head -n 6 "$file") == *"$header"* ]] ||
		fail "$file lacks the two lines of hack/boilerplate.go.txt at its start"
done < <(find . -name '*.go' -not -path './bin/*' -not -path './.git/*' | sort)

echo "Kustomizations"
while IFS= read -r file; do
	"$KUSTOMIZE" build "$(dirname "$file")" >/dev/null || fail "kustomize can't build $(dirname "$file")"
done < <(find config -name kustomization.yaml | sort)

if [ $failed -eq 0 ]; then
	echo "All in order"
fi
exit $failed
