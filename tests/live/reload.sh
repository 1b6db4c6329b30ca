# Reload under load: a site with a mistake changes nothing, one without is taken over; no packet is lost and no state
# forgotten, also when everything in it has another number.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay tcpdump python3
configure 3
good=$top_srcdir/rules/site.example.yaml

# The same site with its zones and assets in the opposite order: every number is another.
python3 - "$good" >"$tap_dir/turned.yaml" <<'END'
import sys
out, rows, lists = [], [], ('zones:', 'assets:')
def flush():
    for row in reversed(rows):
        out.extend(row)
    rows.clear()
inside = False
for line in open(sys.argv[1]).read().split('\n'):
    if inside and line.startswith('  - '):
        rows.append([line])
        continue
    if inside and line.startswith('    '):
        rows[-1].append(line)
        continue
    if inside and line.startswith('  #'):
        continue
    flush()
    inside = line.split('#')[0].strip() in lists and not line.startswith(' ')
    out.append(line)
flush()
print('\n'.join(out))
END
ok "the turned site is a good one" "$ZONETAP" check --site "$tap_dir/turned.yaml" --rules "$top_srcdir/rules"
ok "and is another" test "$(grep -n 'name: cell-1' <"$tap_dir/turned.yaml")" != "$(grep -n 'name: cell-1' <"$good")"

start_sensor
await 'listening on mirror' && start_recorder
# shellcheck disable=SC2046 # a list of files
play 1000 $(ls "$top_srcdir"/pcaps/*/*.pcap) &
player=$!
n=0
while kill -0 "$player" 2>/dev/null && [ $n -lt 8 ]; do
	n=$((n + 1))
	case $n in
	3 | 6)
		echo 'zones: [' >"$site"
		runs "$ZONETAP" reload --socket "$socket"
		is "reload $n: a mistake is refused" "$status" 2
		like "reload $n: and told" "$err" "^$site:[0-9]*:[0-9]*: "
		;;
	*)
		if [ $((n % 2)) -eq 0 ]; then cp "$good" "$site"; else cp "$tap_dir/turned.yaml" "$site"; fi
		runs "$ZONETAP" reload --socket "$socket"
		is "reload $n: taken over" "$status:$(printf '%s' "$err" | cut -c 1-7)" "0:loaded "
		;;
	esac
	sleep 0.4
done
cp "$good" "$site"
kill -HUP "$sensor"
ok "SIGHUP reloads too" await 'loaded again'
wait "$player"
sleep 1
"$ZONETAP" status --socket "$socket" --format json >"$tap_dir/status.json"
stop_recorder
stop_sensor
is "it leaves with 0" "$status" 0
same_as_replay "under reloads: the alerts of a replay"
is "nothing is lost" "$(python3 -c 'import json, sys
l = json.load(open(sys.argv[1]))["interfaces"][0]["loss"]
print(l["ring"] + l["handoff"] + l["findings"])' "$tap_dir/status.json")" 0
own_alerts "$tap_dir/sensor.out" >"$tap_dir/own.txt"
like "an alert of reloads" "$(cat "$tap_dir/own.txt")" '^sensor-reload [0-9]* Site and rules were loaded again'
like "an alert of mistakes" "$(cat "$tap_dir/own.txt")" '^sensor-reload-failed 2 '

# A rule that the new policy has no more ends its alert; one that it has new is asked from then on.
configure 1
start_sensor
await 'listening on mirror'
play 1000 "$top_srcdir/pcaps/demo/bottling-line.pcap"
sleep 1
grep -v '^[[:space:]]*#' "$place/rules/20-site.yaml" | sed 's/id: write-denied/id: write-denied-anew/' >"$tap_dir/20.yaml"
cat "$tap_dir/20.yaml" >"$place/rules/20-site.yaml"
runs "$ZONETAP" reload --socket "$socket"
is "rules with another name: taken over" "$status" 0
sleep 0.7
like "the open alert of a rule that is gone ends" "$(cat "$tap_dir/sensor.out")" '"rule":"write-denied",.*"ended":true'
play 1000 "$top_srcdir/pcaps/demo/bottling-line.pcap"
sleep 1
stop_sensor
like "the new rule is asked, also about conversations that were there" "$(cat "$tap_dir/sensor.out")" '"rule":"write-denied-anew"'
done_testing
