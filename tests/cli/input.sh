# Captures that are not there, not captures, or cut: one line that names the file and the reason, the others
# are still done, status 1.
. "$top_srcdir/tests/lib/tap.sh"
line=$top_srcdir/pcaps/demo/bottling-line.pcap
cd "$tap_dir" || exit 99

"$ZONETAP" events --format jsonl --omit capture "$line" >want
events=$(wc -l <want)

# refuses NAME FILE MESSAGE: alone, and with a good one beside it.
refuses() {
	runs "$ZONETAP" events --format jsonl "$2"
	is "$1: status" "$status" 1
	is "$1: message" "$err" "$3"
	is "$1: no event" "$out" ""
	runs "$ZONETAP" events --format jsonl --omit capture "$2" "$line"
	is "$1, and a good capture: status" "$status" 1
	is "$1, and a good capture: message" "$err" "$3"
	printf '%s\n' "$out" >got
	same "$1, and a good capture: its events" got want
}

refuses "a missing file" missing.pcap "zonetap: missing.pcap: cannot be opened (No such file or directory)"
: >empty.pcap
refuses "an empty file" empty.pcap "zonetap: empty.pcap: empty file"
printf 'site: bottling-3\n' >text.pcap
refuses "a file that is no capture" text.pcap "zonetap: text.pcap: not a capture file (it starts with 73697465)"
mkdir folder
refuses "a folder" folder "zonetap: folder: is a directory, not a capture file"
{ head -c 20 "$line"; printf '\223\0\0\0'; tail -c +25 "$line"; } >link.pcap
refuses "an unknown link type" link.pcap "zonetap: link.pcap: unknown link type 147"
head -c 20 "$line" >head.pcap
refuses "a file header cut short" head.pcap "zonetap: head.pcap: cut in the middle of its file header"
esc=$(printf 'a\033[2J.pcap')
refuses "a name with control characters" "$esc" 'zonetap: a\x1b[2J.pcap: cannot be opened (No such file or directory)'

cp "$line" secret.pcap
chmod 0 secret.pcap
if [ "$(id -u)" -ne 0 ]; then
	refuses "no permission" secret.pcap "zonetap: secret.pcap: cannot be opened (Permission denied)"
elif command -v setpriv >/dev/null; then
	chmod 755 "$tap_dir"
	cp "$ZONETAP" zonetap-copy
	runs setpriv --reuid=65534 --regid=65534 --clear-groups ./zonetap-copy events secret.pcap
	is "no permission: status" "$status" 1
	is "no permission: message" "$err" "zonetap: secret.pcap: cannot be opened (Permission denied)"
else
	skip "no permission" "root reads everything and setpriv is not installed"
fi

# Cut in the middle of a packet: everything before it counts.
size=$(wc -c <"$line")
head -c $((size - 7)) "$line" >cut.pcap
runs "$ZONETAP" events --format jsonl cut.pcap
is "a capture cut in a packet: status" "$status" 1
like "a capture cut in a packet: message" "$err" "^zonetap: cut\.pcap: cut in the middle of a packet after [0-9]+ packets\$"
is "a capture cut in a packet: one message" "$(printf '%s\n' "$err" | wc -l)" 1
like "a capture cut in a packet: what came before counts" "$(printf '%s\n' "$out" | wc -l)" "^$((events - 1))|$events\$"

# The same bytes by another way say the same.
gzip -c "$line" >line.gz
runs "$ZONETAP" events --format jsonl line.gz
printf '%s\n' "$out" >got
same "compressed with gzip" got want
head -c $(($(wc -c <line.gz) / 2)) line.gz >half.gz
runs "$ZONETAP" events --format jsonl half.gz
is "half of a gzip file: status" "$status" 1
like "half of a gzip file: message" "$err" "^zonetap: half\.gz: "
if command -v zstd >/dev/null; then
	zstd -q "$line" -o line.zst
	"$ZONETAP" events --format jsonl line.zst >got
	same "compressed with zstd" got want
else
	skip "compressed with zstd" "zstd is not installed"
fi
"$ZONETAP" events --format jsonl - <"$line" >got
same "standard input" got want
cat "$line" | "$ZONETAP" events --format jsonl - >got
same "a pipe" got want
done_testing
