# lib.sh - sourced by the live tests: a network namespace of their own, a mirror in it, a sensor on the mirror.
#
# A test calls `on_a_mirror` first, or `in_namespace "$0"` and what else it needs: it runs once more inside, where nothing
# reaches the machine's network and everything is gone at the end. SKIP with the reason where that cannot be.

TSAN_OPTIONS="suppressions=$top_srcdir/tests/live/tsan.supp ${TSAN_OPTIONS-}"
export TSAN_OPTIONS

needs() {                               # needs PROGRAM...
	for program; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
}

in_namespace() {                        # in_namespace SCRIPT [--mount]: with that, mounts are its own too
	[ -z "${ZT_IN_NAMESPACE-}" ] || return 0
	[ "$(uname -s)" = Linux ] || skip_all "network namespaces are Linux's"
	needs unshare ip
	if [ "$(id -u)" -eq 0 ]; then
		how="unshare --net ${2-}"
	else
		how="unshare --net ${2-} --map-current-user --keep-caps"
	fi
	$how true 2>/dev/null || skip_all "namespaces cannot be made here ($how)"
	rm -rf "$tap_dir"                       # an exec leaves no trap behind
	ZT_IN_NAMESPACE=yes exec $how "$SHELL" "$1"
}

# Nothing in the namespace speaks of its own accord: no IPv6, no ARP.
quiet_link() {                          # quiet_link NAME...: and up
	for link; do
		ip link set "$link" arp off multicast off up
	done
}

new_namespace() {
	if [ -w /proc/sys/net/ipv6/conf/default/disable_ipv6 ]; then
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	fi
}

# A bridge that floods, as a switch's mirror port sees it: what is sent into `plant` arrives at `mirror`.
# `outside` is the other end of the mirror's cable: what would come out of the sensor is seen there.
make_mirror() {
	new_namespace
	ip link add bridge type bridge ageing_time 0 stp_state 0 mcast_snooping 0
	ip link add plant type veth peer name port1
	ip link add mirror type veth peer name outside
	ip link set port1 master bridge
	ip link set outside master bridge
	quiet_link bridge plant port1 mirror outside
}

# --- the sensor ---------------------------------------------------------------------------

# Started as root it becomes a user who owns nothing but this folder; otherwise it stays who it is.
make_place() {
	place=$tap_dir/sensor
	mkdir -p "$place"
	chmod 755 "$tap_dir" "$place"
	if [ "$(id -u)" -eq 0 ]; then
		user=nobody
		chown nobody "$place"
	else
		user=$(id -un)
	fi
	site=$place/site.yaml
	cp "$top_srcdir/rules/site.example.yaml" "$site"
	mkdir "$place/rules"
	cp "$top_srcdir"/rules/[0-9]*.yaml "$top_srcdir/rules/attack.yaml" "$place/rules"
	chmod -R a+rX "$place"
	config=$place/zonetap.yaml
	socket=$place/socket
	db=$place/zonetap.db
}

configure() {                           # configure WORKERS [MORE]
	cat >"$config" <<-END
		sensor: under-test
		interfaces:
		  - name: mirror
		    workers: $1
		    ring: 16MiB
		site: $site
		rules: $place/rules
		database: {path: $db}
		socket: $socket
		user: $user
		${2-}
	END
}

# What most tests begin with.
on_a_mirror() {                         # on_a_mirror PROGRAM...: that it needs
	in_namespace "$0"
	needs "$@"
	make_place
	make_mirror
}

# A disk for the database that can be filled; needs a namespace with --mount.
make_disk() {                           # make_disk SIZE
	disk=$place/disk
	mkdir "$disk"
	mount -t tmpfs -o "size=$1,mode=755" tmpfs "$disk" || skip_all "a small file system cannot be mounted here"
	[ "$user" = "$(id -un)" ] || chown "$user" "$disk"
	db=$disk/zonetap.db
}

# Waits until the sensor says something on stderr.
await() {                               # await PATTERN [SECONDS]
	await_left=$((${2:-10} * 10))
	until grep -q -e "$1" "$tap_dir/sensor.err"; do
		await_left=$((await_left - 1))
		if [ "$await_left" -le 0 ] || ! kill -0 "$sensor" 2>/dev/null; then
			note "the sensor did not say: $1"
			note <"$tap_dir/sensor.err"
			return 1
		fi
		sleep 0.1
	done
}

start_sensor() {                        # with the configuration; alerts go to sensor.out
	: >"$tap_dir/sensor.err"        # now, not when the child gets there: await reads it
	"${SENSOR:-$ZONETAP}" run -c "$config" --print jsonl >"$tap_dir/sensor.out" 2>"$tap_dir/sensor.err" </dev/null &
	sensor=$!
}

stop_sensor() {                         # leaves $status
	kill -TERM "$sensor" 2>/dev/null
	wait "$sensor"
	status=$?
	sensor=
}

# Whatever happens, no sensor and no recorder stays behind.
sensor= recorder=
end_all() {
	for pid in $sensor $recorder; do kill -KILL "$pid" 2>/dev/null; done
	chmod -R u+rwx "$tap_dir" 2>/dev/null
	rm -rf "$tap_dir"
}
trap end_all EXIT

start_recorder() {                      # tcpdump on the mirror, into recorded.pcap
	tcpdump -Z root -i mirror -w "$tap_dir/recorded.pcap" -U --time-stamp-precision=nano >"$tap_dir/recorder.out" 2>&1 &
	recorder=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q 'listening on' "$tap_dir/recorder.out" && return 0
		sleep 0.1
	done
	note <"$tap_dir/recorder.out"
	return 1
}

stop_recorder() {
	kill -INT "$recorder" 2>/dev/null
	wait "$recorder"
	recorder=
}

play() {                                # play PACKETS-A-SECOND FILE...
	pps=$1
	shift
	for file; do
		tcpreplay -q -i plant --pps "$pps" "$file" >/dev/null 2>&1 || return 1
	done
}

# Alerts that are not of the sensor itself: the last revision of each, without what differs between listening and
# reading: place, evidence, run, sensor; and without the members named in PLAIN_WITHOUT.
plain_alerts() {                        # plain_alerts FILE
	python3 - "$1" "${PLAIN_WITHOUT-}" <<-'END'
		import json, sys
		last = {}
		for line in open(sys.argv[1]):
		    alert = json.loads(line)
		    if not alert['rule'].startswith('sensor-'):
		        last[alert['uid']] = alert
		for alert in last.values():
		    for member in ['uid', 'rev', 'evidence', 'sensor', 'run'] + sys.argv[2].split():
		        alert.pop(member, None)
		for line in sorted(json.dumps(a, sort_keys=True) for a in last.values()):
		    print(line)
	END
}

# The last revisions of the sensor's own alerts: rule, count, text.
own_alerts() {                          # own_alerts FILE
	python3 - "$1" <<-'END'
		import json, sys
		last = {}
		for line in open(sys.argv[1]):
		    alert = json.loads(line)
		    if alert['rule'].startswith('sensor-'):
		        last[alert['uid']] = alert
		for alert in last.values():
		    print(alert['rule'], alert['count'], alert['text'])
	END
}

same_as_replay() {                      # same_as_replay NAME: sensor.out against recorded.pcap
	"$ZONETAP" replay --site "$top_srcdir/rules/site.example.yaml" --rules "$top_srcdir/rules" --format jsonl \
		"$tap_dir/recorded.pcap" >"$tap_dir/replay.out" 2>"$tap_dir/replay.err"
	plain_alerts "$tap_dir/sensor.out" >"$tap_dir/live.txt"
	plain_alerts "$tap_dir/replay.out" >"$tap_dir/replay.txt"
	same "$1" "$tap_dir/live.txt" "$tap_dir/replay.txt"
	ok "$1: there are some" test -s "$tap_dir/replay.txt"
}

# What the sensor writes for Prometheus, with that in the configuration.
good_metrics() {
	. "$top_srcdir/tests/peers/lib.sh"
	if peer promtool promtool; then
		ok "promtool accepts the metrics" "$peer" check metrics <"$place/zonetap.prom"
	else
		skip "promtool accepts the metrics" "$why"
	fi
}

# Counters of a link in this namespace (/sys shows the one that it was mounted in).
link_packets() {                        # link_packets NAME rx|tx
	ip -s -j link show "$1" | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["stats64"][sys.argv[1]]["packets"])' "$2"
}

# Builds shim.c and leaves its path in $shim.
make_shim() {
	shim=$tap_dir/shim.so
	${CC:-cc} -shared -fPIC -o "$shim" "$top_srcdir/tests/live/shim.c" 2>"$tap_dir/shim.err" || skip_all "the shim cannot be built: $(head -n 1 "$tap_dir/shim.err")"
	if ! LD_PRELOAD=$shim "$ZONETAP" --version >/dev/null 2>&1; then
		skip_all "nothing can be preloaded into this program (a sanitizer is built in)"
	fi
}
