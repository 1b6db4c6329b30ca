# Somebody sets the clock a day forward and then fifty years back: the sensor goes on, says so, and tells the new time.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay python3
make_shim
configure 2

set_clock() {                           # set_clock NANOSECONDS: ahead of this machine's
	python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as f: f.write(struct.pack("=q", int(sys.argv[2])))' "$ahead" "$1"
	sleep 0.5
}
ahead=$place/ahead
head -c 8 /dev/zero >"$ahead"
chmod a+r "$ahead"
day=86400000000000
decades=-1577847600000000000

export ZT_SHIM_CLOCK="$ahead"
LD_PRELOAD=$shim start_sensor
ok "it listens" await 'listening on mirror'
now=$(date -u +%s)
play 2000 "$top_srcdir/pcaps/demo/bottling-line.pcap"
sleep 0.7
set_clock "$day"
play 2000 "$top_srcdir/pcaps/s7comm/snap7.pcap"
sleep 0.7
set_clock "$decades"
play 2000 "$top_srcdir/pcaps/modbus/pymodbus.pcap"
sleep 1.5
ended=$(plain_alerts "$tap_dir/sensor.out" | grep -c '"ended": true')
runs "$ZONETAP" status --socket "$socket" --format json
stop_sensor
is "it leaves with 0" "$status" 0
is "its own time goes on" "$(printf '%s' "$out" | python3 -c 'import json, sys
print(json.load(sys.stdin)["running_s"] < 60)')" True
python3 - "$tap_dir/sensor.out" "$now" >"$tap_dir/found.txt" <<'END'
import json, sys, datetime
last = {}
for line in open(sys.argv[1]):
    alert = json.loads(line)
    last[alert['uid']] = alert
now = int(sys.argv[2])
def seconds(text):
    return datetime.datetime.fromisoformat(text[:19] + '+00:00').timestamp()
days = {'demo': set(), 's7comm': set(), 'modbus': set()}
for a in last.values():
    day = round((seconds(a['first_seen']) - now) / 86400)
    if a['rule'] == 'write-denied' and a['client'].get('asset') == 'hmi-1':
        days['demo'].add(day)
    elif a.get('proto') in ('s7comm', 'modbus') and a['client']['ip'].startswith('192.0.2.'):
        days[a['proto']].add(day)
    if a['rule'] == 'sensor-clock-jump':
        print('jump', a['count'])
for what, of in days.items():
    print(what, *sorted(of))
END
is "alerts before are told in the time before" "$(grep ^demo "$tap_dir/found.txt")" "demo 0"
is "alerts after the first jump in the new time" "$(grep ^s7comm "$tap_dir/found.txt")" "s7comm 1"
is "alerts after the second jump in that" "$(grep ^modbus "$tap_dir/found.txt")" "modbus -18262"
is "no alert was ended by the jumps" "$ended" 0
is "the jumps are alerts" "$(grep ^jump "$tap_dir/found.txt")" "jump 2"
like "how far it was set is said" "$(own_alerts "$tap_dir/sensor.out")" '^sensor-clock-jump 2 The clock was set forward by 8(6400\.0|6399\.9)'
done_testing
