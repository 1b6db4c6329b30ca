# tap.sh - sourced by the shell tests: numbers the lines, compares, skips, cleans up.
# Needs ZONETAP, top_srcdir and top_builddir (make check sets them).
: "${ZONETAP:?the program under test}" "${top_srcdir:?}" "${top_builddir:?}"

tap_n=0
tap_bad=0
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/zonetap-test.XXXXXX") || exit 99
trap 'chmod -R u+rwx "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT
trap 'exit 99' HUP INT TERM

pass() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1"
}

fail() {
	tap_n=$((tap_n + 1))
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_n - $1"
}

skip() {                                # skip NAME REASON
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

note() {                                # diagnostics, from stdin or arguments
	if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi | sed 's/^/# /'
}

ok() {                                  # ok NAME COMMAND...: the command succeeds
	tap_name=$1
	shift
	if "$@" >"$tap_dir/ok.out" 2>&1; then pass "$tap_name"; else
		fail "$tap_name"
		note "failed: $*"
		head -n 30 "$tap_dir/ok.out" | note
	fi
}

is() {                                  # is NAME GOT WANT
	if [ "$2" = "$3" ]; then pass "$1"; else
		fail "$1"
		printf '%s\n' "got:" "$2" "want:" "$3" | note
	fi
}

like() {                                # like NAME GOT ERE: some line of GOT matches
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then pass "$1"; else
		fail "$1"
		printf '%s\n' "got:" "$2" "want a line like:" "$3" | note
	fi
}

same() {                                # same NAME FILE FILE
	if cmp -s "$2" "$3"; then pass "$1"; else
		fail "$1"
		diff -u "$3" "$2" | head -n 30 | cut -c 1-400 | note
	fi
}

# runs COMMAND...: leaves $status, $out and $err behind.
runs() {
	"$@" >"$tap_dir/out" 2>"$tap_dir/err" </dev/null
	status=$?
	out=$(cat "$tap_dir/out")
	err=$(cat "$tap_dir/err")
}

done_testing() {
	echo "1..$tap_n"
	[ "$tap_bad" -eq 0 ]
	exit
}
