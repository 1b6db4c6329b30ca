#!/bin/sh
# minimise.sh BUILD NAME...: the smallest set of inputs with the same coverage, from BUILD/fuzz-corpus and the
# tree, becomes tests/fuzz/corpus/NAME. BUILD is the folder in which `make fuzz` built (fuzz-build).
set -eu
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
shift
for name; do
	new=$(mktemp -d)
	mkdir -p "$build/fuzz-corpus/$name" "$top_srcdir/tests/fuzz/corpus/$name"
	"$build/tests/fuzz/fuzz_$name" -set_cover_merge=1 -use_counters=0 -max_len="${FUZZ_MAX_LEN:-4096}" "$new" \
		"$top_srcdir/tests/fuzz/corpus/$name" "$build/fuzz-corpus/$name" >/dev/null 2>&1
	# Names that were given by hand say what was found: they stay.
	find "$top_srcdir/tests/fuzz/corpus/$name" -type f | grep -E '/[0-9a-f]{40}$' | xargs -r rm -f
	for f in "$new"/*; do
		[ -f "$f" ] || continue
		[ "$(find "$top_srcdir/tests/fuzz/corpus/$name" -type f -exec cmp -s {} "$f" \; -print | head -n 1)" ] ||
			mv "$f" "$top_srcdir/tests/fuzz/corpus/$name/"
	done
	rm -rf "$new"
	echo "$name: $(find "$top_srcdir/tests/fuzz/corpus/$name" -type f | wc -l) inputs," \
		"$(du -sk "$top_srcdir/tests/fuzz/corpus/$name" | cut -f 1) KiB"
done
