# Valgrind over start, work, reload and stop of a live sensor: nothing is leaked, nothing is read that was not written.
# Minutes, not seconds: in `make check-long`.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
[ -n "${ZONETAP_LONG-}" ] || skip_all "takes a minute: make check-long"
in_namespace "$0"
needs valgrind tcpreplay python3
if "$ZONETAP" --version | grep -q 'built with sanitizers'; then
	skip_all "a program with sanitizers does not run under valgrind"
fi
make_place
make_mirror
configure 2 "metrics: {file: $place/zonetap.prom, interval: 1s}
health: {heartbeat: 10s, silence: 1s}"

# Valgrind's machine has no seccomp(2), so the filters of system calls are left to the other tests.
make_shim
cat >"$tap_dir/valgrind" <<-EOF
	#!/bin/sh
	export LD_PRELOAD="$shim" ZT_SHIM_NO_SECCOMP=yes
	exec valgrind --quiet --vgdb=no --leak-check=full --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite,possible \
		--error-exitcode=42 --log-file=$tap_dir/valgrind.%p "$ZONETAP" "\$@"
EOF
chmod a+rx "$tap_dir/valgrind"
SENSOR=$tap_dir/valgrind
start_sensor
ok "it listens" await 'listening on mirror' 60
for f in "$top_srcdir"/pcaps/*/*.pcap; do play 300 "$f"; done
runs "$ZONETAP" status --socket "$socket" --format json
is "it answers" "$status" 0
echo 'zones: [' >"$site"
runs "$ZONETAP" reload --socket "$socket"
is "a site with a mistake is refused" "$status" 2
cp "$top_srcdir/rules/site.example.yaml" "$site"
runs "$ZONETAP" reload --socket "$socket"
is "a good one is taken over" "$status" 0
: >"$tap_dir/sensor.err"
ip link set mirror down
ok "an interface goes" await 'waiting: mirror' 30
ip link set mirror up
ok "and comes back" await 'listening on mirror' 30
play 300 "$top_srcdir/pcaps/demo/bottling-line.pcap"
rm -f "$db"
play 300 "$top_srcdir/pcaps/s7comm/snap7.pcap"
sleep 3
ok "it found things" grep -q '"rule":"write-denied"' "$tap_dir/sensor.out"
stop_sensor
is "it leaves with 0: no error and no leak" "$status" 0
is "valgrind says nothing" "$(grep -h '^==' "$tap_dir"/valgrind.[0-9]*)" ""
done_testing
