# zonetap forward: what it lists of a database, and what it says to mistakes. What it sends: tests/live/sinks.sh.
. "$top_srcdir/tests/lib/tap.sh"

rules=$top_srcdir/rules
cat >"$tap_dir/zonetap.yaml" <<END
interfaces: [{name: mirror}]
database: {path: $tap_dir/plant.db}
forward:
  - {name: soc, type: webhook, url: 'http://127.0.0.1:9/'}
  - {name: agent, type: syslog, url: 'udp://siem.example'}
  - {name: hec, type: splunk, url: 'https://127.0.0.1:9/', token_file: $tap_dir/no-such-token}
END
forward() { runs "$ZONETAP" forward -c "$tap_dir/zonetap.yaml" "$@"; }
says() {                                # says NAME STATUS MESSAGE OPTION...
	says_name=$1 says_status=$2 says_err=$3
	shift 3
	forward "$@"
	is "$says_name" "$status $err" "$says_status $says_err"
	is "$says_name: nothing on standard output" "$out" ""
}
try="
Try 'zonetap forward --help'."

like "without a database" "$("$ZONETAP" forward -c "$tap_dir/zonetap.yaml" 2>&1)" "^zonetap: forward: .*plant\\.db"
"$ZONETAP" replay --site "$rules/site.example.yaml" --rules "$rules" --db "$tap_dir/plant.db" "$top_srcdir/pcaps/demo/bottling-line.pcap" \
	>"$tap_dir/replay.out" || exit 99

before=$(sha256sum <"$tap_dir/plant.db")
forward
is "the list: status" "$status$err" 0
is "sinks that the database does not know yet" "$(printf '%s\n' "$out" | sed 's/  */ /g')" "SINK TYPE FORMAT DELIVERED WAITING OLDEST DEAD DROPPED TO
soc webhook json - - - - - 127.0.0.1:9
agent syslog rfc5424 - - - - - siem.example
hec splunk json - - - - - 127.0.0.1:9"
listed=$out
forward list
is "list is what is done without a word" "$out" "$listed"
forward list --format jsonl
is "as JSON lines" "$(printf '%s\n' "$out" | python3 -c 'import json, sys
print(*[(s["name"], s["to"], s["known"]) for s in map(json.loads, sys.stdin)])')" \
	"('soc', '127.0.0.1:9', False) ('agent', 'siem.example', False) ('hec', '127.0.0.1:9', False)"
forward --dead
is "no dead letters" "$status $out" "0 no dead letters"
forward --dead --format jsonl
is "no dead letters as JSON lines" "$status $out" "0 "
is "the database is as it was" "$(sha256sum <"$tap_dir/plant.db")" "$before"

forward --test soc
is "a test that fails: status" "$status" 1
like "the record" "$out" '^ok    record        [0-9]+ bytes as json$'
like "the step" "$out" '^FAIL  connection    .*[Cc]onnection refused'
like "and what came of it" "$out" '^The test alert did not reach soc: .*[Cc]onnection refused'
is "no colours in a pipe" "$(printf '%s' "$out" | tr -d '\n[:print:]' | wc -c)" 0
forward --test hec
is "a secret that is not there: status" "$status" 1
like "and which" "$out" "^FAIL  settings      token_file $tap_dir/no-such-token cannot be read: No such file"
forward --retry-dead soc
is "nothing was refused" "$status $out" "0 0 dead letters delivered to soc"

# A letter goes out as the alert that it was, with the time it had.
cat >"$tap_dir/file.yaml" <<END
interfaces: [{name: mirror}]
database: {path: $tap_dir/sent.db}
forward: [{name: lines, type: file, format: rfc5424, path: $tap_dir/lines}]
END
"$ZONETAP" replay --site "$rules/site.example.yaml" --rules "$rules" --db "$tap_dir/sent.db" --forward -c "$tap_dir/file.yaml" \
	"$top_srcdir/pcaps/demo/bottling-line.pcap" >"$tap_dir/replay.out" 2>&1 || exit 99
python3 - "$tap_dir/sent.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO dead_letters (sink, id, uid, rev, level, json, why, dead_ns) "
           "SELECT 'lines', id, uid, rev, level, json, 'no', 1795623560625000000 FROM outbox ORDER BY id LIMIT 1")
db.commit()
END
runs "$ZONETAP" forward -c "$tap_dir/file.yaml" --retry-dead lines
is "a dead letter is sent again" "$status $out" "0 1 dead letter delivered to lines"
is "as it was, with its own time" "$(tail -n 1 "$tap_dir/lines")" "$(head -n 1 "$tap_dir/lines")"

says "a sink that is almost one" 2 "zonetap: forward: $tap_dir/zonetap.yaml has no sink 'sock': did you mean 'soc'?" --test sock
says "a sink that is none" 2 "zonetap: forward: $tap_dir/zonetap.yaml has no sink 'elsewhere'" --retry-dead elsewhere
says "two things" 2 "zonetap forward: one of --test, --since, --dead, --retry-dead and --mapping at a time$try" --test soc --dead
says "a word that is none" 2 "zonetap forward: unknown operand 'soc'$try" soc
says "since, to whom" 2 "zonetap forward: --since TIME wants the sink to send to$try" --since 2h
for t in 2 yesterday 2h3 -1h 2199-01-01T00:00:00Z ''; do
	says "since '$t'" 2 "zonetap forward: --since: not a time of the past: '$t' (like 2h, 3d or 2026-11-25T08:00:00Z)$try" "--since=$t" soc
done
says "a format for a test" 2 "zonetap forward: --format goes with the list and with --dead$try" --test soc --format jsonl
sed -i '/^forward:/,$d' "$tap_dir/zonetap.yaml"
says "a configuration without sinks" 2 "zonetap: forward: $tap_dir/zonetap.yaml: there is no sink in 'forward'"
echo 'forwrd: []' >>"$tap_dir/zonetap.yaml"
forward
is "a configuration with a mistake" "$status$out" 2
like "and where" "$err" "zonetap.yaml:3:1: .*forwrd"

runs "$ZONETAP" forward --mapping table
like "the mapping as a table" "$out" '^uid	cef	externalId'
runs "$ZONETAP" forward --mapping man
like "the mapping for the manual" "$out" '^\.It'
done_testing
