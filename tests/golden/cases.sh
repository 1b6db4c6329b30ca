# cases.sh - sourced: what a golden case is. tests/golden/GROUP/NAME[.VARIANT].jsonl is what zonetap says
# of pcaps/GROUP/NAME.pcap (or .pcapng). Beside it may stand:
#   NAME[.VARIANT].args       more words for the command line, split at blanks
#   NAME[.VARIANT].site.yaml  the site to load
# A variant that begins with "alerts" is the output of `replay`, any other that of `events`.

golden_cases() {
	(cd "$top_srcdir/tests/golden" && find . -name '*.jsonl' | sed 's,^\./,,; s,\.jsonl$,,' | sort)
}

# Sets case_capture, case_command, case_args for the case $1. Paths are from the top of the source, so that
# outputs that name their capture are the same everywhere.
golden_case() {
	case_stem=${1##*/}
	case_name=${case_stem%%.*}
	case_capture=
	for case_file in "pcaps/${1%/*}/$case_name.pcap" "pcaps/${1%/*}/$case_name.pcapng"; do
		[ -f "$top_srcdir/$case_file" ] && case_capture=$case_file
	done
	case $case_stem in
	*.alerts*) case_command=replay ;;
	*) case_command=events ;;
	esac
	case_args=
	[ -f "$top_srcdir/tests/golden/$1.args" ] && case_args=$(cat "$top_srcdir/tests/golden/$1.args")
	[ -f "$top_srcdir/tests/golden/$1.site.yaml" ] && case_args="$case_args --site tests/golden/$1.site.yaml"
	[ "$case_command" = replay ] && case_args="$case_args --rules rules"
	[ -n "$case_capture" ]
}

# golden_say CASE [WORD...]: what zonetap says now, on stdout.
golden_say() {
	golden_case "$1" || return 99
	shift
	# The hash of a run covers every word of every rule: it is left out, or each of them would change each case.
	# shellcheck disable=SC2086 # case_args is a list of words
	(cd "$top_srcdir" && { "$ZONETAP" "$case_command" --format jsonl $case_args "$@" "$case_capture"
		echo $? >&3; } 3>"${tap_dir:-${TMPDIR:-/tmp}}/status.$$" | sed 's/"run":"[0-9a-f]*",\{0,1\}//')
	golden_status=$(cat "${tap_dir:-${TMPDIR:-/tmp}}/status.$$")
	rm -f "${tap_dir:-${TMPDIR:-/tmp}}/status.$$"
	return "$golden_status"
}
