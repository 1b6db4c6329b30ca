# Replay into a database: the same answer every time, found again, explained; databases that are not what they should be.
. "$top_srcdir/tests/lib/tap.sh"
demo=$top_srcdir/pcaps/demo/bottling-line.pcap
site=$top_srcdir/rules/site.example.yaml
db=$tap_dir/plant.db

replay() { "$ZONETAP" replay --site "$site" "$@"; }

replay --format jsonl --db "$db" "$demo" >"$tap_dir/first" 2>"$tap_dir/err"
is "a replay succeeds" "$?" 0
is "a replay says nothing on standard error" "$(cat "$tap_dir/err")" ""
ok "there are alerts" test -s "$tap_dir/first"
replay --format jsonl --db "$db" "$demo" >"$tap_dir/second"
same "the second replay prints the same" "$tap_dir/first" "$tap_dir/second"
like "the second replay finds the first" "$(replay --db "$db" "$demo")" "^this run is in .*plant.db already: nothing was changed"
"$ZONETAP" alerts --db "$db" --format jsonl >"$tap_dir/listed"
same "alerts list prints what replay did" "$tap_dir/first" "$tap_dir/listed"
replay --format jsonl --workers 4 "$demo" >"$tap_dir/four"
same "four workers print the same" "$tap_dir/first" "$tap_dir/four"
gzip -c "$demo" >"$tap_dir/bottling-line.pcap.gz"
replay --format jsonl "$tap_dir/bottling-line.pcap.gz" | sed 's/"\(capture\|sha256\|run\)":"[^"]*"/"\1":""/g' >"$tap_dir/gz"
sed 's/"\(capture\|sha256\|run\)":"[^"]*"/"\1":""/g' "$tap_dir/first" >"$tap_dir/plain"
same "a compressed copy has the same alerts" "$tap_dir/plain" "$tap_dir/gz"
like "each alert is one object a line" "$(head -n 1 "$tap_dir/first")" '^\{"uid":"[0-9a-f]{32}","rev":[0-9]+,"rule":"[a-z-]+","title":"'
is "alerts stand in the order of their first hits" \
	"$(sed 's/.*"first_seen":"\([^"]*\)".*/\1/' "$tap_dir/first")" \
	"$(sed 's/.*"first_seen":"\([^"]*\)".*/\1/' "$tap_dir/first" | sort)"

# Another site is another run over the same captures, and the one that counts.
"$ZONETAP" replay --db "$db" "$demo" >/dev/null
"$ZONETAP" replay --format jsonl "$demo" >"$tap_dir/bare"
"$ZONETAP" alerts --db "$db" --format jsonl >"$tap_dir/listed"
same "without a site it is another run, and the list shows the last" "$tap_dir/bare" "$tap_dir/listed"

# --fail-on
replay --fail-on critical "$demo" >/dev/null
is "--fail-on is met" "$?" 3
"$ZONETAP" replay --fail-on critical "$top_srcdir/pcaps/it/office.pcap" >/dev/null
is "--fail-on is not met" "$?" 0

# Reading
db2=$tap_dir/site.db
replay --db "$db2" "$demo" >/dev/null
uid=$(sed -n 's/^{"uid":"\([0-9a-f]*\)".*"rule":"plc-stop".*/\1/p' "$tap_dir/first")
shown=$("$ZONETAP" alerts show "$(printf '%.8s' "$uid")" --db "$db2")
like "show says who" "$shown" "^  who +10\.20\.30\.40$"
like "show says what became of it" "$shown" "^  outcome +accepted$"
like "show names the packets" "$shown" "frame\.number == [0-9]+"
like "show says what to do" "$shown" "^What to do$"
like "show names the technique" "$shown" "T0858 Change Operating Mode"
like "show names requirements carefully" "$shown" "evidence relevant to$"
is "an unknown id is said" "$("$ZONETAP" alerts show feedfeed --db "$db2" 2>&1)" \
	"zonetap: alerts: no alert begins with 'feedfeed': \`zonetap alerts\` lists them"
is "a filter by severity" "$("$ZONETAP" alerts --db "$db2" --severity critical --format jsonl | wc -l)" \
	"$(grep -c '"severity":"critical"' "$tap_dir/first")"
is "a filter by host" "$("$ZONETAP" alerts --db "$db2" --host 10.20.30.40 --format jsonl | grep -vc '10\.20\.30\.40')" 0
like "assets are listed" "$("$ZONETAP" assets --db "$db2")" "^192\.168\.1\.10 +plc-filler +cell-1 +modbus server"
like "an asset is shown by its name" "$("$ZONETAP" assets show plc-filler --db "$db2")" "^192\.168\.1\.10  plc-filler$"
is "an unknown asset is said" "$("$ZONETAP" assets show nobody --db "$db2" 2>&1)" \
	"zonetap: assets: no asset has the address or name 'nobody': \`zonetap assets\` lists them"

# One capture that cannot be read: the others are done, the status says so.
replay --format jsonl --db "$tap_dir/partly.db" "$demo" "$tap_dir/missing.pcap" >"$tap_dir/partly" 2>"$tap_dir/err"
is "a missing capture gives status 1" "$?" 1
is "and one line" "$(wc -l <"$tap_dir/err")" 1
is "and the alerts of the others" "$(wc -l <"$tap_dir/partly")" "$(wc -l <"$tap_dir/first")"

# Databases that are not
text=$tap_dir/text.db
yes "not a database at all" | head -n 400 >"$text"
cp "$text" "$tap_dir/text.copy"
replay --db "$text" "$demo" >"$tap_dir/out" 2>"$tap_dir/err"
is "a file that is no database gives status 1" "$?" 1
is "and one line" "$(cat "$tap_dir/err")" "zonetap: replay: $text: not a database"
is "and no alerts" "$(cat "$tap_dir/out")" ""
same "and is left alone" "$text" "$tap_dir/text.copy"
"$ZONETAP" alerts --db "$tap_dir/none.db" >/dev/null 2>"$tap_dir/err"
is "a missing database gives status 1" "$?" 1
is "and is not made" "$(ls "$tap_dir/none.db" 2>/dev/null)" ""
"$ZONETAP" replay --db "$tap_dir/no/such/folder.db" "$demo" >/dev/null 2>"$tap_dir/err"
is "a database that cannot be made gives status 1" "$?" 1
is "with one line" "$(wc -l <"$tap_dir/err")" 1
"$ZONETAP" alerts shw --db "$db" 2>"$tap_dir/err"
is "a wrong word gives status 2" "$?" 2
like "and the right one" "$(cat "$tap_dir/err")" "did you mean 'show'"
done_testing
