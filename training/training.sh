#!/bin/sh
# training.sh SOURCE BUILD - what the counting program of BUILD is trained with: every capture of the tree, with and
# without a site, with a database, as alerts and as events; and most of all a longer one of many connections.
set -eu
source=$1
cd "$2"
build=$(pwd)

# Some captures are broken on purpose: those end with 1.
counting() {
	"$build/zonetap" "$@" || [ $? -eq 1 ]
}

cd "$source"
for capture in pcaps/*/*.pcap*; do
	rm -f "$build"/training.db*
	counting replay --rules rules --site rules/site.example.yaml --db "$build/training.db" "$capture"
	counting events "$capture"
done >"$build/said"
"$build/make_capture" 300000 tests/bench/mix.txt "$build/training.pcap"
rm -f "$build"/training.db*
counting replay --rules rules --site tests/bench/site.yaml --db "$build/training.db" "$build/training.pcap"
