#!/bin/sh
# unpack.sh - servers for the tests, from Debian's packages: unpacked into tests/peers/unpacked/, never installed or started.
#
# Libraries that the machine has are not fetched again; what was unpacked once is not asked for again, so that the second
# time needs no network. What cannot be had is no failure: tests/peers/unpacked/.why/NAME says why, and the tests that need it
# skip with those words.
#
#   rsyslog      1.2 MB     rsyslogd with its OpenSSL driver
#   syslog-ng    0.8 MB
#   promtool    19.3 MB     of prometheus; 85 MB unpacked, all but promtool is thrown away
#   clickhouse  14.5 MB     server and client, 85 MB unpacked
set -u
cd "$(dirname "$0")" || exit 1
root=$PWD/unpacked
LC_ALL=C
export LC_ALL

say() { printf '%s\n' "peers: $*" >&2; }

# Of what installing would bring, the packages named and libraries for programs; one a line. Needs no rights.
wanted() {                              # wanted PACKAGE...
	apt-get -qs --no-install-recommends install "$@" 2>"$work/err" >"$work/plan" || return 1
	awk '$1 == "Inst" { print $2 }' "$work/plan" | grep -Ev '^libjs-' >"$work/new"
	for package; do printf '%s\n' "$package"; done >"$work/named"
	grep -E '^lib' "$work/new" | cat "$work/named" - | sort -u
}

fetch() {                               # fetch PACKAGE...: into $work
	wanted "$@" >"$work/list" || return 1
	# The sandbox of apt would want to write into a folder of ours.
	# shellcheck disable=SC2046 # a list of words
	(cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download $(cat list) >out 2>err)
}

unpack() {                              # unpack NAME PACKAGE...
	name=$1
	shift
	[ ! -f "$root/.have/$name" ] || return 0
	mkdir -p "$root/.have" "$root/.why"
	work=$(mktemp -d "$root/new.XXXXXX") || return 0
	say "fetching $*"
	if ! fetch "$@" && ! { renew && fetch "$@"; }; then
		why=$(grep -m 1 '^[EW]:' "$work/err" | cut -c 4-)
		printf 'the packages %s could not be fetched: %s\n' "$*" "${why:-apt-get failed}" >"$root/.why/$name"
		say "$(cat "$root/.why/$name")"
		rm -rf "$work"
		return 0
	fi
	failed=
	for deb in "$work"/*.deb; do dpkg -x "$deb" "$work/tree" || failed=yes; done
	[ -z "$failed" ] && keep "$name" && cp -a "$work/tree/." "$root/" && mv "$work/list" "$root/.have/$name" &&
		rm -f "$root/.why/$name"
	rm -rf "$work"
}

keep() {                                # keep NAME: of $work/tree what the tests use
	case $1 in
	promtool)
		mkdir -p "$work/less/usr/bin" && mv "$work/tree/usr/bin/promtool" "$work/less/usr/bin/" &&
			rm -rf "$work/tree" && mv "$work/less" "$work/tree" ;;
	*) rm -rf "$work/tree/usr/share/doc" "$work/tree/usr/share/man" "$work/tree/usr/share/locale" ;;
	esac
}

# The lists of packages may be older than what the mirror has: once, where we are allowed to.
renewed=
renew() {
	[ -z "$renewed" ] && [ "$(id -u)" -eq 0 ] || return 1
	renewed=yes
	apt-get -q update >/dev/null 2>&1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	say 'this is not Debian: tests with real servers use what is installed, or skip'
	exit 0
fi
if [ "$(id -u)" -ne 0 ] && ! [ -w . ]; then exit 0; fi
unpack rsyslog rsyslog rsyslog-openssl
unpack syslog-ng syslog-ng-core
unpack promtool prometheus
unpack clickhouse clickhouse-server clickhouse-common clickhouse-client
exit 0
