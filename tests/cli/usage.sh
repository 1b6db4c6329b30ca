# The command line: what is said, where, and with which exit status.
. "$top_srcdir/tests/lib/tap.sh"
line=$top_srcdir/pcaps/demo/bottling-line.pcap

says() {                                # says NAME STATUS STDERR COMMAND...
	says_name=$1 says_status=$2 says_err=$3
	shift 3
	runs "$@"
	is "$says_name: status" "$status" "$says_status"
	is "$says_name: message" "$err" "$says_err"
	is "$says_name: nothing on standard output" "$out" ""
}

runs "$ZONETAP"
is "alone: status" "$status" 2
like "alone: usage on standard error" "$err" "^Usage: zonetap COMMAND"
runs "$ZONETAP" --help
is "--help: status" "$status" 0
like "--help: on standard output" "$out" "^Usage: zonetap COMMAND"
is "help, -h, --help say the same" "$("$ZONETAP" help)$("$ZONETAP" -h)" "$out$out"
runs "$ZONETAP" --version
like "--version: the program" "$out" '^zonetap [0-9]+\.[0-9]+\.[0-9]+$'
for lib in libpcap SQLite libyaml zlib zstd OpenSSL xxHash; do
	like "--version: $lib" "$out" "^$lib [0-9]+\\.[0-9]"
done
like "--version: libseccomp, or why there is none" "$out" '^libseccomp ([0-9]+\.[0-9]|none \(built with)'
for lib in nDPI libmaxminddb; do
	like "--version: $lib, or that it is missing" "$out" "^$lib ([0-9]+\\.[0-9]|not built in)"
done

says "a command that is almost one" 2 "zonetap: unknown command 'evnets': did you mean 'events'?
Try 'zonetap --help'." "$ZONETAP" evnets
says "a command that is none" 2 "zonetap: unknown command 'xyzzy'
Try 'zonetap --help'." "$ZONETAP" xyzzy
says "a command with control characters" 2 "zonetap: unknown command '\\x1b[31m'
Try 'zonetap --help'." "$ZONETAP" "$(printf '\033[31m')"
says "an option instead of a command" 2 "zonetap: unknown option '--verson': did you mean '--version'?
Try 'zonetap --help'." "$ZONETAP" --verson
says "an option that is almost one" 2 "zonetap events: unknown option '--fromat': did you mean '--format'?
Try 'zonetap events --help'." "$ZONETAP" events --fromat jsonl "$line"
says "an option that is none" 2 "zonetap events: unknown option '--xyzzy'
Try 'zonetap events --help'." "$ZONETAP" events --xyzzy=1 "$line"
says "a short option that is none" 2 "zonetap events: unknown option '-q'
Try 'zonetap events --help'." "$ZONETAP" events -q "$line"
says "a word that is almost one" 2 "zonetap events: --format: unknown word 'jsnol': did you mean 'jsonl'?
Try 'zonetap events --help'." "$ZONETAP" events --format=jsnol "$line"
says "a missing value" 2 "zonetap events: --workers: N is missing
Try 'zonetap events --help'." "$ZONETAP" events "$line" --workers
for n in 0 65 four 4x -1 18446744073709551617; do
	says "--workers $n" 2 "zonetap events: --workers: not a number from 1 to 64: '$n'
Try 'zonetap events --help'." "$ZONETAP" events --workers "$n" "$line"
done
says "a value for a flag" 2 "zonetap events: --merge takes no value: 'yes'
Try 'zonetap events --help'." "$ZONETAP" events --merge=yes "$line"
says "no capture" 2 "zonetap events: an operand is missing: zonetap events [OPTION]... CAPTURE...
Try 'zonetap events --help'." "$ZONETAP" events
says "an operand too many" 2 "zonetap dissectors: unexpected operand 'modbus'
Try 'zonetap dissectors --help'." "$ZONETAP" dissectors modbus

says "a filter that does not parse" 2 "  op = write
     ^
not an operator: '=' ('==' compares)" "$ZONETAP" events --filter 'op = write' "$line"
is "a filter" "$("$ZONETAP" events --format jsonl --filter 'op == write && dir == request' "$line" | grep -c '"op":"write"')" 5
is "a filter on merged operations" \
	"$("$ZONETAP" events --format jsonl --merge --filter 'op == write && outcome == error' "$line" | grep -c '"code":3')" 1

# Order does not matter, = and a blank are the same, -- ends the options.
"$ZONETAP" events --format jsonl --workers 2 "$line" >"$tap_dir/a"
"$ZONETAP" events "$line" --workers=2 --format=jsonl >"$tap_dir/b"
same "options before and after, with = and without" "$tap_dir/b" "$tap_dir/a"
ln -s "$line" "$tap_dir/--merge"
(cd "$tap_dir" && "$ZONETAP" events --format jsonl -- --merge) >"$tap_dir/b"
same "-- before a capture with a dash" "$tap_dir/b" "$tap_dir/a"

# Nothing is coloured in a pipe; a reader that goes away early is no crash.
is "no escape sequences in a pipe" "$("$ZONETAP" events --format text "$line" | grep -c "$(printf '\033')")" 0
"$ZONETAP" events --format jsonl "$line" | head -n 1 >"$tap_dir/a"
is "piping to head" "$(wc -l <"$tap_dir/a")" 1
if command -v script >/dev/null; then
	NO_COLOR=1 TERM=xterm script -qec "'$ZONETAP' dissectors" /dev/null >"$tap_dir/plain" </dev/null
	TERM=xterm script -qec "env -u NO_COLOR '$ZONETAP' dissectors" /dev/null >"$tap_dir/colour" </dev/null
	is "NO_COLOR on a terminal" "$(grep -c "$(printf '\033')" "$tap_dir/plain")" 0
	like "colours on a terminal" "$(cat "$tap_dir/colour")" "$(printf '\033')\\["
else
	skip "colours on a terminal" "script is not installed"
fi
if [ -w /dev/full ]; then
	"$ZONETAP" events --format jsonl "$line" >/dev/full 2>"$tap_dir/err"
	is "a full disk: status" "$?" 1
else
	skip "a full disk" "there is no /dev/full"
fi
done_testing
