# Every saved input of every fuzz target goes through it once: what was found stays mended.
. "$top_srcdir/tests/lib/tap.sh"

for target in $FUZZ_TARGETS; do
	name=${target##*/fuzz_}
	corpus=$top_srcdir/tests/fuzz/corpus/$name
	if [ ! -d "$corpus" ]; then
		fail "$name: there is no corpus in tests/fuzz/corpus/$name"
		continue
	fi
	# With libFuzzer linked in, -runs=0 does the same: each input once.
	set -- "$corpus"
	[ "$FUZZ_ENGINE" = yes ] && set -- -runs=0 -close_fd_mask=1 "$corpus"
	ok "$name: $(find "$corpus" -type f | wc -l) inputs" "$top_builddir/$target" "$@"
done
for name in $FUZZ_MISSING; do
	skip "$name" "configure did not find jansson: apt-get install libjansson-dev"
done
[ "$tap_n" -gt 0 ] || skip_all "no fuzz target was built"
done_testing
