#!/usr/bin/env bash
# Copies into the Helm chart what config/ says: CRDs, roles, alerts and dashboards. Run it after "make manifests" or a
# change of config/; the tests in test/chart fail when a copy is not like its source.
set -euo pipefail
cd "$(dirname "$0")/.."
files=charts/access-code-operator/files

# Emptied first, so that a file which is gone goes here as well.
rm -rf "$files/crds" "$files/rbac"
mkdir -p "$files/crds" "$files/rbac" "$files/monitoring"
cp config/crd/bases/*.yaml "$files/crds/"
cp config/rbac/*role.yaml "$files/rbac/"

# Beside these the chart has operator.yaml and operator.json of its own.
find "$files/monitoring" -type f ! -name 'operator.*' -delete
for file in config/prometheus/*; do
	if [[ $file == *.json ]] || grep -q '^kind: PrometheusRule$' "$file"; then
		cp "$file" "$files/monitoring/"
	fi
done
