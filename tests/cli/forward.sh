# `zonetap replay --forward`: what a run stores arrives at every sink of a configuration, once; what does not is said, waits,
# and is sent by the next run.
. "$top_srcdir/tests/lib/tap.sh"
demo=$top_srcdir/pcaps/demo/bottling-line.pcap
site=$top_srcdir/rules/site.example.yaml
ZONETAP_RULES=$top_srcdir/rules
export ZONETAP_RULES
cd "$tap_dir" || exit 99

cat >two.yaml <<END
interfaces: [{name: e0}]
sensor: north
forward:
  - {name: all, type: file, path: all.jsonl, batch_age: 50ms}
  - {name: cef, type: file, path: all.cef, format: cef}
END
replay() { "$ZONETAP" replay --site "$site" --forward "$@"; }

# --- all is well
runs replay -c two.yaml --db a.db "$demo"
is "a replay that forwards" "$status$err" "0"
"$ZONETAP" alerts --db a.db --format jsonl >last
n=$(wc -l <all.jsonl)
like "what was delivered is said" "$out" "^all: $n records delivered to .*all.jsonl \(file, json\)$"
is "each alert arrived in its last revision as the list has it" "$(grep -cxFf last all.jsonl)" "$(wc -l <last)"
is "each revision once" "$(sed 's/^{"uid":"\([0-9a-f]*\)","rev":\([0-9]*\).*/\1-\2/' all.jsonl | sort | uniq -d)" ""
is "revisions of an alert in order" "$(sed 's/^{"uid":"\([0-9a-f]*\)","rev":\([0-9]*\).*/\1 \2/' all.jsonl |
	awk '$2 != ++seen[$1] { print }')" ""
is "the same records in another format" "$(grep -c '^CEF:0|zonetap|' all.cef)" "$n"
runs replay -c two.yaml --db a.db "$demo"
like "the same run again forwards nothing new" "$status $out" "already: nothing was changed, nothing new is forwarded"
is "and nothing arrives" "$(wc -l <all.jsonl)" "$n"
is "neither are there heartbeats" "$(grep -c sink-heartbeat all.jsonl)" 0

# --- a sink that comes later gets what is stored from then on
sed 's/name: cef/name: late/; s/all.cef/late.cef/' two.yaml >late.yaml
runs replay -c late.yaml --db a.db "$top_srcdir/pcaps/mixed/"*.pcap*
is "another run" "$status$err" "0"
is "both have all of it, one also what was before" "$(($(wc -l <all.jsonl) - n))" "$(grep -c '' late.cef)"

# --- a filter
sed 's/name: cef/name: some, filter: "severity >= high \&\& server.zone == cell-1"/; s/all.cef/some.cef/; s/all.jsonl/every.jsonl/' two.yaml >some.yaml
runs replay -c some.yaml --db d.db "$demo"
is "a filter" "$status$err" "0"
want=$(grep -c '"severity":"\(high\|critical\)".*"server":{[^}]*"zone":"cell-1"' every.jsonl)
like "what it left out is said" "$out" "^some: [1-9][0-9]* records? delivered to .*, [1-9][0-9]* left out by its filter$"
is "what arrives is what it lets through" "$(wc -l <some.cef)" "$want"

# --- one that is away
mkdir away
cat >away.yaml <<END
interfaces: [{name: e0}]
forward:
  - {name: here, type: file, path: here.jsonl}
  - {name: gone, type: file, path: away/gone.jsonl, backoff_min: 100ms}
END
rmdir away
runs replay -c away.yaml --give-up 1 --db b.db "$demo"
is "a sink that cannot be reached: status 1" "$status" 1
like "what is left, and why" "$err" "^zonetap: replay: gone: $n records are left for it in the database: .*away/gone.jsonl"
is "one line" "$(printf '%s\n' "$err" | wc -l)" 1
is "the other has everything" "$(wc -l <here.jsonl)" "$n"
mkdir away
runs replay -c away.yaml --db b.db "$demo"
is "the next run sends what was left" "$status$err" "0"
is "all of it" "$(wc -l <away/gone.jsonl)" "$n"
is "and nothing twice to the other" "$(wc -l <here.jsonl)" "$n"

# --- mistakes
runs "$ZONETAP" replay --forward "$demo"
like "without a database" "$status $err" "^2 zonetap replay: --forward needs --db: what is not delivered at once waits there"
runs "$ZONETAP" replay -c two.yaml "$demo"
like "a configuration for nothing" "$status $err" "^2 zonetap replay: --config goes with --forward"
echo 'interfaces: [{name: e0}]' >none.yaml
runs replay -c none.yaml --db c.db "$demo"
is "no sinks" "$status $err" "2 zonetap: replay: none.yaml: there is no sink in 'forward' to send to"
echo 'forward: [{name: x, type: webhook, url: "https://localhost", token_file: no/such/token}]' >>none.yaml
runs replay -c none.yaml --db c.db "$demo"
like "a secret that cannot be read" "$status $err" "^1 zonetap: replay: .*no/such/token"
if command -v flock >/dev/null; then
	runs flock a.db.forward.lock "$ZONETAP" replay --forward -c two.yaml --db a.db "$demo"
	like "while another process forwards" "$status $err" "^1 zonetap: replay: another zonetap forwards the alerts of this database"
else
	skip "while another process forwards" "there is no flock"
fi
done_testing
