#!/bin/sh
# record.sh: makes ../st-tags.pcap and ../st-io.pcap again, with other times and ports than those in the tree (so the golden
# files must be made again too). Two network namespaces joined by a veth pair; the client is st-ethernet-ip of npm, installed
# into a temporary folder, the other side small_controller.py, for no free server speaks Logix; dumpcap records. Needs root
# and npm; nothing of the talk leaves the machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
server=zt-ei-server client=zt-ei-client
recorder='' peer=''

cleanup() {
	[ -z "$peer" ] || kill "$peer" 2>/dev/null || :
	[ -z "$recorder" ] || kill "$recorder" 2>/dev/null || :
	ip netns del $server 2>/dev/null || :
	ip netns del $client 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT

(cd "$tmp" && npm install --silent st-ethernet-ip@2.7.5 >/dev/null)
ip netns add $server
ip netns add $client
ip link add veth-s netns $server address 02:00:5e:20:00:01 type veth peer name veth-c netns $client address 02:00:5e:20:00:02
ip -n $server addr add 192.0.2.1/24 dev veth-s
ip -n $client addr add 192.0.2.2/24 dev veth-c
ip -n $server link set veth-s up
ip -n $client link set veth-c up
ip -n $client route add default via 192.0.2.1 2>/dev/null || :

# record NAME SCRIPT [WORD...]
record() {
	name=$1 script=$2
	shift 2
	ip netns exec $client dumpcap -q -P -i veth-c -f 'port 44818 or port 2222' -w "$tmp/$name.pcap" >/dev/null 2>&1 &
	recorder=$!
	sleep 1
	ip netns exec $server python3 "$here/small_controller.py" 192.0.2.1 &
	peer=$!
	sleep 1
	cp "$here/$script" "$tmp/"
	ip netns exec $client node "$tmp/$script" 192.0.2.1 "$@"
	sleep 1
	kill "$peer" "$recorder"
	wait "$peer" 2>/dev/null || :
	wait "$recorder" 2>/dev/null || :
	peer='' recorder=''
	cp "$tmp/$name.pcap" "$here/../$name.pcap"
}

record st-tags st_talk.js
record st-io io_talk.js 192.0.2.2
