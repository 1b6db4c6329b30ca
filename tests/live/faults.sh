# Faults of the database under a sensor that listens: a full disk, a read-only one, a damaged file, a second sensor,
# kill -9 at any moment. Listening goes on, an alert tells, what was found is stored as soon as it can be.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
in_namespace "$0" --mount
needs tcpreplay python3
make_place
make_mirror
make_disk 3M
capture=$top_srcdir/pcaps/demo/bottling-line.pcap

state() {                               # state MEMBER: of the database, as the sensor sees it
	"$ZONETAP" status --socket "$socket" --format json |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["database"].get(sys.argv[1], ""))' "${1:-state}"
}

await_state() {                         # await_state STATE
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		[ "$(state)" != "$1" ] || return 0
		sleep 0.5
	done
	note "the database is $(state), not $1: $(state why)"
	return 1
}

await_own() {                           # await_own ERE: an alert on itself
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		own_alerts "$tap_dir/sensor.out" | grep -Eq -e "$1" && return 0
		sleep 0.3
	done
	own_alerts "$tap_dir/sensor.out" | note
	return 1
}

# Everything that was printed and is not in the database, by uid and rev: nothing.
not_stored() {
	python3 - "$tap_dir/sensor.out" "$db" <<-'EOF'
		import json, sqlite3, sys
		c = sqlite3.connect(sys.argv[2])
		have = set(c.execute('SELECT uid, rev FROM outbox'))
		said = [(a['uid'], a['rev']) for a in map(json.loads, open(sys.argv[1]))]
		print(*[m for m in said if m not in have][:5], '' if said else 'nothing was said', sep='')
	EOF
}

sound() {
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$db"
}

# --- a disk that is full, while it runs and when it starts ------------------------------------

configure 2
start_sensor
ok "full: it listens" await 'listening on mirror'
play 2000 "$capture"
ok "full: at first it is well" await_state ok
cat /dev/zero >"$disk/filler" 2>/dev/null
for f in "$top_srcdir"/pcaps/*/*.pcap; do play 5000 "$f"; done
ok "full: it says so" await_state full
ok "full: an alert tells" await_own '^sensor-database [0-9]+ The database is full: '
ok "full: alerts wait" test "$(state queued)" -gt 0
rm "$disk/filler"
ok "full: it goes on by itself" await_state ok
sleep 0.5
stop_sensor
is "full: it leaves with 0" "$status" 0
is "full: every alert that was said is stored" "$(not_stored)" ""
is "full: the database is sound" "$(sound)" ok

rm -f "$db"*
cat /dev/zero >"$disk/filler" 2>/dev/null
start_sensor
ok "full at the start: it listens" await 'listening on mirror'
play 2000 "$capture"
ok "full at the start: it says so" await_state full
rm "$disk/filler"
ok "full at the start: it goes on by itself" await_state ok
sleep 0.5
stop_sensor
is "full at the start: every alert that was said is stored" "$(not_stored)" ""
like "full at the start: the alerts of the capture are there" "$("$ZONETAP" alerts --db "$db" list)" 'write-denied'

# --- read-only --------------------------------------------------------------------------------

if mount -o remount,ro "$disk" 2>/dev/null; then
	start_sensor
	ok "read-only: it listens" await 'listening on mirror'
	play 2000 "$capture"
	ok "read-only: it says so" await_state read-only
	ok "read-only: an alert tells" await_own '^sensor-database [0-9]+ The database is read-only: '
	mount -o remount,rw "$disk"
	ok "read-only: it goes on by itself" await_state ok
	sleep 0.5
	stop_sensor
	is "read-only: it leaves with 0" "$status" 0
	is "read-only: every alert that was said is stored" "$(not_stored)" ""
else
	skip "read-only" "a file system cannot be mounted again read-only here"
fi

# --- damaged ------------------------------------------------------------------------------------

head -c 20000 /dev/urandom | dd of="$db" bs=4096 seek=2 conv=notrunc 2>/dev/null
start_sensor
ok "damaged: it listens" await 'listening on mirror'
play 2000 "$capture"
ok "damaged: a new one was started" await_state ok
ok "damaged: the old one was set aside" ls "$db".damaged-*
ok "damaged: an alert tells" await_own '^sensor-database-replaced 1 The database was damaged: it was set aside as zonetap\.db\.damaged-'
rm -f "$db" "$db"-*
ok "removed: an alert tells" await_own '^sensor-database-replaced [0-9]+ The database was removed'
play 2000 "$capture"
sleep 1
stop_sensor
is "damaged and removed: it leaves with 0" "$status" 0
is "damaged and removed: the new one is sound" "$(sound)" ok

# --- two sensors on one database -------------------------------------------------------------------

rm -f "$db"*
start_sensor
ok "two sensors: the first listens" await 'listening on mirror'
sed "s|^socket: .*|socket: $place/socket-2|" "$config" >"$place/second.yaml"
runs "$ZONETAP" run -c "$place/second.yaml"
is "two sensors: the second is refused" "$status" 1
like "two sensors: and told why" "$err" 'another sensor'
ok "two sensors: the first goes on" await_state ok
stop_sensor

# --- kill -9 -------------------------------------------------------------------------------------------

umount "$disk"
mkdir "$place/kept"
[ "$user" = "$(id -un)" ] || chown "$user" "$place/kept"
db=$place/kept/zonetap.db
configure 2
kills=20
[ -z "${ZONETAP_LONG-}" ] || kills=100
: >"$tap_dir/go"
(
	while [ -e "$tap_dir/go" ]; do
		for f in "$top_srcdir"/pcaps/*/*.pcap; do
			[ -e "$tap_dir/go" ] && play 4000 "$f"
		done
	done
) &
player=$!
n=0 unsound= gone= not_killed=0
: >"$tap_dir/shown"
while [ $n -lt $kills ]; do
	n=$((n + 1))
	start_sensor
	await 'listening on mirror' || break
	sleep "0.$((n * 37 % 9 + 1))"
	"$ZONETAP" alerts --db "$db" --format jsonl list 2>/dev/null >"$tap_dir/shown-$n"
	sleep "0.0$((n * 53 % 10))"
	kill -KILL "$sensor" || not_killed=$((not_killed + 1))
	wait "$sensor" 2>/dev/null
	[ "$(sound)" = ok ] || unsound="$unsound $n"
	# What the operator was shown is still shown, at least as new, and so is what was shown after earlier kills.
	"$ZONETAP" alerts --db "$db" --format jsonl list >"$tap_dir/now" 2>/dev/null
	cat "$tap_dir/shown-$n" >>"$tap_dir/shown"
	missing=$(python3 - "$tap_dir/shown" "$tap_dir/now" <<-'EOF'
		import json, sys
		def newest(path):
		    revs = {}
		    for a in map(json.loads, open(path)):
		        revs[a['uid']] = max(a['rev'], revs.get(a['uid'], 0))
		    return revs
		shown, now = newest(sys.argv[1]), newest(sys.argv[2])
		print(sum(1 for uid, rev in shown.items() if now.get(uid, 0) < rev))
	EOF
	)
	[ "$missing" = 0 ] || gone="$gone $n:$missing"
done
sensor=
rm "$tap_dir/go"
wait "$player"
is "killed $kills times under load" "$n $not_killed" "$kills 0"
is "the database was sound after each" "$unsound" ""
is "no alert that was shown was gone after any" "$gone" ""
ok "there were many" test "$(wc -l <"$tap_dir/now")" -gt "$kills"
is "no revision is there twice" "$(python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
print(*c.execute("SELECT count(*) - count(DISTINCT uid || \":\" || rev) FROM outbox").fetchone(),
      *c.execute("SELECT count(*) - count(DISTINCT uid) FROM alerts").fetchone())' "$db")" "0 0"
start_sensor
await 'listening on mirror'
ok "and the next one goes on with it" await_state ok
stop_sensor
is "it leaves with 0" "$status" 0
done_testing
