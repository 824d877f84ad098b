#!/usr/bin/env bash
# Prints the statement coverage of some folders and fails where one is below its floor.
#
#   coverage.sh coverage-profile folder=percent ...
#
# A folder counts with the folders below it. Generated files do not count. No statement at all is a failure, so that
# a renamed folder does not pass unseen.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=$1
shift
module=$(awk '$1 == "module" {print $2; exit}' go.mod)

failed=0
for floor; do
	awk -v prefix="$module/${floor%%=*}/" -v floor="${floor#*=}" '
		# A line is "file.go:from,to statements hits"; a block may appear once for each test binary.
		index($1, prefix) == 1 && $1 !~ /\/zz_generated/ {
			statements[$1] = $2
			if ($3 > 0) hit[$1] = 1
		}
		END {
			for (block in statements) {
				total += statements[block]
				if (block in hit) covered += statements[block]
			}
			name = substr(prefix, 1, length(prefix) - 1)
			if (total == 0) {
				printf "FAIL  %s: no statement in the profile\n", name
				exit 1
			}
			percent = 100 * covered / total
			short = percent < floor
			printf "%-5s %s: %.1f %% of %d statements, floor %d %%\n", short ? "FAIL" : "ok", name, percent, total, floor
			exit short
		}' "$profile" || failed=1
done
exit $failed
