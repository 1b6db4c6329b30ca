#!/bin/sh
# The program was optimised by a training (training/), where configure said that it would be.
. "$top_srcdir/tests/lib/tap.sh"
cd "$top_builddir" || exit 99

[ -f training.stamp ] || skip_all "configured without a training"
is "the training went well" "$(cat training.stamp)" trained
if [ "$top_srcdir/src/net/stream.c" -nt training.stamp ]; then
	skip "the compiler finds what was counted" "src/net/stream.c was edited since the training"
else
	ok "the compiler finds what was counted" make -s -f "$top_srcdir/training/training.mk" found
fi
done_testing
