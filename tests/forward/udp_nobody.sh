# Syslog over UDP to a host on which nothing listens: however many datagrams go into one call, the host's word is noticed,
# though it says it a few times only (icmp_ratelimit of Linux).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/forward/lib.sh"
needs python3 ip nsenter unshare
loopback

unshare --net sleep 300 &
host=$!
inside() { nsenter --net="/proc/$host/ns/net" "$@"; }
other() { [ "$(readlink "/proc/$host/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
wait_for 5 other || skip_all "no second network namespace"
{
	ip link add here type veth peer name there netns "$host" && ip addr add 192.0.2.1/24 dev here && ip link set here up &&
		ip addr add 2001:db8::1/64 dev here nodad && inside ip addr add 192.0.2.2/24 dev there &&
		inside ip addr add 2001:db8::2/64 dev there nodad && inside ip link set there up && inside ip link set lo up
} 2>"$tap_dir/ip.err" || skip_all "no pair of interfaces: $(head -n 1 "$tap_dir/ip.err")"

sent=$tap_dir/sent
python3 "$records" make 300 >"$sent"
# Each on a connection of its own, and after the host may speak again.
for to in 192.0.2.2 '[2001:db8::2]'; do
	for n in 500 64 2 1; do
		sends "$to, $n at a time" 1 udp url="udp://$to:514" batch="$n"
		like "$to, $n at a time: it is noticed" "$err" '^later: .*nothing listens on '
		like "$to, $n at a time: nothing of it counts" "$err" '^sent 0 '
		sleep 1.1
	done
done
kill "$host"
done_testing
