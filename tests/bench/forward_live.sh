#!/bin/sh
# forward_live.sh - `make bench-forward-live`: what sinks cost the capture path, side by side: without any, with receivers
# that take what they get, with nobody there, and with receivers that accept a connection and never read nor answer (one
# over HTTP, one of syslog over TCP). The place and the sender are those of live.sh; no conduit allows anything, so that there
# are alerts.
#   BENCH_RATE     thousands of packets a second (default 300)
#   BENCH_SECONDS  how long they are sent (default 10)
#   BENCH_TIMES    how often each is measured, in turn (default 2)
set -eu
bench=bench-forward-live
. "$top_srcdir/tests/bench/live_lib.sh"
seconds=${BENCH_SECONDS:-10}
helper=$top_srcdir/tests/bench/forward_live.py
ip link set lo up
sed '/^conduits:/,$d' "$top_srcdir/tests/bench/site.yaml" >"$place/site.yaml"
chmod a+r "$place/site.yaml"

configure() {                           # configure CASE
	cat >"$place/zonetap.yaml" <<-END
		interfaces: [{name: mirror, ring: ${ring}MiB}]
		site: $place/site.yaml
		rules: $top_srcdir/rules
		database: {path: $place/zonetap.db}
		socket: $place/socket
		user: $user
	END
	[ "$1" = none ] || cat >>"$place/zonetap.yaml" <<-END
		forward:
		  - {name: http, type: webhook, url: 'http://127.0.0.1:8080/', max_time: 5s}
		  - {name: tcp, type: syslog, url: 'tcp://127.0.0.1:8514', max_time: 5s}
	END
}

receive() {                             # receive CASE
	case $1 in up | hanging) ;; *) return 0 ;; esac
	$pin_sender python3 "$helper" receive "$1" 8080 8514 >"$place/receiver" 2>&1 &
	receiver=$!
	until_said 'listening' "$place/receiver"
}

end() {                                 # end PID-VARIABLE SIGNAL
	eval "pid=\$$1"
	[ -n "$pid" ] || return 0
	kill "-$2" "$pid"
	wait "$pid" 2>/dev/null || true
	eval "$1="
}

status() {
	"$ZONETAP" status --socket "$place/socket" --format json
	echo
}

measure() {                             # measure CASE
	configure "$1"
	rm -f "$place"/zonetap.db*
	receive "$1"
	: >"$place/err"
	$pin_listener "$ZONETAP" run -c "$place/zonetap.yaml" >"$place/out" 2>"$place/err" </dev/null &
	listener=$!
	until_said 'listening on mirror' "$place/err"
	cpu_before=$(cpu_now)
	(while sleep 0.5; do status; done) >"$place/status" 2>/dev/null &
	sampler=$!
	send "${BENCH_RATE:-300}"
	sleep 3                         # counters are taken once a second
	kill $sampler
	cpu=$(($(cpu_now) - cpu_before))
	status >>"$place/status"
	python3 "$helper" row "$1" "$sent" "$rate" "$cpu" "$place/status" "$place/zonetap.db"
	end listener TERM               # which stores the last revisions of all
	end receiver KILL
}

echo "$in_capture packets of $(wc -c <"$made") bytes, again and again, for $seconds s; ring $ring MiB; $cpus processors"
python3 "$helper" head
n=0
while [ $n -lt "${BENCH_TIMES:-2}" ]; do
	for case in none up refusing hanging; do
		measure $case
	done
	n=$((n + 1))
done
