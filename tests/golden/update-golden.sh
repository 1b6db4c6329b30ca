#!/bin/sh
# update-golden.sh CASE...: writes what zonetap says now as what it should say, for instance
# `tests/golden/update-golden.sh modbus/read`. Read the difference like code before committing it.
set -eu
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd)
ZONETAP=${ZONETAP:-$top_srcdir/zonetap}
. "$top_srcdir/tests/golden/cases.sh"

[ $# -gt 0 ] || { echo "usage: $0 CASE..., CASE as in: $(golden_cases | head -n 3 | tr '\n' ' ')" >&2; exit 2; }
for case; do
	case=${case%.jsonl}
	golden_case "$case" || { echo "$0: no capture in pcaps/ for $case" >&2; exit 1; }
	mkdir -p "$top_srcdir/tests/golden/${case%/*}"
	golden_say "$case" --workers 1 >"$top_srcdir/tests/golden/$case.jsonl.new" || [ $? -eq 1 ]
	mv "$top_srcdir/tests/golden/$case.jsonl.new" "$top_srcdir/tests/golden/$case.jsonl"
	(cd "$top_srcdir" && git diff --stat -- "tests/golden/$case.jsonl" 2>/dev/null) || true
done
