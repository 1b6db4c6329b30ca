#!/bin/sh
# record.sh: makes ../libmodbus.pcap and ../pymodbus.pcap again, with other times and ports than those in the tree (so
# the golden files must be made again too). The stacks are Debian's libmodbus-dev and python3-pymodbus; the rest is in
# gen/two_hosts.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mac=02:00:5e:10:00
. "$here/../../gen/two_hosts.sh"

# shellcheck disable=SC2046 # flags are words
cc -O2 -o "$tmp/talk" "$here/libmodbus_talk.c" $(pkg-config --cflags --libs libmodbus)
record libmodbus 'port 502' "$tmp/talk server $server_ip" "$tmp/talk client $server_ip"
talk="/usr/bin/python3 $here/pymodbus_talk.py"
record pymodbus 'port 502' "$talk server $server_ip" "$talk client $server_ip"
