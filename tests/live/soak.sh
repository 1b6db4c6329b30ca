# A plant that is too large for the sensor's limits, for a long time: traffic of ever new machines, reloads with good
# and wrong sites, an interface that goes down, a database that is full, locked, removed, damaged. It must not crash,
# not grow, and account for every packet. Two minutes; an hour with ZONETAP_LONG (SOAK_SECONDS says otherwise).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
in_namespace "$0" --mount
needs tcpreplay python3
if [ -n "${ZONETAP_LONG-}" ]; then
	seconds=${SOAK_SECONDS:-3600} part=60
else
	seconds=${SOAK_SECONDS:-120} part=10
fi
pps=${SOAK_PPS:-2000}
quiet=3                                 # seconds at the end of a part in which nothing is sent, for counting
parts=$((seconds / part))
[ "$parts" -ge 2 ] || parts=2
maker=$top_builddir/tests/bench/make_capture
[ -x "$maker" ] || skip_all "tests/bench/make_capture is not built"
make_place
make_disk 64M
make_mirror

# --- the sensor ---------------------------------------------------------------------------

good_site() { cp "$top_srcdir/tests/bench/site.yaml" "$site"; }
strict_site() { grep -v 'op == write' "$top_srcdir/tests/bench/site.yaml" >"$site"; }
wrong_site() { sed 's/^conduits:/conduits: {/' "$top_srcdir/tests/bench/site.yaml" >"$site"; }
strict_site
configure 2 "limits: {flows: 1024, assets: 256, conversations: 1024, pairs: 1024, alerts: 64, waiting: 256, thresholds: 256}
health: {window: 10s, heartbeat: 10s}"
sed -i "s|^database: .*|database: {path: $db, max_size: 16MiB, max_age: 1h, queue: 1MiB}|" "$config"

# Of what it prints only its words on itself are kept: an hour is long.
: >"$tap_dir/sensor.err"
mkfifo "$tap_dir/printed"
grep --line-buffered '"rule":"sensor-' <"$tap_dir/printed" >"$tap_dir/sensor.out" &
"$ZONETAP" run -c "$config" --print jsonl >"$tap_dir/printed" 2>"$tap_dir/sensor.err" </dev/null &
sensor=$!
ok "it listens" await 'listening on mirror'

# figures: what is asked of the sensor and the kernel, as NAME=VALUE for the shell.
figures() {
	"$ZONETAP" status --socket "$socket" --format json >"$tap_dir/status.json" || return 1
	python3 - "$tap_dir/status.json" <<-'EOF'
		import json, sys
		s = json.load(open(sys.argv[1]))
		i = s['interfaces'][0]
		c, l, d = i['coverage'], i['loss'], s['database']
		named = ('followed', 'not_ip', 'fragments_held', 'cut', 'broken', 'unknown_link', 'no_memory')
		print('packets=%d received=%d decoded=%d ring=%d early=%d unread=%d handoff=%d state=%s alerts=%d lost=%d assets=%d conversations=%d' % (
		    i['packets'], i['received'], sum(c[k] for k in named), l['ring'], l['early'], l['unread'], l['handoff'],
		    d['state'], s['alerts']['total'], d['lost_alerts'], s['assets'], s['conversations']))
	EOF
}

look_at_memory() {
	awk -v t="$(($(date +%s) - began))" '/^VmRSS|^RssAnon/ { v[$1] = $2 } END { print t, v["VmRSS:"], v["RssAnon:"] }' \
		"/proc/$sensor/status" >>"$tap_dir/memory" 2>/dev/null
}

reloads=0 wrong_reloads=0 reload_bad=0
reload() {                              # reload WANTED-STATUS
	reload_tries=0
	while :; do
		"$ZONETAP" reload --socket "$socket" >"$tap_dir/reload.out" 2>&1
		reload_status=$?
		reload_tries=$((reload_tries + 1))
		[ "$reload_status" -eq 1 ] && [ "$reload_tries" -lt 20 ] || break
		sleep 0.2
	done
	if [ "$1" -eq 0 ]; then reloads=$((reloads + 1)); else wrong_reloads=$((wrong_reloads + 1)); fi
	[ "$reload_status" -eq "$1" ] && return
	reload_bad=$((reload_bad + 1))
	note "a reload left with $reload_status, not $1:"
	note <"$tap_dir/reload.out"
}

# --- what is done to it ---------------------------------------------------------------------

# lock SECONDS: another program writes into the database for so long.
lock() {
	python3 - "$db" "$1" <<-'EOF' &
		import sqlite3, sys, time
		try:
		    c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
		    c.execute('BEGIN IMMEDIATE')
		    time.sleep(float(sys.argv[2]))
		    c.execute('ROLLBACK')
		except sqlite3.Error as e:
		    print('# the other program could not write: %s' % e)
	EOF
}

damage() {                              # garbage over the file, or in its place: that is noticed whatever is in memory
	if [ $((n % 12)) -eq 0 ]; then
		head -c 65536 /dev/urandom | dd of="$db" bs=4096 seek=1 conv=notrunc 2>/dev/null
		return
	fi
	head -c 65536 /dev/urandom >"$disk/garbage"
	[ "$user" = "$(id -un)" ] || chown "$user" "$disk/garbage"
	mv "$disk/garbage" "$db"
}

# The first half of a fault, and the second, which ends it.
begin_fault() {
	case $fault in
	link) ip link set mirror down ;;
	full) cat /dev/zero >"$disk/filler" 2>/dev/null ;;
	lock) lock $((part / 3)) ;;
	removed) rm -f "$db" ;;
	damaged) damage ;;
	esac
}
end_fault() {
	case $fault in
	link) ip link set mirror up ;;
	full) rm -f "$disk/filler" ;;
	esac
}

# The first part fills the tables and what is taken as it is needed; only then can memory be flat.
rate() { if [ "$1" -eq 1 ]; then echo $((pps * 10)); else echo "$pps"; fi; }

play_part() {                           # in the background: leaves what was sent in part.sent
	"$maker" $(($(rate "$1") * (part - quiet) * 19 / 20)) tests/bench/mix.txt "$tap_dir/part.pcap" $(($1 % 60))
	all=$tap_dir/part.pcap
	for small in pcaps/*/*.pcap; do
		case $small in
		pcaps/classify/*) ;;            # of a loopback: no bridge forwards its addresses of zeros
		*) [ "$(wc -c <"$small")" -gt 40000 ] || all="$all $small" ;;
		esac
	done
	# shellcheck disable=SC2086 # a list of files
	tcpreplay -q -T nano -i plant --pps "$(rate "$1")" --duration=$((part - quiet)) $all 2>&1 |
		awk '/Successful packets:/ { n += $3 } END { print n + 0 }' >"$tap_dir/part.sent"
}

# --- the parts --------------------------------------------------------------------------------

cd "$top_srcdir" || exit 99
began=$(date +%s)
: >"$tap_dir/memory"
sent=0 not_added=0 worst=
packets_before=0 arrived_before=0 ring_before=0 away_lost=0 unheard=0 all_ring=0 states=
n=0
note "$(date -u +%Y-%m-%dT%H:%M:%SZ), $("$ZONETAP" --version 2>&1 | head -n 1), $parts parts of $part s, $pps packets a second"
note "part  fault       sent   arrived  read     ring  state-in-fault  KiB     alerts   lost"
while [ $n -lt "$parts" ] && kill -0 "$sensor" 2>/dev/null; do
	set -- nothing link removed full lock damaged
	shift $((n % 6))
	fault=$1
	n=$((n + 1))
	part_began=$(date +%s)
	play_part $n &
	player=$!
	in_fault=
	step=0
	while kill -0 "$player" 2>/dev/null; do
		now=$(($(date +%s) - part_began))
		look_at_memory
		if [ $step -gt 0 ] && facts=$(figures); then
			eval "$facts"
			[ "$state" = ok ] || in_fault=$state
		fi
		if [ $step -eq 0 ] && [ $now -ge $((part / 10 + 1)) ]; then
			begin_fault
			step=1
		elif [ $step -eq 1 ] && [ $now -ge $((part * 3 / 10)) ]; then
			case $((n % 4)) in
			0) good_site; reload 0 ;;
			2) strict_site; reload 0 ;;
			*) wrong_site; reload 2 ;;
			esac
			step=2
		elif [ $step -eq 2 ] && [ $now -ge $((part * 5 / 10)) ]; then
			end_fault
			step=3
		fi
		sleep 0.5
	done
	wait "$player"
	sleep $((quiet - 1))
	for _ in 1 2 3 4 5 6; do        # the sensor looks at its counters once a second
		facts=$(figures) && eval "$facts"
		arrived=$(link_packets mirror rx)
		[ $((arrived - arrived_before)) -ne $((packets - packets_before + ring - ring_before)) ] || break
		sleep 0.5
	done
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do        # it tries again after ten seconds at the latest
		[ "$state" != ok ] || break
		sleep 1
		facts=$(figures) && eval "$facts"
	done
	look_at_memory
	part_sent=$(cat "$tap_dir/part.sent")
	sent=$((sent + part_sent))
	missing=$((arrived - arrived_before - (packets - packets_before) - (ring - ring_before)))
	lost_link=$((part_sent - (arrived - arrived_before)))
	if [ $fault = link ]; then
		away_lost=$((away_lost + lost_link))
		unheard=$((unheard + missing))
	elif [ $missing -ne 0 ] || [ $lost_link -ne 0 ]; then
		not_added=$((not_added + 1))
		note "part $n: $missing packets are not accounted for, $lost_link did not arrive"
	fi
	[ "$packets" -eq "$decoded" ] || {
		not_added=$((not_added + 1))
		note "part $n: $packets packets were read, $decoded decoded or named"
	}
	[ "$state" = ok ] || worst="$worst $n:$state"
	states="$states $fault:$in_fault"
	kib=$(tail -n 1 "$tap_dir/memory" | cut -d ' ' -f 2)
	note "$(printf '%-5s %-10s %6d  %7d  %7d  %4d  %-14s  %6d  %7d  %5d' $n $fault "$part_sent" $((arrived - arrived_before)) \
		$((packets - packets_before)) $((ring - ring_before)) "${in_fault:--}" "$kib" "$alerts" "$lost")"
	packets_before=$packets arrived_before=$arrived ring_before=$ring
done

# --- what became of it ---------------------------------------------------------------------------

ok "it is still there" kill -0 "$sensor"
kernel_sent=$(link_packets plant tx)
is "the kernel sent what tcpreplay says" "$kernel_sent" "$sent"
is "every packet that arrived was read, or is named as lost, and every one read was decoded, or is named" "$not_added" 0
note "sent $sent, arrived $arrived, read $packets, ring full $ring, lost by a link that was down $away_lost, arrived before it listened again $unheard"
is "every packet sent is in exactly one of them" $((packets + ring + away_lost + unheard)) "$sent"
note "of the last, $early came while not all sockets were open yet, $unread were in the ring when it was closed"
is "every packet that the kernel had for it was read, or is named" $((received - packets - ring - early - unread)) 0
is "the tables are full and no fuller" "$assets $conversations" "256 1024"
is "the database was well again at the end of each part" "$worst" ""
like "it said when it was full" "$states" 'full:full'
like "it said when another program wrote" "$states" 'lock:busy'
ok "damaged files were set aside" ls "$db".damaged-*
is "reloads did what they had to ($reloads good, $wrong_reloads wrong)" "$reload_bad" 0
stop_sensor
is "it leaves with 0" "$status" 0
is "the database is sound" "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$db")" ok
own_alerts "$tap_dir/sensor.out" >"$tap_dir/own.txt"
for limit in flows 'open alerts' assets conversations; do
	like "the limit of $limit was passed" "$(cat "$tap_dir/own.txt")" "^sensor-limit [0-9]* There is no room for more $limit: "
done
like "an alert of the database" "$(cat "$tap_dir/own.txt")" '^sensor-database '
note "its alerts on itself, each with how often it was counted:"
awk '{ n[$1] += $2 } END { for (rule in n) print rule, n[rule] }' "$tap_dir/own.txt" | sort | note

# The most of each tenth: a ring that is let go while the interface is down is no growth when it is back.
python3 - "$tap_dir/memory" "$(($(date +%s) - began))" >"$tap_dir/flat" <<-'EOF'
	import sys
	rows = [tuple(map(int, line.split())) for line in open(sys.argv[1]) if len(line.split()) == 3]
	whole = rows[-1][0]
	def tenth(n, column):
	    return max([r[column] for r in rows if n * whole <= 10 * r[0] < (n + 1) * whole] or [0])
	for name, column in (('resident', 1), ('of it anonymous', 2)):
	    print('# %s, KiB by tenths: %s' % (name, ' '.join('%d' % tenth(n, column) for n in range(10))))
	second, last = tenth(1, 1), tenth(9, 1)
	print('%+.1f %%' % ((last - second) * 100 / second), 'flat' if abs(last - second) * 20 <= second else 'not flat')
EOF
grep '^#' "$tap_dir/flat"
memory_name="memory of the last tenth against the second: $(grep -v '^#' "$tap_dir/flat")"
if "$ZONETAP" --version | grep -q 'built with sanitizers'; then
	skip "$memory_name" "sanitizers are built in, which keep what was freed"
else
	like "$memory_name" "$(cat "$tap_dir/flat")" '% flat'
fi
umount "$disk"
done_testing
