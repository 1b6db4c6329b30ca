#!/bin/sh
# record.sh: makes ../st-tags.pcap and ../st-io.pcap again, with other times and ports than those in the tree (so the
# golden files must be made again too). The client is st-ethernet-ip of npm, installed into a temporary folder (needs
# npm), the other side small_controller.py, for no free server speaks Logix; the rest is in gen/two_hosts.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mac=02:00:5e:20:00
. "$here/../../gen/two_hosts.sh"

(cd "$tmp" && npm install --silent st-ethernet-ip@2.7.5 >/dev/null)
cp "$here/st_talk.js" "$here/io_talk.js" "$tmp/"
ports='port 44818 or port 2222'
controller="python3 $here/small_controller.py $server_ip"
record st-tags "$ports" "$controller" "node $tmp/st_talk.js $server_ip"
record st-io "$ports" "$controller" "node $tmp/io_talk.js $server_ip 192.0.2.2"
