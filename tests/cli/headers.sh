# Every header compiles alone, as C and without a warning.
. "$top_srcdir/tests/lib/tap.sh"

cc=${CC:-cc}
flags="-std=gnu11 -fsyntax-only -Wall -Wextra -I$top_builddir -I$top_srcdir/src -I$top_srcdir $ZT_HEADER_CFLAGS"
for h in $(cd "$top_srcdir" && find src dissectors tests -name '*.h' ! -path 'tests/peers/unpacked/*' | sort); do
	printf '#include "%s"\n#include "%s"\nextern int unused;\n' "$top_srcdir/$h" "$top_srcdir/$h" >"$tap_dir/one.c"
	# shellcheck disable=SC2086 # lists of words
	ok "$h compiles alone" $cc $flags -Werror "$tap_dir/one.c"
done
done_testing
