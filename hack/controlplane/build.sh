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

[ $# -gt 0 ] || set -- etcd kube-apiserver kubectl
for component; do
	target=$(package "$component")
	[ -x "$out/$component" ] && continue
	mkdir -p "$out"
	echo "Building $component $version from its module (kube-apiserver takes about six minutes on two cores, once)" >&2
	started=$SECONDS
	# Renamed into place when whole, so that an interrupted build leaves nothing that looks finished.
	part=$(mktemp "$out/.$component.XXXXXX")
	trap 'rm -f "$part"' EXIT
	(cd "$here" && CGO_ENABLED=0 go build -trimpath -ldflags "$ldflags" -o "$part" "$target")
	chmod 755 "$part"
	mv "$part" "$out/$component"
	trap - EXIT
	echo "Built $component in $((SECONDS - started)) s" >&2
done
echo "$out"
