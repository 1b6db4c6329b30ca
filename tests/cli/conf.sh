# Wrong sites and rules: every mistake at once, each with its place and what would be right;
# status 2 and nothing on standard output. tests/conf/NAME.want holds the exact words.
. "$top_srcdir/tests/lib/tap.sh"
ZONETAP_RULES=$top_srcdir/rules
export ZONETAP_RULES
cd "$top_srcdir/tests/conf" || exit 99

for file in *.yaml; do
	name=${file%.yaml}
	case $name in
	rules-*) runs "$ZONETAP" check --rules "$file" ;;
	*) runs "$ZONETAP" check --site "$file" ;;
	esac
	is "$name: status 2" "$status" 2
	is "$name: nothing printed" "$out" ""
	printf '%s\n' "$err" >"$tap_dir/got"
	same "$name: the complaints" "$tap_dir/got" "$name.want"
done

runs "$ZONETAP" check --site no-such.yaml
is "a site that is not there" "$status $err" "2 no-such.yaml: cannot be read: No such file or directory"
runs "$ZONETAP" check --site .
is "a site that is a folder" "$status $err" "2 .: is a folder, a file is wanted"
runs "$ZONETAP" check
like "nothing to check" "$status $err" "^2 zonetap check: what to check is missing"
runs "$ZONETAP" check --site "$top_srcdir/rules/site.example.yaml"
is "the example is right" "$status$err" "0"
like "and understood" "$out" "^cell-1 +1 +3 +policed +192.168.1.0/25, VLAN 110"
like "with its exceptions" "$out" "^program-download +critical +low when client.asset == \"ews-1\" until 2026-12-01"
runs "$ZONETAP" check -q --rules "$top_srcdir/rules"
is "the shipped rules are right" "$status$out$err" "0"
runs "$ZONETAP" rules show write-denied
like "a rule says what it is evidence for" "$out" "evidence relevant to SR 2.1"
like "and both ids of its technique" "$out" "T1692.001 .T0855"
runs "$ZONETAP" rules show write-deneid
like "an unknown rule gets the nearest" "$status $err" "^2 zonetap rules: no rule is called 'write-deneid': did you mean 'write-denied'"
runs "$ZONETAP" rules --format jsonl
is "one line a rule" "$(printf '%s\n' "$out" | grep -c '"id":')" "$(grep -hc '^  - id:' "$top_srcdir"/rules/[0-9]*.yaml | awk '{ n += $1 } END { print n }')"
"$ZONETAP" fields --format man >"$tap_dir/fields"
same "zonetap-fields(7) is what the program prints" "$tap_dir/fields" "$top_srcdir/man/zonetap-fields.7"
done_testing
