#!/bin/sh
# run.sh - `make bench`: what decoding and judging costs beside only reading the capture. One core, best of five.
#   BENCH_PACKETS  length of the capture (default 2000000)
#   BENCH_TIMES    runs of each (default 5)
#   BENCH_LONG     how many times longer the second capture is (default 10; 0 leaves it out)
#   BENCH_MIX      another list of captures to make it from
#   BENCH_CAPTURE, BENCH_SITE   measure these instead of the made ones
set -eu
: "${ZONETAP:?}" "${top_srcdir:?}" "${top_builddir:?}"
packets=${BENCH_PACKETS:-2000000}
times=${BENCH_TIMES:-5}
long=${BENCH_LONG:-10}
data=$top_builddir/bench-data
tools=$top_builddir/tests/bench
site=${BENCH_SITE:-$top_srcdir/tests/bench/site.yaml}
mix=${BENCH_MIX:-tests/bench/mix.txt}
pin=
command -v taskset >/dev/null && pin="taskset -c ${BENCH_CORE:-0}"
mkdir -p "$data"

make_capture() { (cd "$top_srcdir" && "$tools/make_capture" "$1" "$mix" "$2"); }

capture=${BENCH_CAPTURE:-$data/short.pcap}
[ -n "${BENCH_CAPTURE-}" ] || make_capture "$packets" "$capture"
cat "$capture" >/dev/null                       # into the page cache, for both

# cost COMMAND...: runs it, the line of tests/bench/cost in $cost.
cost() {
	# shellcheck disable=SC2086 # words
	$pin "$tools/cost" "$data/cost" "$@" >"$data/out" 2>"$data/err" || {
		echo "bench: failed: $*" >&2
		cat "$data/err" >&2
		exit 1
	}
	cost=$(cat "$data/cost")
}

replay() {                                      # replay CAPTURE: inline, a site, all rules, a database on disk
	rm -f "$data"/bench.db*
	cost "$ZONETAP" replay --workers 1 --site "$site" --rules "$top_srcdir/rules" --db "$data/bench.db" "$1"
}

best() { sort -n "$1" | head -n 1; }

: >"$data/loop.cost"
: >"$data/replay.cost"
i=0
while [ $i -lt "$times" ]; do
	cost "$tools/pcap_loop" "$capture"
	echo "$cost" >>"$data/loop.cost"
	replay "$capture"
	echo "$cost" >>"$data/replay.cost"
	i=$((i + 1))
done
loop=$(best "$data/loop.cost" | cut -d ' ' -f 1)
whole=$(best "$data/replay.cost" | cut -d ' ' -f 1)
peak=$(sort -k 2 -n "$data/replay.cost" | tail -n 1 | cut -d ' ' -f 2)
n=$("$tools/pcap_loop" "$capture" | cut -d ' ' -f 1)

# What was said, counted apart from the timing: events, and PDUs by their place (frame, pdu).
"$ZONETAP" events --workers 1 --io --format jsonl --omit ts,src,dst,value,target,status,identity,request "$capture" 2>/dev/null |
	awk -F '"frame":|,"pdu":|,' '{ e++; k = $2 " " $3 } k != last { p++; last = k } END { print e + 0, p + 0 }' >"$data/said"
read -r events pdus <"$data/said"

echo "capture      $n packets, $(wc -c <"$capture") bytes, $pdus PDUs, $events events"
awk -v l="$loop" -v w="$whole" -v n="$n" -v p="$pdus" -v e="$events" -v t="$times" 'BEGIN {
	printf "pcap loop    %.3f s of CPU, best of %d\n", l, t
	printf "replay       %.3f s of CPU, best of %d\n", w, t
	printf "ratio        %.2f\n", w / l
	printf "per second   %.0f packets, %.0f PDUs, %.0f events\n", n / w, p / w, e / w
}'
echo "peak memory  $peak KiB"
[ -z "${BENCH_CAPTURE-}" ] && [ "$long" -gt 0 ] || exit 0

make_capture $((packets * long)) "$data/long.pcap"
replay "$data/long.pcap"
awk -v c="$cost" -v a="$peak" -v k="$long" 'BEGIN {
	split(c, f, " ")
	printf "peak memory  %d KiB for %d times the packets (%+.1f %%), %.3f s of CPU\n", f[2], k, (f[2] - a) * 100 / a, f[1]
}'
rm -f "$data/long.pcap"
