#!/usr/bin/env bash
# Takes AccessCodes through random histories (controllers/accesscode/history_test.go) in rounds, each with a seed of its
# own, until the time is over: one round on one goroutine, the next with the queues, workers and watches of a manager
# (history_workers_test.go). Ends non-zero at the first history that breaks a promise, and says how to replay it.
#
#   soak.sh [duration]      such as 90s, 30m or 8h; 30m when left out
#
# SOAK_HISTORIES and SOAK_STEPS are how many histories a round has, and how many steps a history, on average.
set -euo pipefail
cd "$(dirname "$0")/.."

duration=${1:-30m}
case $duration in
*s) seconds=${duration%s} ;;
*m) seconds=$((${duration%m} * 60)) ;;
*h) seconds=$((${duration%h} * 3600)) ;;
*)
	echo "soak: $duration is no duration such as 90s, 30m or 8h" >&2
	exit 2
	;;
esac
histories=${SOAK_HISTORIES:-100} steps=${SOAK_STEPS:-150}
tests=(TestRandomHistories TestRandomHistoriesWithWorkers)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -c -o "$work/test" ./controllers/accesscode
cd controllers/accesscode

sums=(0 0 0 0 0)
failed=0 round=0
while [ $failed -eq 0 ] && [ "$SECONDS" -lt "$seconds" ]; do
	name=${tests[round % ${#tests[@]}]}
	round=$((round + 1))
	seed=$(od -An -N7 -tu8 /dev/urandom | tr -d ' ')
	started=$SECONDS
	"$work/test" -test.run "^$name\$" -test.v -test.timeout 0 \
		-rapid.seed "$seed" -rapid.checks "$histories" -rapid.steps "$steps" >"$work/log" 2>&1 || failed=$?
	# The line that the test ends with: histories 100, steps …, reconciles …, calls to Seam …, faults …
	counts=$(sed -n 's/.*: \(histories [0-9].*\)/\1/p' "$work/log")
	echo "round $round: $name, seed $seed, ${counts:-failed}, $((SECONDS - started)) s"
	read -ra found < <(tr -c '0-9\n' ' ' <<<"$counts") || true
	for i in "${!found[@]}"; do sums[i]=$((sums[i] + found[i])); done
done

if [ $failed -ne 0 ]; then
	grep -v "draw work: \[\]" "$work/log" | cut -c1-600 | tail -n 300
	echo "The seed or the fail file named above replays it:"
	echo "  go test ./controllers/accesscode -run '^$name\$' -rapid.steps=$steps -rapid.failfile=… (or -rapid.seed=…)"
fi
echo "Soaked for $SECONDS s in $round rounds"
printf '%-16s%d\n' histories "${sums[0]}" steps "${sums[1]}" reconciles "${sums[2]}" "calls to Seam" "${sums[3]}" faults "${sums[4]}"
exit $failed
