# live_lib.sh - sourced by live.sh and forward_live.sh, which have said what they are in $bench: a network namespace of their
# own, the capture that is sent, a pair of veth, the processors.
: "${ZONETAP:?}" "${top_srcdir:?}" "${top_builddir:?}"
ring=${BENCH_RING:-16}
data=$top_builddir/bench-data
made=$data/live.pcap
in_capture=1000000

cannot() {
	echo "$bench: SKIP: $1"
	exit 0
}

if [ -z "${ZT_IN_NAMESPACE-}" ]; then
	for program in unshare ip tcpreplay python3; do
		command -v $program >/dev/null || cannot "$program is not installed"
	done
	how='unshare --net'
	[ "$(id -u)" -eq 0 ] || how="$how --map-current-user --keep-caps"
	$how true 2>/dev/null || cannot "a network namespace cannot be made here ($how)"
	ZT_IN_NAMESPACE=yes exec $how "${SHELL:-/bin/sh}" "$0"
fi

mkdir -p "$data"
[ -s "$made" ] || (cd "$top_srcdir" && "$top_builddir/tests/bench/make_capture" $in_capture tests/bench/mix.txt "$made")
place=$(mktemp -d "${TMPDIR:-/tmp}/zonetap-bench.XXXXXX")
listener=
receiver=
trap 'for pid in $listener $receiver; do kill -KILL "$pid" 2>/dev/null; done; rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
[ ! -w /proc/sys/net/ipv6/conf/default/disable_ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add plant type veth peer name mirror
ip link set plant arp off multicast off up
ip link set mirror arp off multicast off up

# The sender gets the last processor for itself, the listener the others.
cpus=$(getconf _NPROCESSORS_ONLN)
pin_sender= pin_listener=
if command -v taskset >/dev/null && [ "$cpus" -ge 2 ]; then
	pin_sender="taskset -c $((cpus - 1))"
	pin_listener="taskset -c 0-$((cpus - 2))"
fi
user=$(id -un)
if [ "$user" = root ]; then
	user=nobody
	chown nobody "$place"
fi

until_said() {                          # until_said PATTERN FILE
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		grep -q -e "$1" "$2" && return 0
		sleep 0.2
	done
	echo "$bench: it does not begin:" >&2
	cat "$2" >&2
	exit 1
}

cpu_now() {                             # of the listener, so far, in hundredths of a second
	cut -d ')' -f 2 "/proc/$listener/stat" | awk '{ print $12 + $13 }'
}

# send RATE: leaves sent and rate, as tcpreplay says that they became. 0: as fast as it can.
send() {
	$pin_sender tcpreplay -q -K -i plant --no-flow-stats --loop=100 --limit=$(($1 * 1000 * seconds)) --pps=$(($1 * 1000)) "$made" >"$place/sent" 2>&1 || {
		cat "$place/sent" >&2
		exit 1
	}
	sent=$(awk '/Successful packets:/ { print $3 }' "$place/sent")
	rate=$(sed -n 's/^Rated:.* \([0-9.]*\) pps.*/\1/p' "$place/sent" | cut -d . -f 1)
}

