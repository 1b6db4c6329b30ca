# An interface that is not there, goes down, goes away and comes back: waited for, and told.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
in_namespace "$0"
needs tcpreplay python3
make_place
new_namespace

make_cable() {
	ip link add plant type veth peer name mirror
	quiet_link plant mirror
}

for workers in 1 3; do
	configure "$workers" 'health: {silence: 1s}'
	rm -f "$db"*
	start_sensor
	ok "$workers workers: it waits for an interface that is not there" await 'waiting: mirror: there is no such interface'
	make_cable
	ok "$workers workers: and takes it up" await 'listening on mirror'
	ip link set mirror down
	ok "$workers workers: it sees that it goes down" await 'waiting: mirror: the interface is down'
	sleep 0.5
	: >"$tap_dir/sensor.err"
	ip link set mirror up
	ok "$workers workers: and comes up" await 'listening on mirror'
	: >"$tap_dir/sensor.err"
	ip link del mirror
	ok "$workers workers: it sees that it goes away" await 'waiting: mirror: '
	sleep 0.3
	make_cable
	ok "$workers workers: and comes back" await 'listening on mirror'
	sleep 0.3
	play 1000 "$top_srcdir/pcaps/demo/bottling-line.pcap"
	sleep 2.5
	stop_sensor
	is "$workers workers: it leaves with 0" "$status" 0
	plain_alerts "$tap_dir/sensor.out" >"$tap_dir/live.txt"
	is "$workers workers: what passed afterwards is seen" "$(wc -l <"$tap_dir/live.txt")" 9
	own_alerts "$tap_dir/sensor.out" >"$tap_dir/own.txt"
	like "$workers workers: an alert that it is gone" "$(cat "$tap_dir/own.txt")" '^sensor-interface-gone 3 mirror: there is no such interface'
	like "$workers workers: an alert that it is back" "$(cat "$tap_dir/own.txt")" '^sensor-interface-back 3 mirror is back'
	like "$workers workers: an alert that it is silent" "$(cat "$tap_dir/own.txt")" '^sensor-silence [0-9]* No packet has come on mirror for '
	ip link del plant
done
done_testing
