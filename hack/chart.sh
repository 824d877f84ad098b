#!/usr/bin/env bash
# Copies into the Helm chart what config/ says: CRDs, roles, alerts and dashboards. Run it after "make manifests" or a
# change of config/; "make verify" fails when a copy is not like its source.
set -euo pipefail
cd "$(dirname "$0")/.."
files=charts/access-code-operator/files

# Emptied first, so that a file which is gone goes here as well.
rm -rf "$files"
mkdir -p "$files/crds" "$files/rbac" "$files/monitoring"
cp config/crd/bases/*.yaml "$files/crds/"
cp config/rbac/*role.yaml "$files/rbac/"
# The ServiceMonitor is a template of the chart's own: much of it is for the user to choose.
for file in config/prometheus/*; do
	if [[ $file == *.json ]] || grep -q '^kind: PrometheusRule$' "$file"; then
		cp "$file" "$files/monitoring/"
	fi
done
