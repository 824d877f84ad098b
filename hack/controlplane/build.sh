#!/usr/bin/env bash
# Builds what is missing of a Kubernetes control plane into bin/k8s/<version>/ and prints that folder last.
#
#   build.sh [component ...]      components: etcd kube-apiserver kubectl kube-controller-manager
#
# Without components: the first three, which is what envtest needs. What is there already is left alone, so a
# second call costs nothing. Where KUBEBUILDER_ASSETS is set, that folder is used instead and nothing is built.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
	echo "$KUBEBUILDER_ASSETS"
	exit 0
fi

version=$(awk '$1 == "k8s.io/kubernetes" {print $2; exit}' "$here/go.mod")
out=${here%/hack/controlplane}/bin/k8s/$version
IFS=. read -r major minor _ <<<"${version#v}"
stamp=k8s.io/component-base/version
ldflags="-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor"

package() {
	case $1 in
	etcd) echo ./etcd ;;
	kube-apiserver | kube-controller-manager | kubectl) echo "k8s.io/kubernetes/cmd/$1" ;;
	*)
		echo "build.sh: unknown component \"$1\"; known: etcd kube-apiserver kubectl kube-controller-manager" >&2
		return 1
		;;
	esac
}

# minutes is how long each takes on two cores; packages that one has compiled are there for the next.
minutes() {
	case $1 in
	kube-apiserver) echo "about six minutes" ;;
	*) echo "a minute or two" ;;
	esac
}

# progress tells every ten seconds how far the compiler is, until it is ended. How many packages it needs is known; which
# of them are compiled already is not, so that it may be done long before the last.
progress() {
	local total
	total=$(cd "$here" && go list -deps "$2" 2>/dev/null | wc -l) || total="?"
	while sleep 10 2>/dev/null; do
		echo "  $1: $(wc -l <"$3") of at most $((total)) packages compiled, $((SECONDS - started)) s" >&2
	done
}

[ $# -gt 0 ] || set -- etcd kube-apiserver kubectl
missing=0 number=0
for component; do
	package "$component" >/dev/null
	[ -x "$out/$component" ] || missing=$((missing + 1))
done
for component; do
	target=$(package "$component")
	[ -x "$out/$component" ] && continue
	mkdir -p "$out"
	number=$((number + 1))
	echo "Building $component $version from its Go module, $number of $missing: $(minutes "$component") on two cores, once" >&2
	started=$SECONDS
	# Renamed into place when whole, so that an interrupted build leaves nothing that looks finished.
	part=$(mktemp "$out/.$component.XXXXXX")
	told=$(mktemp)
	progress "$component" "$target" "$told" </dev/null >/dev/null &
	ticker=$!
	trap 'kill $ticker 2>/dev/null; rm -f "$part" "$told"' EXIT
	(cd "$here" && CGO_ENABLED=0 go build -v -trimpath -ldflags "$ldflags" -o "$part" "$target" 2>"$told") || {
		cat "$told" >&2
		exit 1
	}
	kill $ticker 2>/dev/null || true
	wait $ticker 2>/dev/null || true
	rm -f "$told"
	chmod 755 "$part"
	mv "$part" "$out/$component"
	trap - EXIT
	echo "Built $component in $((SECONDS - started)) s" >&2
done
echo "$out"
