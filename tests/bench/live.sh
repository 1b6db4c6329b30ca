#!/bin/sh
# live.sh - `make bench-live`: how many packets a second zonetap, tcpdump and dumpcap take off one interface without
# losing one, and what a packet costs it in CPU time then. In a network namespace of its own: tcpreplay sends a made capture through a pair of veth at rising
# rates, the three listen in turn, with rings of the same size, whole packets, and on the same processors.
#   BENCH_RATES    thousands of packets a second to try, rising
#   BENCH_SECONDS  how long each rate is sent (default 4)
#   BENCH_TIMES    tries of each rate; one without loss is enough, the machine may be busy (default 3)
#   BENCH_RING     MiB of the ring (default 16): what is sent must be far more than it holds
set -eu
bench=bench-live
. "$top_srcdir/tests/bench/live_lib.sh"
rates=${BENCH_RATES:-50 100 150 200 250 300 350 400 450 500 600 700 800 900 1000 1200 1400}
seconds=${BENCH_SECONDS:-4}
times=${BENCH_TIMES:-3}

cat >"$place/zonetap.yaml" <<END_OF_CONFIG
interfaces: [{name: mirror, ring: ${ring}MiB}]
site: $top_srcdir/tests/bench/site.yaml
rules: $top_srcdir/rules
database: {path: $place/zonetap.db}
socket: $place/socket
user: $user
END_OF_CONFIG

# --- the listeners: begin, and end with `seen` and `dropped` ----------------------------------

in_status() {                           # seen, dropped
	"$ZONETAP" status --socket "$place/socket" --format json | python3 -c 'import json, sys
i = json.load(sys.stdin)["interfaces"][0]; l = i["loss"]
print(i["packets"], l["ring"] + l["adapter"] + l["handoff"] + l["findings"])'
}

begin() {
	: >"$place/err"
	case $1 in
	zonetap)
		rm -f "$place"/zonetap.db*
		$pin_listener "$ZONETAP" run -c "$place/zonetap.yaml" >"$place/out" 2>"$place/err" </dev/null &
		;;
	tcpdump) $pin_listener tcpdump -n -i mirror -B $((ring * 1024)) -s 262144 -w /dev/null 2>"$place/err" & ;;
	dumpcap) $pin_listener dumpcap -q -i mirror -B "$ring" -s 262144 -w /dev/null >"$place/err" 2>&1 & ;;
	esac
	listener=$!
	case $1 in
	zonetap) until_said 'listening on mirror' "$place/err" ;;
	tcpdump) until_said 'listening on mirror' "$place/err" ;;
	dumpcap) until_said '^File: ' "$place/err" ;;
	esac
	cpu_before=$(cpu_now)
}

finish() {                              # finish TOOL SENT
	case $1 in
	zonetap)
		for _ in 1 2 3 4 5 6 7 8; do    # counters are taken once a second
			sleep 0.5
			in_status >"$place/status"
			read -r seen dropped <"$place/status"
			[ "$seen" -lt "$2" ] || break
		done
		cpu=$(($(cpu_now) - cpu_before))
		kill -TERM $listener
		;;
	*)
		sleep 1.5
		cpu=$(($(cpu_now) - cpu_before))
		kill -INT $listener
		;;
	esac
	wait $listener || true
	listener=
	case $1 in
	tcpdump)
		seen=$(awk '/packets? captured/ { print $1 }' "$place/err")
		dropped=$(awk '/packets? dropped by/ { n += $1 } END { print n + 0 }' "$place/err")
		;;
	dumpcap)
		set -- $(sed -n "s|^Packets received/dropped on interface '[^']*': \([0-9]*\)/\([0-9]*\) .*|\1 \2|p" "$place/err")
		seen=${1:-0} dropped=${2:-0}
		;;
	esac
}

# --- the rates ----------------------------------------------------------------------------------

# try TOOL RATE: true when nothing was lost
try() {
	begin "$1"
	send "$2"
	finish "$1" "$sent"
	echo "$1: $rate packets a second: sent $sent, seen $seen, dropped $dropped" >>"$place/log"
	[ "$seen" -eq "$sent" ] && [ "$dropped" -eq 0 ]
}

measure() {                             # measure TOOL: leaves best and how it ended
	best=0 ended= fails=0 cost=0
	for r in $rates; do
		i=0 good=
		while [ $i -lt "$times" ] && [ -z "$good" ]; do
			i=$((i + 1))
			if try "$1" "$r"; then good=yes; fi
		done
		if [ -n "$good" ] && [ "$rate" -gt "$best" ]; then
			best=$rate ended= fails=0 cost=$((cpu * 10000000 / sent))
		elif [ -n "$good" ]; then
			ended=', as fast as tcpreplay could send'
			break
		else
			fails=$((fails + 1))
			ended=", lost packets at $rate"
			[ $fails -lt 2 ] || break
		fi
	done
	printf '%-8s  %8d packets a second without loss%s; %d ns of CPU a packet\n' "$1" "$best" "$ended" "$cost"
}

echo "$in_capture packets of $(wc -c <"$made") bytes, again and again; each rate for $seconds s; ring $ring MiB; $cpus processors"
for tool in zonetap tcpdump dumpcap; do
	if command -v $tool >/dev/null || [ $tool = zonetap ]; then
		measure $tool
	else
		echo "$tool: SKIP: it is not installed"
	fi
done
[ -z "${BENCH_LOG-}" ] || cat "$place/log"
