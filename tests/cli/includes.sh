# Who may include whom: the table of ARCHITECTURE.md, enforced over the tree.
. "$top_srcdir/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

# folder: what its files may include besides their own folder. A name alone is a folder.
table='
base
net: base
capture: base net/packet.h
ot: base net/packet.h net/flow.h net/stream.h net/anomaly.h dissectors/dissectors.def dissectors/protocols.def
classify: base net
dissectors: base/rd.h base/names.h ot/dissector.h
expr: base ot/event.h classify/app.h inventory/geo.h
policy: base expr ot/event.h
inventory: base ot/event.h
alert: base ot/event.h ot/event_json.h inventory/asset.h inventory/geo.h expr/judged.h policy
engine: base net capture ot classify dissectors/dissectors.def dissectors/protocols.def expr policy inventory alert
forward: base expr policy/policy.h alert/store_outbox.h
sensor: base net capture ot classify dissectors/dissectors.def dissectors/protocols.def expr policy inventory alert engine forward
cli: sensor forward engine policy alert inventory expr ot/event.h ot/event_json.h ot/dissector.h base
'

# includes FILE: the quoted includes of a file, one a line.
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1"
}

printf '%s\n' "$table" | sed '/^$/d' >"$tap_dir/table"
while IFS= read -r row; do
	folder=${row%%:*}
	may=" ${row#"$folder"} "
	may=$(printf '%s' "$may" | tr -d ':')
	if [ "$folder" = dissectors ]; then where=dissectors; else where=src/$folder; fi
	bad=
	for file in $(find "$where" -maxdepth 1 -name '*.[ch]' | sort); do
		for header in $(includes "$file"); do
			case " $may " in *" $header "* | *" ${header%%/*} "*) continue ;; esac
			[ "${header%%/*}" = "$folder" ] && continue
			bad="$bad$file includes $header
"
		done
	done
	is "$where includes only what it may" "$bad" ""
done <"$tap_dir/table"

# Every folder of src stands in the table.
unlisted=$(for d in src/*/; do d=${d#src/}; grep -q "^${d%/}" "$tap_dir/table" || echo "$d"; done)
is "every folder of src/ is in the table" "$unlisted" ""

# Outside libraries stay behind one file (libpcap: one folder; SQLite: one private header of the store).
sources=$(find src dissectors -name '*.[ch]')
# shellcheck disable=SC2086 # a list of files
users() { grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($1)" $sources; }
is "pcap.h is included in src/capture only" "$(users 'pcap(/pcap)?\.h' | grep -v '^src/capture/')" ""
is "yaml.h is included in src/policy only" "$(users 'yaml\.h' | grep -v '^src/policy/')" ""
is "sqlite3.h is included in src/alert/store_db.h only" "$(users 'sqlite3\.h' | grep -v '^src/alert/store_db\.h$')" ""
is "store_db.h is included in src/alert/store_* only" \
	"$(grep -l '#include "alert/store_db\.h"' $sources | grep -v '^src/alert/store_')" ""
is "curl.h is included in src/forward/curl_* only" "$(users 'curl/curl\.h' | grep -v '^src/forward/curl_')" ""
for lib in 'ndpi' 'maxminddb\.h' 'seccomp\.h'; do
	n=$(users "$lib" | wc -l)
	if [ "$n" -le 1 ]; then pass "at most one file includes $lib"; else
		fail "at most one file includes $lib"
		users "$lib" | note
	fi
done
done_testing
