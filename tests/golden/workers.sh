# The alerts do not depend on the number of workers: byte for byte, with a site and without.
. "$top_srcdir/tests/lib/tap.sh"

for capture in "$top_srcdir"/pcaps/*/*.pcap "$top_srcdir"/pcaps/*/*.pcapng; do
	[ -f "$capture" ] || continue
	name=${capture#"$top_srcdir/"}
	for site in "" "--site $top_srcdir/rules/site.example.yaml"; do
		for n in 1 4; do
			# shellcheck disable=SC2086 # words
			"$ZONETAP" replay --format jsonl --rules "$top_srcdir/rules" $site --workers $n "$capture" \
				>"$tap_dir/replay$n" 2>"$tap_dir/err$n"
			echo "exit status $?" >>"$tap_dir/replay$n"
		done
		same "$name${site:+ with a site}: 1 and 4 workers" "$tap_dir/replay4" "$tap_dir/replay1"
		same "$name${site:+ with a site}: messages" "$tap_dir/err4" "$tap_dir/err1"
	done
done
done_testing
