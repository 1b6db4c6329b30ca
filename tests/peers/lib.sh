# lib.sh - sourced by tests that need a server of Debian's: the one unpacked by unpack.sh, else what is installed.
: "${ZONETAP_PEERS:=$top_srcdir/tests/peers/unpacked}"

peer_libraries=
for peer_folder in "$ZONETAP_PEERS"/usr/lib/*-linux-gnu* "$ZONETAP_PEERS"/lib/*-linux-gnu* "$ZONETAP_PEERS/usr/lib/syslog-ng"; do
	[ -d "$peer_folder" ] && peer_libraries=$peer_libraries${peer_libraries:+:}$peer_folder
done

# peer NAME PROGRAM: leaves the program's path in $peer and true, or in $why what is missing and false.
peer() {
	for peer_folder in "$ZONETAP_PEERS/usr/sbin" "$ZONETAP_PEERS/usr/bin" /usr/sbin /usr/bin /usr/local/sbin /usr/local/bin; do
		peer=$peer_folder/$2
		[ -x "$peer" ] && return 0
	done
	peer=
	if [ -s "$ZONETAP_PEERS/.why/$1" ]; then why=$(head -n 1 "$ZONETAP_PEERS/.why/$1"); else
		why="$2 is neither installed nor unpacked (./bootstrap check does that)"
	fi
	return 1
}

# With the libraries that were unpacked beside it. Replaces the shell: for `( peer_exec ... ) &`.
peer_exec() {
	case $1 in "$ZONETAP_PEERS"/*) LD_LIBRARY_PATH=$peer_libraries; export LD_LIBRARY_PATH ;; esac
	exec "$@"
}

peer_folder() {                         # peer_folder GLOB: a folder of its package, unpacked or installed
	for peer_folder in "$ZONETAP_PEERS"$1 $1; do
		if [ -d "$peer_folder" ]; then
			printf '%s\n' "$peer_folder"
			return 0
		fi
	done
	return 1
}
