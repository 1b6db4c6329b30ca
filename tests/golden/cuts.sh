# What was said does not depend on how TCP cut it or on the mirror's copies.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/golden/cases.sh"

command -v python3 >/dev/null || skip_all "python3 is not installed"
unplaced=ts,frame,pdu,request,latency_us

captures=$(for case in $(golden_cases); do golden_case "$case" && echo "$case_capture"; done | sort -u)
for capture in $captures; do
	if ! "$ZONETAP" events --format jsonl --omit $unplaced "$top_srcdir/$capture" >"$tap_dir/want" 2>"$tap_dir/err"; then
		note <"$tap_dir/err"
	fi
	for mode in bytes reorder mirror retransmit boundaries; do
		python3 "$top_srcdir/tests/golden/recut.py" $mode "$top_srcdir/$capture" "$tap_dir/cut.pcapng" || exit 99
		"$ZONETAP" events --format jsonl --omit $unplaced "$tap_dir/cut.pcapng" >"$tap_dir/got" 2>"$tap_dir/err"
		same "$capture: $mode" "$tap_dir/got" "$tap_dir/want"
	done
done
[ "$tap_n" -gt 0 ] || fail "there is at least one capture to cut"
done_testing
