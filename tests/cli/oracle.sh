# Agreement with an independent decoder, where its folder is: ZONETAP_ORACLE, or ../shared/oracle beside the source.
. "$top_srcdir/tests/lib/tap.sh"

oracle=${ZONETAP_ORACLE:-$top_srcdir/../shared/oracle}
[ -f "$oracle/compare.py" ] || skip_all "no oracle in \$ZONETAP_ORACLE or ../shared/oracle"
command -v python3 >/dev/null || skip_all "python3 is not installed"

differences=$top_srcdir/tests/oracle-differences.tsv
python3 "$oracle/compare.py" "$ZONETAP" --dev "$oracle" --except "$differences" >"$tap_dir/said" 2>&1
status=$?
note <"$tap_dir/said"
is "every protocol at 99.9 % or more, every capture at 99 %" "$status" 0
is "every difference that is excused has a reason" \
	"$(grep -v '^#' "$differences" | awk -F '\t' 'NF && (NF < 4 || length($4) < 20)')" ""
done_testing
