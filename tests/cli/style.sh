# What CONTRIBUTING.md promises and a machine can see.
. "$top_srcdir/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

sources=$(find src dissectors tests -name '*.[ch]' ! -path 'tests/peers/unpacked/*' | sort)
text=$(find src dissectors tests rules man pcaps -type f \
	! -path 'tests/peers/unpacked/*' ! -name '*.pcap' ! -name '*.pcapng' ! -path '*/corpus/*' ! -name '*.jsonl' ! -name '*.o' ! -name '*.trs' \
	! -name '*.log' | grep -Ev '/\.(deps|dirstamp)|tests/(unit/test_|fuzz/fuzz_|bench/)[a-z0-9_]*$' | sort)
text="$text bootstrap configure.ac Makefile.am README.md NEWS.md CONTRIBUTING.md ARCHITECTURE.md SECURITY.md"

# The words are put together here, so that this file does not find itself.
marks="TO""DO|FIX""ME|XX""X|HA""CK"
# shellcheck disable=SC2086 # lists of files
{
	is "no unfinished marks" "$(grep -nIEw "$marks" $text)" ""
	is "no paths of one machine" "$(grep -nIE "/(work|farm|root|home)/[a-z]" $text | grep -v '/home/user')" ""
	is "no file is longer than 800 lines" "$(wc -l $sources | awk '$2 != "total" && $1 > 800')" ""
	is "no function is longer than 80 lines" "$(awk '
		FNR == 1 { open = 0 }
		/^\{/ { open = 1; from = FNR }
		/^\}/ && open { if (FNR - from > 80) print FILENAME ":" from ": " FNR - from " lines"; open = 0 }' $sources)" ""
	is "no typedef of a struct" "$(grep -nE '^typedef (struct|union|enum)' $sources)" ""
	is "no blanks at the end of a line" "$(grep -nE '[[:blank:]]+$' $sources)" ""
	is "tabs indent" "$(grep -nE '^ {4,}[^ *]' $sources)" ""
	is "nothing unbounded is called" \
		"$(grep -nEw '(gets|strcpy|strcat|sprintf|vsprintf|alloca|strtok|atoi|atol)[[:space:]]*\(' $sources | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)')" ""
	is "dissectors allocate and print nothing" \
		"$(grep -nEw '(malloc|calloc|realloc|free|printf|fprintf|puts)[[:space:]]*\(' dissectors/*.c 2>/dev/null)" ""
}
done_testing
