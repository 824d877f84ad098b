#!/usr/bin/env bash
# Runs the operator's program, as its own ServiceAccount, on a control plane with the controllers of Kubernetes: installed
# from dist/install.yaml and from the chart, deletion in any order, least privilege, secrecy.
#
#   test-e2e.sh [go test flag ...]
#
# OPERATOR and HELM name the programs, HELM by its whole path. dist/install.yaml must be there. The control plane is that
# of hack/controlplane, kube-controller-manager included.
set -euo pipefail
cd "$(dirname "$0")/.."

# Absolute, because every test runs in the folder of its package.
KUBEBUILDER_ASSETS=$(cd "$(hack/controlplane/build.sh)" && pwd)
OPERATOR=$(cd "$(dirname "$OPERATOR")" && pwd)/$(basename "$OPERATOR")
INSTALLER=$PWD/dist/install.yaml
export KUBEBUILDER_ASSETS OPERATOR INSTALLER

# Most of the time a test waits: more of them than there are processors may run at once.
go test -count 1 -timeout 20m -parallel 10 "$@" ./test/e2e/...
