#!/bin/sh
# run.sh TARGET...: runs each target under libFuzzer with what corpus there is. New inputs go to
# fuzz-corpus/ in the build folder; `tests/fuzz/minimise.sh` brings the useful ones into the tree.
#   FUZZ_SECONDS   for each target (default 60; 0: no limit)
#   FUZZ_RUNS      executions of each target (default: no limit)
#   FUZZ_ONLY      names of targets, to run fewer
#   ASAN_OPTIONS   by default what costs least; a finding is replayed without it, for the whole stack of each block
set -eu
export ASAN_OPTIONS="${ASAN_OPTIONS-malloc_context_size=0:quarantine_size_mb=4}"
top_srcdir=${top_srcdir:?}
status=0
for target; do
	name=${target##*/fuzz_}
	case " ${FUZZ_ONLY-$name} " in *" $name "*) ;; *) continue ;; esac
	mkdir -p "fuzz-corpus/$name" "fuzz-findings/$name" "$top_srcdir/tests/fuzz/corpus/$name"
	dict=$top_srcdir/tests/fuzz/${name%_talk}.dict
	set -- "fuzz-corpus/$name" "$top_srcdir/tests/fuzz/corpus/$name"
	[ -f "$dict" ] && set -- -dict="$dict" "$@"
	echo "== $name: ${FUZZ_RUNS:+$FUZZ_RUNS executions, }${FUZZ_SECONDS:-60} s at most"
	"$target" -max_total_time="${FUZZ_SECONDS:-60}" -runs="${FUZZ_RUNS:--1}" -max_len="${FUZZ_MAX_LEN:-4096}" \
		-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="fuzz-findings/$name/" \
		"$@" >"fuzz-corpus/$name.log" 2>&1 || { status=1; echo "$name: FOUND SOMETHING"; }
	grep -E '^stat::number_of_executed_units|^stat::peak_rss|SUMMARY' "fuzz-corpus/$name.log" || true
	grep -E ' cov: ' "fuzz-corpus/$name.log" | tail -n 1 || true
done
exit $status
