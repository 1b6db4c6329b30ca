# Real Modbus, pymodbus on both ends of a bridge that floods as a mirror does, with the kernel's own TCP and ARP: the
# sensor says what a replay says, and stays as silent as before.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/live/lib.sh"
in_namespace "$0"
needs tcpdump python3 nsenter
python=
for p in python3 /usr/bin/python3; do
	[ -n "$python" ] || ! "$p" -c 'import pymodbus' 2>/dev/null || python=$p
done
[ -n "$python" ] || skip_all "pymodbus is not installed (Debian package python3-pymodbus)"
make_place
make_mirror
configure 2

# machine NAME ADDRESS: a network namespace of its own on the bridge; its process is left in $machine.
machines=
machine() {
	unshare --net sleep 120 &
	machine=$!
	machines="$machines $machine"
	ip link add "$1" type veth peer name "port-$1"
	ip link set "port-$1" master bridge
	quiet_link "port-$1"
	sleep 0.3
	ip link set "$1" netns "$machine" || return 1
	nsenter --net="/proc/$machine/ns/net" ip addr add "$2/24" dev "$1" &&
		nsenter --net="/proc/$machine/ns/net" ip link set "$1" up
}
end_talk() {
	# shellcheck disable=SC2086 # a list
	kill $machines 2>/dev/null
	end_all
}
trap end_talk EXIT

cat >"$tap_dir/server.py" <<'END'
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSequentialDataBlock
from pymodbus.server import StartTcpServer
block = ModbusSequentialDataBlock(0, [7] * 1000)
StartTcpServer(context=ModbusServerContext(slaves=ModbusSlaveContext(hr=block, co=block), single=True),
               address=('192.168.1.10', 502))
END
cat >"$tap_dir/client.py" <<'END'
import sys, time
from pymodbus.client import ModbusTcpClient
for attempt in range(50):
    client = ModbusTcpClient(sys.argv[1] if len(sys.argv) > 1 else '192.168.1.10')
    if client.connect():
        break
    time.sleep(0.1)
for i in range(100):
    client.read_holding_registers(i, 10, slave=1)
client.write_register(100, 5, slave=1)
client.write_registers(500, [1, 2, 3], slave=1)
client.write_register(5000, 1, slave=1)
client.close()
END

if ! machine plc 192.168.1.10; then skip_all "a namespace in the namespace cannot be made here"; fi
plc=$machine
machine hmi 192.168.2.10
hmi=$machine
# Two networks without a router between them: each sees the other on the bridge.
nsenter --net="/proc/$plc/ns/net" ip route add 192.168.2.0/24 dev plc
nsenter --net="/proc/$hmi/ns/net" ip route add 192.168.1.0/24 dev hmi

start_sensor
ok "it listens" await 'listening on mirror'
ok "tcpdump listens" start_recorder
nsenter --net="/proc/$plc/ns/net" "$python" "$tap_dir/server.py" >"$tap_dir/server.out" 2>&1 &
machines="$machines $!"
ok "a client and a server talk" nsenter --net="/proc/$hmi/ns/net" timeout 30 "$python" "$tap_dir/client.py"
sleep 1
stop_recorder
stop_sensor
is "it leaves with 0" "$status" 0
# Packets that the kernel makes are stamped by each socket for itself.
PLAIN_WITHOUT='first_seen last_seen'
same_as_replay "the alerts of a replay"
like "the write that no conduit allows is there, with its outcome" "$(cat "$tap_dir/live.txt")" '"outcome": "(accepted|mixed)".*"rule": "write-denied"'
is "not one frame left the sensor" "$(link_packets mirror tx):$(link_packets outside rx)" 0:0
done_testing
