# Where the kernel does not deal out packets by address pair one socket serves all workers: the same alerts.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
on_a_mirror tcpreplay tcpdump python3
make_shim
configure 4
export ZT_SHIM_NO_FANOUT=yes
LD_PRELOAD=$shim start_sensor
ok "it listens, and says that it is one socket" await 'listening on mirror (one socket for all workers'
ok "tcpdump listens" start_recorder
# shellcheck disable=SC2046 # a list of files
play 2000 $(ls "$top_srcdir"/pcaps/*/*.pcap)
sleep 1
"$ZONETAP" status --socket "$socket" --format json >"$tap_dir/status.json"
stop_recorder
: >"$tap_dir/sensor.err"
ip link set mirror down
ok "it sees the interface go" await 'waiting: mirror: the interface is down'
ip link set mirror up
ok "and come back" await 'listening on mirror'
stop_sensor
is "it leaves with 0" "$status" 0
same_as_replay "one socket, four workers: the alerts of a replay"
is "nothing is lost" "$(python3 -c 'import json, sys
l = json.load(open(sys.argv[1]))["interfaces"][0]["loss"]
print(l["ring"] + l["handoff"] + l["findings"])' "$tap_dir/status.json")" 0
done_testing
