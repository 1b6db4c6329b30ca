#!/bin/sh
# record.sh: makes ../snap7.pcap and ../nodes7.pcap again, with other times and ports than those in the tree (so the
# golden files must be made again too). The stacks are the npm packages node-snap7 1.0.9 (snap7's server and client) and
# nodes7 (another client), fetched to $S7_NODE_MODULES beforehand; the rest is in gen/two_hosts.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NODE_PATH=${S7_NODE_MODULES:?a folder node_modules with node-snap7 and nodes7}
export NODE_PATH
mac=02:00:5e:10:01
. "$here/../../gen/two_hosts.sh"

record snap7 'port 102' "node $here/server.js $server_ip" "node $here/client.js $server_ip"
record nodes7 'port 102' "node $here/server.js $server_ip" "node $here/nodes7.js $server_ip"
