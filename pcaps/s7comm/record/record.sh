#!/bin/sh
# record.sh: makes ../snap7.pcap and ../nodes7.pcap again, with other times and ports than those in the tree (so the
# golden files must be made again too). Two network namespaces joined by a veth pair; the stacks are the npm packages
# node-snap7 1.0.9 (snap7's server and client) and nodes7 (another client), fetched to $S7_NODE_MODULES beforehand;
# the recorder is dumpcap. Needs root; no packet leaves the machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NODE_PATH=${S7_NODE_MODULES:?a folder node_modules with node-snap7 and nodes7}
export NODE_PATH
tmp=$(mktemp -d)
server=zt-s7-server client=zt-s7-client
recorder='' peer=''

cleanup() {
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || :
	[ -z "$recorder" ] || kill "$recorder" 2>/dev/null || :
	ip netns del $server 2>/dev/null || :
	ip netns del $client 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT

ip netns add $server
ip netns add $client
ip link add veth-s netns $server address 02:00:5e:10:01:01 type veth peer name veth-c netns $client address 02:00:5e:10:01:02
ip -n $server addr add 192.0.2.1/24 dev veth-s
ip -n $client addr add 192.0.2.2/24 dev veth-c
ip -n $server link set veth-s up
ip -n $client link set veth-c up

# record NAME SCRIPT
record() {
	ip netns exec $client dumpcap -q -P -i veth-c -f 'port 102' -w "$tmp/$1.pcap" >/dev/null 2>&1 &
	recorder=$!
	ip netns exec $server node "$here/server.js" 192.0.2.1 &
	peer=$!
	sleep 2
	ip netns exec $client node "$here/$2" 192.0.2.1
	sleep 1
	kill "$peer" "$recorder"
	wait "$peer" 2>/dev/null || :
	wait "$recorder" 2>/dev/null || :
	peer='' recorder=''
	cp "$tmp/$1.pcap" "$here/../$1.pcap"
}

record snap7 client.js
record nodes7 nodes7.js
