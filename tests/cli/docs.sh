# Every command and option is in the manual and in --help, the same in both; the pages lint clean; the README
# names only files that are there.
. "$top_srcdir/tests/lib/tap.sh"
page=$top_srcdir/man/zonetap.1

runs "$ZONETAP" --help
commands=$(printf '%s\n' "$out" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
in_page=$(sed -n 's/^\.It Ic \([a-z]*\).*/\1/p' "$page" | grep -v '^help$')
is "the manual has the commands of the program" "$(printf '%s\n' "$in_page" | sort)" "$(printf '%s\n' "$commands" | sort)"

for c in $commands; do
	runs "$ZONETAP" "$c" --help
	is "$c --help leaves with 0" "$status" 0
	like "$c --help begins with its usage" "$out" "^Usage: zonetap $c "
	of_help=$(printf '%s\n' "$out" | sed -n 's/^  \(-.,\|   \) --\([a-z-]*\).*/\2/p' | grep -v '^help$' | sort)
	of_page=$(awk -v c="$c" '
		/^\.It Ic / { on = $3 == c }
		on && /^\.It Fl -/ { print substr($3, 2) }
		on && /^\.It Ic / { for (i = 4; i < NF; i++) if ($i == "Fl" && $(i + 1) ~ /^-/) print substr($(i + 1), 2) }
		/^\.Sh/ { on = 0 }' "$page" | sort -u)
	is "$c: the manual has its options" "$of_page" "$of_help"
	runs "$ZONETAP" help "$c"
	is "help $c says the same" "$status:$(printf '%s' "$out" | head -n 1)" "0:$("$ZONETAP" "$c" --help | head -n 1)"
done

for m in "$top_srcdir"/man/*.[1-9]; do
	name=${m##*/}
	if command -v mandoc >/dev/null; then
		is "$name: mandoc has no warning" "$(mandoc -T lint -W warning "$m" 2>&1)" ""
	else
		skip "$name: mandoc has no warning" "mandoc is not installed"
	fi
	if command -v groff >/dev/null; then
		is "$name: groff has no warning" "$(groff -mandoc -Tutf8 -ww "$m" 2>&1 >/dev/null)" ""
	else
		skip "$name: groff has no warning" "groff is not installed"
	fi
done

# Files that the texts point at.
for doc in README.md CONTRIBUTING.md ARCHITECTURE.md SECURITY.md pcaps/README.md tests/fuzz/README.md tests/bench/README.md; do
	missing=$(grep -o '`[a-z][a-z0-9_.-]*/[a-z0-9_./-]*\.\(md\|c\|h\|sh\|py\|pcap\|yaml\|def\|txt\|tsv\)`' "$top_srcdir/$doc" | tr -d '`' | grep -v '[/_]x\.' | sort -u |
		while read -r f; do
			[ -e "$top_srcdir/$f" ] || [ -e "$top_srcdir/$(dirname "$doc")/$f" ] || [ -e "$top_srcdir/src/$f" ] || echo "$f"
		done)
	is "$doc points at files that are there" "$missing" ""
done
done_testing
