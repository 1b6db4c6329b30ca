# A while of traffic from ever new addresses, far beyond every limit, with reloads all the time: no crash, memory
# flat, counters add up, limits are told. An hour in `make check-long`.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
in_namespace "$0"
needs tcpreplay python3
make_place
make_mirror
configure 2 'limits: {flows: 1024, assets: 256, conversations: 1024, pairs: 1024, alerts: 64, waiting: 256, thresholds: 256}'
seconds=20
[ "${ZONETAP_LONG-}" != yes ] || seconds=3600

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$sensor/status"; }

start_sensor
ok "it listens" await 'listening on mirror'
until=$(($(date +%s) + seconds))
(
	while [ "$(date +%s)" -lt "$until" ]; do
		for f in mixed/polling it/office modbus/functions s7comm/services enip/services; do
			[ "$(date +%s)" -lt "$until" ] || break
			tcpreplay -q -i plant --pps 10000 --loop 20 --unique-ip "$top_srcdir/pcaps/$f.pcap" >/dev/null 2>&1
		done
	done
) &
player=$!
refused=0
while kill -0 "$player" 2>/dev/null; do
	sleep $((seconds > 600 ? 60 : 2))
	"$ZONETAP" reload --socket "$socket" >/dev/null 2>&1 || refused=$((refused + 1))
	memory >>"$tap_dir/memory.txt"
done
sleep 1.5
runs "$ZONETAP" status --socket "$socket" --format json
printf '%s' "$out" >"$tap_dir/status.json"
stop_sensor
is "it leaves with 0" "$status" 0
is "every reload was taken over" "$refused" 0
is "every packet is accounted for, and what was lost has a name" "$(python3 - "$tap_dir/status.json" <<-'END'
	import json, sys
	i = json.load(open(sys.argv[1]))['interfaces'][0]
	c, l = i['coverage'], i['loss']
	named = sum(c[k] for k in ('followed', 'not_ip', 'fragments_held', 'cut', 'broken', 'unknown_link', 'no_memory'))
	print(i['packets'] > 10000, i['packets'] - named, i['received'] - i['packets'] - l['ring'])
END
)" "True 0 0"
is "the tables are full and no fuller" "$(python3 -c 'import json, sys
s = json.load(open(sys.argv[1])); print(s["assets"], s["conversations"])' "$tap_dir/status.json")" "256 1024"
like "limits are told" "$(own_alerts "$tap_dir/sensor.out")" '^sensor-limit [0-9]+ There is no room for more assets'
like "of other tables as well" "$(own_alerts "$tap_dir/sensor.out")" '^sensor-limit [0-9]+ There is no room for more conversations'
note "memory, KiB: $(tr '\n' ' ' <"$tap_dir/memory.txt" | cut -c 1-2000)"
# The first tenth fills the tables and the rings; from then on nothing grows.
if "$ZONETAP" --version | grep -q 'built with sanitizers'; then
	skip "memory is flat" "sanitizers are built in, which keep what was freed"
else
	is "memory is flat: the last tenth against the second" "$(python3 - "$tap_dir/memory.txt" <<-'END'
		import sys
		m = [int(x) for x in open(sys.argv[1])]
		n = max(1, len(m) // 10)
		first, last = max(m[n:2 * n + 2]), max(m[-n:])
		print('flat' if last <= first * 1.05 else '%d to %d' % (first, last))
END
)" flat
fi
done_testing
