# What the sensor says of a mirror port is what a replay says of the same traffic as tcpdump recorded it, one for one;
# and not one frame leaves the sensor.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay tcpdump python3

# Captures as they are, and some under one and two VLAN tags.
traffic=$(ls "$top_srcdir"/pcaps/*/*.pcap)
if command -v tcprewrite >/dev/null; then
	for f in modbus/functions s7comm/services; do
		name=$(echo "$f" | tr / -)
		tcprewrite --infile="$top_srcdir/pcaps/$f.pcap" --outfile="$tap_dir/$name-1.pcap" \
			--enet-vlan=add --enet-vlan-tag=110 --enet-vlan-cfi=0 --enet-vlan-pri=0 >/dev/null 2>&1
		tcprewrite --infile="$tap_dir/$name-1.pcap" --outfile="$tap_dir/$name-2.pcap" \
			--enet-vlan=add --enet-vlan-tag=7 --enet-vlan-cfi=0 --enet-vlan-pri=0 --enet-vlan-proto=802.1ad >/dev/null 2>&1
		for tagged in "$tap_dir/$name-1.pcap" "$tap_dir/$name-2.pcap"; do
			[ -s "$tagged" ] && traffic="$traffic $tagged"
		done
	done
fi

for workers in 1 4; do
	configure "$workers"
	rm -f "$db"*
	start_sensor
	ok "$workers workers: it listens" await 'listening on mirror'
	ok "$workers workers: tcpdump listens" start_recorder
	outside_before=$(link_packets outside rx)
	# shellcheck disable=SC2086 # a list of files
	play 2000 $traffic
	sleep 1
	"$ZONETAP" status --socket "$socket" --format json >"$tap_dir/status.json"
	stop_recorder
	stop_sensor
	is "$workers workers: it leaves with 0" "$status" 0
	is "$workers workers: it complains of nothing" "$(grep -v 'listening on\|known from before\|no thread has a filter' "$tap_dir/sensor.err")" ""
	same_as_replay "$workers workers: the alerts of a replay"
	is "$workers workers: nothing is lost, and everything is accounted for" "$(python3 - "$tap_dir/status.json" <<-'END'
		import json, sys
		i = json.load(open(sys.argv[1]))['interfaces'][0]
		c, l = i['coverage'], i['loss']
		named = sum(c[k] for k in ('followed', 'not_ip', 'fragments_held', 'cut', 'broken', 'unknown_link', 'no_memory'))
		print(i['packets'] > 4000, i['packets'] - named, l['ring'] + l['handoff'] + l['findings'])
	END
	)" "True 0 0"
	is "$workers workers: not one frame left it (counter of the mirror)" "$(link_packets mirror tx)" 0
	is "$workers workers: not one frame left it (counter of the other end)" "$(($(link_packets outside rx) - outside_before))" 0
	ok "$workers workers: the database has the alerts" test "$("$ZONETAP" alerts --db "$db" --format jsonl list | wc -l)" -ge "$(wc -l <"$tap_dir/live.txt")"
done
done_testing
