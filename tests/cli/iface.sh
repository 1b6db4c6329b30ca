# What `zonetap check -c` says of an interface on which the kernel talks, in a network namespace of its own: the
# warnings come, and each goes when the command that was printed with it is carried out.
. "$top_srcdir/tests/lib/tap.sh"
ZONETAP_RULES=$top_srcdir/rules
export ZONETAP_RULES

if [ -z "${ZT_OWN_NAMESPACE-}" ]; then
	for tool in unshare ip ethtool sysctl; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
	done
	unshare -rn true 2>/dev/null || skip_all "no network namespace can be made here"
	unshare -rn ip link add ztm0 type veth peer name ztp0 2>/dev/null || skip_all "this kernel has no veth"
	ZT_OWN_NAMESPACE=yes unshare -rn sh "$0"
	exit
fi

cd "$tap_dir" || exit 99
ip link add ztm0 type veth peer name ztp0
ip link set dev ztm0 up
ip link set dev ztp0 up
cat >c.yaml <<END
interfaces: [{name: ztm0}]
database: {path: x.db, max_size: off}
socket: s
END
check() { runs "$ZONETAP" check -c c.yaml; }
said() { printf '%s\n' "$out" | grep "^warning: $1"; }         # the warnings about an interface
# The commands that stand under these, as one may type them.
remedies() { printf '%s\n' "$out" | sed -n "/^warning: $1 /{n;s/^         //p}"; }

check
like "as it is made: ARP" "$out" "^warning: ztm0 has ARP on: "
ip addr add 192.0.2.1/24 dev ztm0
ip addr add 192.0.2.2/24 dev ztm0
ethtool -K ztm0 gro on
check
is "a talking interface is no mistake" "$status$err" "0"
like "the plan: it is up" "$out" "^ztm0 +up, [0-9]+ Mbit/s, veth "
like "its addresses" "$out" "^warning: ztm0 has 2 addresses, 192.0.2.1/24 is one: the kernel answers and sends from them$"
like "and what takes them away" "$out" "^         ip addr flush dev ztm0$"
like "its ARP" "$out" "^         ip link set dev ztm0 arp off$"
if [ "$(cat /proc/sys/net/ipv6/conf/ztm0/disable_ipv6 2>/dev/null)" = 0 ]; then
	like "its IPv6" "$out" "^         sysctl -w net.ipv6.conf.ztm0.disable_ipv6=1$"
else
	skip "its IPv6" "IPv6 is off here"
fi
like "its GRO" "$out" "^warning: ztm0 merges packets before the sensor sees them \(GRO\): "
like "and what switches it off" "$out" "^         ethtool -K ztm0 gro off$"

if ip link add ztb0 type bridge 2>/dev/null && ip link set dev ztm0 master ztb0; then
	check
	like "a bridge that it is a port of" "$out" "^warning: ztm0 is a port of ztb0: "
else
	skip "a bridge that it is a port of" "this kernel has no bridge"
fi
if ip link add link ztm0 name ztm0.5 type vlan id 5 2>/dev/null || ip link add link ztm0 name ztm0.5 type macvlan 2>/dev/null; then
	ip link set dev ztm0.5 up
	check
	like "what stands on it" "$out" "^warning: ztm0 carries ztm0.5: "
	ip link delete dev ztm0.5
else
	skip "what stands on it" "this kernel has neither VLANs nor macvlan"
fi

check
remedies ztm0 >commands
ok "the commands can be carried out as printed" sh -e commands
check
is "and then it is silent" "$(said ztm0 | grep -v 'ztm0 seems to ')" ""      # the machine's own daemons run on
sent() { sed -n 's/^ *ztm0: *//p' /proc/net/dev | awk '{ print $10 }'; }
before=$(sent)
check
is "looking at it sends nothing" "$(sent)" "$before"

ip link set dev ztm0 down
check
like "it is down" "$out" "^warning: ztm0 is down: nothing arrives$"
like "the plan: it is down" "$out" "^ztm0 +down, veth "
remedies ztm0 >commands
ok "what brings it up" sh -e commands
ip link set dev ztp0 down
check
like "nothing at its other end" "$out" "^warning: ztm0 has no link: "
ip link set dev ztp0 up
ip link set dev ztm0 promisc on
check
like "the plan: somebody else listens" "$out" "^ztm0 +up, .*, already promiscuous "

# Programs are known by their names: these only wait.
mkfifo wait
printf '#!/bin/sh\nread x <wait\n' >lldpd
cp lldpd dhclient
chmod +x lldpd dhclient
./lldpd &
lldpd=$!
./dhclient -4 ztm0 &
dhclient=$!
./dhclient -4 ztm1 &
other=$!
n=0
until [ "$(cat /proc/$lldpd/comm)" = lldpd ] && [ "$(cat /proc/$other/comm)" = dhclient ] || [ $((n += 1)) -gt 50 ]; do sleep 0.1; done
check
like "an LLDP daemon" "$out" "^warning: ztm0 seems to have LLDP on: lldpd runs, "
like "and what keeps it away" "$out" "^         lldpcli configure system interface pattern '\*,!ztm0'$"
is "a DHCP client of this interface, not of another" "$(said 'ztm0 seems to be used')" \
	"warning: ztm0 seems to be used by dhclient (process $dhclient), which sends there"
kill "$lldpd" "$dhclient" "$other"

# systemd-networkd sends LLDP where a .network file says so. /run is one of our own for that.
if unshare -m sh -c 'mount -t tmpfs none /run' 2>/dev/null; then
	cp lldpd systemd-networkd
	networkd() {                    # networkd TEXT: what is said of ztm0 with that in a .network file
		ZTM_TEXT=$1 unshare -m sh -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/network &&
			printf "[Network]\n%s\n" "$ZTM_TEXT" >/run/systemd/network/20-mirror.network
			./systemd-networkd & pid=$!
			n=0
			until [ "$(cat /proc/$pid/comm)" = systemd-network ] || [ $((n += 1)) -gt 50 ]; do sleep 0.1; done
			"$ZONETAP" check -c c.yaml
			kill $pid' >networkd.out 2>&1
		out=$(cat networkd.out)
	}
	networkd EmitLLDP=nearest-bridge
	like "systemd-networkd, told to send LLDP" "$out" \
		"^warning: ztm0 seems to have LLDP on: systemd-networkd runs, and /run/systemd/network/20-mirror.network says EmitLLDP$"
	networkd EmitLLDP=no
	is "systemd-networkd, told not to" "$(printf '%s\n' "$out" | grep -c '/20-mirror.network')" 0
else
	skip "systemd-networkd, told to send LLDP" "no file system can be mounted here"
	skip "systemd-networkd, told not to" "no file system can be mounted here"
fi

ip route add default dev ztm0
check
like "the port that the machine itself uses" "$out" "^warning: ztm0 has the default route, "
sed 's/ztm0/ztm9/' c.yaml >d.yaml
runs "$ZONETAP" check -c d.yaml
like "a name that is nearly right" "$out" "^warning: ztm9 is not there and will be waited for; did you mean ztm0\?$"
sed 's/ztm0/lo/' c.yaml >d.yaml
runs "$ZONETAP" check -c d.yaml
is "the loopback" "$(said 'lo .*loopback')" "warning: lo is this machine's loopback: no mirror is plugged into it"

if ip link set dev ztp0 name 'zt;$p' 2>/dev/null; then
	printf '%s\n' 'interfaces: [{name: "zt;$p"}]' 'database: {path: x.db, max_size: off}' >d.yaml
	runs "$ZONETAP" check -c d.yaml
	like "a name that a shell would read is quoted" "$out" "^         ip link set dev 'zt;\\\$p' arp off$"
else
	skip "a name that a shell would read is quoted" "this kernel does not take such a name"
fi
done_testing
