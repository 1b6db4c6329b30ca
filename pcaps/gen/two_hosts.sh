# two_hosts.sh - for the record.sh of each protocol, which reads it with `.`: two network namespaces joined by a veth
# pair, a client and a server in them, and what they say to each other recorded. Needs root and dumpcap; no packet
# leaves the machine. Before: $here is the script's folder, $mac the first five octets of both hosts' addresses.
tmp=$(mktemp -d)
server=zt-server-$$ client=zt-client-$$
server_ip=192.0.2.1
recorder='' peer=''

cleanup() {
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || :
	[ -z "$recorder" ] || kill "$recorder" 2>/dev/null || :
	ip netns del "$server" 2>/dev/null || :
	ip netns del "$client" 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT

ip netns add "$server"
ip netns add "$client"
ip link add veth-s netns "$server" address "$mac:01" type veth peer name veth-c netns "$client" address "$mac:02"
ip -n "$server" addr add $server_ip/24 dev veth-s
ip -n "$client" addr add 192.0.2.2/24 dev veth-c
ip -n "$server" link set veth-s up
ip -n "$client" link set veth-c up
ip -n "$client" route add default via $server_ip

# record NAME FILTER SERVER-COMMAND CLIENT-COMMAND: makes $here/../NAME.pcap. Commands are lists of words.
record() {
	ip netns exec "$client" dumpcap -q -P -i veth-c -f "$2" -w "$tmp/$1.pcap" >/dev/null 2>&1 &
	recorder=$!
	sleep 1
	# shellcheck disable=SC2086
	ip netns exec "$server" $3 &
	peer=$!
	sleep 2
	# shellcheck disable=SC2086
	ip netns exec "$client" $4
	sleep 1
	kill "$peer" "$recorder"
	wait "$peer" 2>/dev/null || :
	wait "$recorder" 2>/dev/null || :
	peer='' recorder=''
	cp "$tmp/$1.pcap" "$here/../$1.pcap"
}
