# From start to stop: what was seen is stored, a restart remembers, a second sensor is refused, status and metrics.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay python3
configure 2 "metrics: {file: $place/zonetap.prom, interval: 1s}
health: {heartbeat: 10s}"
capture=$top_srcdir/pcaps/demo/bottling-line.pcap

# One that hangs is asked beside all that follows, since it takes half a minute.
mute=$tap_dir/mute
python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
time.sleep(100)' "$mute" &
hangs=$!
trap 'kill -KILL "$hangs" 2>/dev/null; end_all' EXIT
until [ -S "$mute" ]; do sleep 0.1; done
timeout 60 "$ZONETAP" status --socket "$mute" 2>"$tap_dir/mute.err" &
asks=$!

start_sensor
await 'listening on mirror'
runs "$ZONETAP" run -c "$config"
is "a second sensor is refused" "$status" 1
like "and told why" "$err" 'a sensor answers there already|another sensor'
mode=$(stat -c %a "$socket")
is "the socket is its user's alone" "$mode" 600
play 2000 "$capture"
stop_sensor                             # at once: what is in the ring is still read
is "SIGTERM: it leaves with 0" "$status" 0
is "SIGTERM: what was seen is stored" "$("$ZONETAP" alerts --db "$db" --format jsonl list | grep -vc '"rule":"sensor-')" 9
is "and every alert has ended" "$("$ZONETAP" alerts --db "$db" --format jsonl list | grep -c '"ended":false')" 0
ok "the assets are stored" test "$("$ZONETAP" assets --db "$db" list | wc -l)" -ge 7
is "the socket is gone" "$(ls "$socket" 2>/dev/null)" ""

start_sensor
await 'listening on mirror'
like "a restart remembers the assets" "$(cat "$tap_dir/sensor.err")" '[0-9]+ assets are known from before'
play 2000 "$capture"
sleep 2.5
runs "$ZONETAP" status --socket "$socket"
is "status: leaves with 0" "$status" 0
like "status: interface" "$out" '^mirror: listening, for '
like "status: protocols" "$out" 'protocols +modbus [0-9]+, s7comm [0-9]+'
like "status: talkers" "$out" 'talkers +.*192\.168\.'
like "status: policy" "$out" '^policy: site bottling-3, [0-9a-f]{12}, loaded [0-9]+ s ago; 4 of 5 assets of the site were seen'
like "status: alerts" "$out" '^alerts: [0-9]+ in the last hour'
runs "$ZONETAP" status --socket "$socket" --format json
is "status as JSON" "$(printf '%s' "$out" | python3 -c 'import json, sys
s = json.load(sys.stdin); i = s["interfaces"][0]
print(s["sensor"], i["name"], i["state"], i["packets"], s["database"]["state"], s["alerts"]["last_hour"] > 5)')" \
	"under-test mirror listening 682 ok True"
good_metrics
like "metrics: packets" "$(cat "$place/zonetap.prom")" '^zonetap_packets_total\{interface="mirror"\} 682$'
runs "$ZONETAP" status --socket "$place/nobody"
is "status without a sensor" "$status" 1
like "says so" "$err" 'no sensor answers there'
stop_sensor
is "known machines are not new after a restart" "$(plain_alerts "$tap_dir/sensor.out" | grep -c '"rule": "new-asset"')" 0
is "what is forbidden still is" "$(plain_alerts "$tap_dir/sensor.out" | grep -c '"rule": "write-denied"')" 2

rm -f "$db"*
configure 1 'learning: {for: 1d}'
sed -i 's/^  - name: mirror/&\n    stamps: adapter/' "$config"      # a veth has none: the host's will do
start_sensor
await 'listening on mirror'
play 2000 "$capture"
sleep 0.5
stop_sensor
is "while learning what is new is not alerted" "$(plain_alerts "$tap_dir/sensor.out" | grep -c '"rule": "new-asset"')" 0
is "what is forbidden is" "$(plain_alerts "$tap_dir/sensor.out" | grep -c '"rule": "write-denied"')" 2
like "and it is recorded" "$("$ZONETAP" assets --db "$db" list)" '^10\.20\.30\.40 '
start_sensor
await 'listening on mirror'
ok "learning can be ended" "$ZONETAP" learning --socket "$socket" off
stop_sensor
start_sensor
await 'listening on mirror'
like "and a restart does not begin it again" "$("$ZONETAP" status --socket "$socket" --format json)" '"learning":false'
stop_sensor

# A first try, without a configuration: whoever called sudo, else a user who owns nothing.
env -u SUDO_USER "$ZONETAP" run -i mirror >"$tap_dir/first.out" 2>"$tap_dir/sensor.err" &
sensor=$!
await 'listening on mirror'
if [ "$(id -u)" -eq 0 ]; then
	expected=nobody
	getent passwd zonetap >/dev/null && expected=zonetap
	is "run -i as root becomes somebody else" "$(ps -o user= -p $sensor)" $expected
else
	skip "run -i as root becomes somebody else" "not root"
fi
play 2000 "$capture"
sleep 0.5
kill "$sensor"
wait "$sensor"
is "and leaves with 0" $? 0
like "run -i says alerts as they come" "$(cat "$tap_dir/first.out")" 'told PLC|was told to stop|told .* to stop'

wait "$asks"
is "a sensor that hangs is not waited for without end" $? 1
like "says so" "$(cat "$tap_dir/mute.err")" 'has not answered for 30 s'
done_testing
