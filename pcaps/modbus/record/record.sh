#!/bin/sh
# record.sh: makes ../libmodbus.pcap and ../pymodbus.pcap again, with other times and ports than those in the tree
# (so the golden files must be made again too). Two network namespaces joined by a veth pair; the stacks are
# Debian's libmodbus-dev and python3-pymodbus, the recorder is dumpcap. Needs root; no packet leaves the machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
server=zt-mb-server client=zt-mb-client
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
ip link add veth-s netns $server address 02:00:5e:10:00:01 type veth peer name veth-c netns $client address 02:00:5e:10:00:02
ip -n $server addr add 192.0.2.1/24 dev veth-s
ip -n $client addr add 192.0.2.2/24 dev veth-c
ip -n $server link set veth-s up
ip -n $client link set veth-c up

# record NAME SERVER-COMMAND -- CLIENT-COMMAND
record() {
	name=$1
	ip netns exec $client dumpcap -q -P -i veth-c -f 'port 502' -w "$tmp/$name.pcap" >/dev/null 2>&1 &
	recorder=$!
	sleep 1
	# shellcheck disable=SC2086 # commands are lists of words
	ip netns exec $server $2 &
	peer=$!
	sleep 2
	# shellcheck disable=SC2086
	ip netns exec $client $3
	sleep 1
	kill "$peer" "$recorder"
	wait "$peer" 2>/dev/null || :
	wait "$recorder" 2>/dev/null || :
	peer='' recorder=''
	cp "$tmp/$name.pcap" "$here/../$name.pcap"
}

# shellcheck disable=SC2046 # flags are words
cc -O2 -o "$tmp/talk" "$here/libmodbus_talk.c" $(pkg-config --cflags --libs libmodbus)
record libmodbus "$tmp/talk server 192.0.2.1" "$tmp/talk client 192.0.2.1"
record pymodbus "/usr/bin/python3 $here/pymodbus_talk.py server 192.0.2.1" "/usr/bin/python3 $here/pymodbus_talk.py client 192.0.2.1"
