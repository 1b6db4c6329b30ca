# Every golden case says what is written, with one worker and with four.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/golden/cases.sh"

recognises=$("$ZONETAP" --version | sed -n 's/^nDPI //p')

for case in $(golden_cases); do
	case $case:$recognises in
	classify/*:4.2.*) ;;
	classify/*) skip "$case" "written with nDPI 4.2, here it is: $recognises"; continue ;;
	esac
	want=$top_srcdir/tests/golden/$case.jsonl
	if ! golden_case "$case"; then
		fail "$case: there is no capture of that name in pcaps/"
		continue
	fi
	golden_say "$case" --workers 1 >"$tap_dir/1" 2>"$tap_dir/err"
	status=$?
	[ -s "$tap_dir/err" ] && note <"$tap_dir/err"
	if [ $status -gt 1 ]; then
		fail "$case: exit status $status"
		continue
	fi
	same "$case" "$tap_dir/1" "$want"
	golden_say "$case" --workers 4 >"$tap_dir/4" 2>/dev/null
	same "$case: 4 workers" "$tap_dir/4" "$want"
done
[ "$tap_n" -gt 0 ] || fail "there is at least one golden case"
done_testing
