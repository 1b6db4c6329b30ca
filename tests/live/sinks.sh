# A running sensor and a receiver over HTTPS that goes and comes, refuses and lets in again: what the sensor says of it, as
# alerts, status and metrics, and what `zonetap forward` can do meanwhile.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay python3 openssl
ip link set lo up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tap_dir/key.pem" -out "$place/ca.pem" -days 2 \
	-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 >/dev/null 2>&1 || skip_all "openssl cannot make a certificate"
chmod a+r "$place/ca.pem"
configure 1 "metrics: {file: $place/zonetap.prom, interval: 1s}
forward:
  - {name: soc, type: webhook, url: 'https://127.0.0.1:8443/', cacert: $place/ca.pem, batch_age: 50ms, backoff_min: 100ms, heartbeat: off}
  - {name: few, type: webhook, url: 'https://127.0.0.1:8443/', insecure: true, filter: severity >= critical, heartbeat: off}"
got=$tap_dir/got.jsonl
code=$tap_dir/code

receiver=
start_receiver() {                      # start_receiver: answers with 200
	echo 200 >"$code"
	python3 "$top_srcdir/tests/live/receiver.py" 8443 "$place/ca.pem" "$tap_dir/key.pem" "$code" "$got" 2>"$tap_dir/receiver.err" &
	receiver=$!
}
stop_receiver() {
	kill -KILL "$receiver" 2>/dev/null
	wait "$receiver" 2>/dev/null
	receiver=
}
trap 'stop_receiver; end_all' EXIT

# sink NAME MEMBER: of the status, now.
sink() {
	"$ZONETAP" status --socket "$socket" --format json | python3 -c 'import json, sys
print([s for s in json.load(sys.stdin)["sinks"] if s["name"] == sys.argv[1]][0].get(sys.argv[2]))' "$1" "$2"
}
# becomes NAME MEMBER VALUE: within ten seconds; prints what it is then.
becomes() {
	n=0
	while [ "$(sink "$1" "$2")" != "$3" ] && [ $n -lt 50 ]; do sleep 0.2; n=$((n + 1)); done
	sink "$1" "$2"
}
# said RULE: how many alerts of that rule were made. Within ten seconds one.
said() {
	n=0
	until grep -q "\"rule\":\"$1\"" "$tap_dir/sensor.out" || [ $n -ge 50 ]; do sleep 0.2; n=$((n + 1)); done
	own_alerts "$tap_dir/sensor.out" | grep "^$1 "
}
# arrived: uid and revision of what the receiver has, each once.
arrived() {
	python3 -c 'import json, sys
for x in sorted({(a["uid"], a["rev"]) for a in map(json.loads, open(sys.argv[1]))}): print(*x)' "$got"
}
forward() { runs "$ZONETAP" forward -c "$config" "$@"; }

: >"$got"
start_receiver
start_sensor
await 'listening on mirror'
play 2000 "$top_srcdir/pcaps/demo/bottling-line.pcap"
sleep 2
is "everything is delivered" "$(becomes soc waiting 0) $(becomes soc state idle)" "0 idle"
python3 -c 'import json, sys
for x in sorted((a["uid"], a["rev"]) for a in map(json.loads, open(sys.argv[1]))): print(*x)' "$tap_dir/sensor.out" >"$tap_dir/made"
arrived >"$tap_dir/arrived"
is "and the receiver has it, under the filter of a sink's thread" "$(comm -23 "$tap_dir/arrived" "$tap_dir/made" | wc -l) $(test "$(wc -l <"$tap_dir/arrived")" -ge 9 && echo enough)" "0 enough"
is "one sink sends what its filter lets pass" "$(sink few filtered | grep -c '^[1-9]') $(sink few sent | grep -c '^[1-3]$')" "1 1"
like "that the other does not verify is said" "$(said sensor-sink-insecure)" '^sensor-sink-insecure 1 .*few \(127.0.0.1:8443\) does not verify'
runs "$ZONETAP" status --socket "$socket"
like "status: a table of sinks" "$out" '^  sink +state +for +waiting +oldest +sent +retries +dead +dropped +latency  to$'
like "status: one of them" "$out" '^  soc   idle .* [1-9][0-9]* ms  127.0.0.1:8443$'
good_metrics
like "metrics: sent" "$(cat "$place/zonetap.prom")" '^zonetap_sink_sent_records_total\{sink="soc"\} [1-9]'
like "metrics: up" "$(cat "$place/zonetap.prom")" '^zonetap_sink_up\{sink="soc"\} 1$'

stop_receiver
"$ZONETAP" reload --socket "$socket" >/dev/null 2>&1       # which is an alert, and so are the next ones
like "down is an alert" "$(said sensor-sink-down)" '^sensor-sink-down [1-9]* Sink soc \(127.0.0.1:8443\) takes no alerts: .*[Cc]onnection refused'
is "and a state" "$(becomes soc state retrying)" retrying
like "with the reason" "$("$ZONETAP" status --socket "$socket")" '^        .*[Cc]onnection refused'
forward
like "the list says what waits" "$out" '^soc +webhook +json +[0-9]+ of [0-9]+ +[1-9]'
forward --test soc
is "a test of it fails" "$status" 1
like "and says at which step" "$out" '^FAIL  connection .*[Cc]onnection refused'
start_receiver
like "up is an alert too" "$(said sensor-sink-up)" '^sensor-sink-up 1 Sink soc .* takes alerts again'
is "what waited is delivered" "$(becomes soc waiting 0)" 0
like "with the alert about the receiver itself" "$(cat "$got")" '"rule":"sensor-sink-down"'

forward --test soc
is "a test that arrives" "$status" 0
like "tells the certificate" "$out" '^ok    tls .*CN ?= ?localhost.*good until'
like "and the status" "$out" '^ok    http +HTTP 200'
like "and is marked" "$(tail -n 1 "$got")" '"rule":"forward-test".*TEST'
before=$(sink soc sent)
forward --since 1h soc
is "everything of the last hour once more" "$status $(printf '%s' "$out" | grep -c '^[1-9][0-9]* records delivered to soc$')" "0 1"
# The sensor may have had something of its own to send meanwhile, but not all of that.
ok "beside the sensor" test "$(sink soc sent)" -lt $((before + ${out%% *}))

echo 400 >"$code"
echo 'zones: {' >>"$site"
"$ZONETAP" reload --socket "$socket" >/dev/null 2>&1
like "what is refused is an alert, with the receiver's words" "$(said sensor-sink-dead-letters)" \
	'^sensor-sink-dead-letters 1 The receiver of sink soc refused 1 alert for good; it said: .*the receiver does not like it'
sleep 3                                 # that alert was refused as well
forward --dead soc --format jsonl
is "an alert about a dead letter that is one itself makes no third" \
	"$(printf '%s\n' "$out" | python3 -c 'import json, sys
print(*[json.loads(l)["alert"]["rule"] for l in sys.stdin])') $(said sensor-sink-dead-letters | cut -d ' ' -f 2)" \
	"sensor-reload-failed sensor-sink-dead-letters 1"
forward --dead
like "the list of dead letters" "$out" '^20.* soc +medium +[0-9a-f]+-1 .*the receiver does not like it'
forward --retry-dead soc
is "they are refused again and kept" "$status $(printf '%s' "$out" | head -n 1)" "1 0 dead letters delivered to soc, 2 refused for good"
echo 200 >"$code"
forward --retry-dead soc
is "the receiver takes them after all" "$status $out" "0 2 dead letters delivered to soc"
forward --dead
is "and they are gone" "$out" "no dead letters"

echo 401 >"$code"
ip link set mirror down
like "who is not let in says so" "$(said sensor-sink-paused)" '^sensor-sink-paused [1-9]* The receiver of sink soc .* does not let this sensor in: .*401'
is "and pauses" "$(becomes soc state paused)" paused
stop_sensor
is "the sensor ends all the same" "$status" 0
forward
like "the list needs no sensor" "$out" '^soc +webhook +json +[0-9]+ of [0-9]+ +[1-9]'
active() {                              # how many sinks the outbox is kept for
	python3 -c 'import sqlite3, sys
print(sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).execute("SELECT count(*) FROM sinks WHERE active").fetchone()[0])' "$db"
}
is "the outbox is kept for both sinks" "$(active)" 2
cp "$top_srcdir/rules/site.example.yaml" "$site"
configure 1
start_sensor
await 'waiting: mirror'
is "and for none when the last one was taken out of the configuration" "$(active)" 0
stop_sensor
done_testing
