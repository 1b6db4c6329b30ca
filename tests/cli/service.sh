# The systemd unit: what systemd itself says of it, and of the user and the folders that it names.
. "$top_srcdir/tests/lib/tap.sh"

command -v systemd-analyze >/dev/null || skip_all "systemd-analyze is not installed (Debian package systemd)"
unit=$tap_dir/zonetap.service
# As it will be installed, but with the program where it is now.
sed "s|=[^ ]*/zonetap |=$ZONETAP |" "$top_builddir/contrib/systemd/zonetap.service" >"$unit"

is "nothing is left to be replaced" "$(grep -n '@' "$unit" | grep -v '@system-service\|@privileged')" ""
runs systemd-analyze verify --man=no "$unit"
is "systemd-analyze verify: status" "$status" 0
# It speaks of other units of this machine as well.
is "systemd-analyze verify: nothing to say" "$(printf '%s\n' "$err" | grep zonetap)" ""

# exposure FILE: tenths, as systemd rounds them.
exposure() {
	systemd-analyze security --offline=true --no-pager "$1" 2>&1 |
		sed -n 's/.*Overall exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}
if systemd-analyze security --offline=true --no-pager "$unit" 2>&1 | grep -q 'unrecognized option\|invalid option'; then
	skip "exposure below 2.0" "this systemd-analyze cannot look at files (before 250)"
else
	n=$(exposure "$unit")
	ok "exposure below 2.0 (${n:-unknown} tenths)" test "${n:-99}" -lt 20
	# The drop-in for receivers of alerts, as systemd would add it.
	mkdir -p "$tap_dir/both/zonetap.service.d"
	cp "$unit" "$tap_dir/both/" && cp "$top_srcdir/contrib/systemd/zonetap-forward.conf" "$tap_dir/both/zonetap.service.d/"
	runs systemd-analyze verify --man=no "$tap_dir/both/zonetap.service"
	is "the drop-in for receivers: systemd-analyze verify" "$status:$(printf '%s\n' "$err" | grep zonetap)" "0:"
	cat "$unit" "$top_srcdir/contrib/systemd/zonetap-forward.conf" >"$tap_dir/forward.service"
	n=$(exposure "$tap_dir/forward.service")
	ok "exposure below 2.0 with receivers (${n:-unknown} tenths)" test "${n:-99}" -lt 20
	sed '/^CapabilityBoundingSet=/d' "$unit" >"$tap_dir/loose.service"
	ok "a unit without its bounding set would be noticed" test "$(exposure "$tap_dir/loose.service")" -ge 20
fi

# value NAME: of a setting of the unit.
value() { sed -n "s/^$1=//p" "$unit"; }
is "one capability, and that only" "$(value AmbientCapabilities):$(value CapabilityBoundingSet)" "CAP_NET_RAW:CAP_NET_RAW"
is "IP with nobody who is not named" "$(value RestrictAddressFamilies):$(value IPAddressDeny):$(value IPAddressAllow)" \
	"AF_PACKET AF_UNIX AF_NETLINK AF_INET AF_INET6:any:"
is "the service manager hears when it is ready" "$(value Type):$(value NotifyAccess)" "notify:main"

# The calls that the unit allows: each SystemCallFilter= adds or takes away, groups stand for their members.
systemd-analyze syscall-filter >"$tap_dir/groups" 2>"$tap_dir/err" && value SystemCallFilter >"$tap_dir/lists" &&
	awk '
	function expand(word, into,    i, n, part) {
		if (word !~ /^@/) { into[word] = 1; return }
		n = split(members[word], part, " ")
		for (i = 1; i <= n; i++) expand(part[i], into)
	}
	FNR == NR {
		if (/^[^ ]*@[a-z]/) { gsub(/[^@a-z-]/, "", $1); group = $1 }
		else if ($1 != "" && $1 !~ /^#/) members[group] = members[group] " " $1
		next
	}
	{
		take = sub(/^~/, "")
		for (i = 1; i <= NF; i++) {
			split("", named)
			expand($i, named)
			for (call in named) if (take) delete allowed[call]; else allowed[call] = 1
		}
	}
	END { expand("@default", allowed); for (call in allowed) print call }' "$tap_dir/groups" "$tap_dir/lists" >"$tap_dir/allowed"
if [ "$(wc -l <"$tap_dir/allowed")" -gt 100 ]; then
	missing=
	# To start, to give up privileges, to capture, to store, to answer, to forward.
	for call in execve clone3 prctl capget capset unshare close_range seccomp prlimit64 \
		socket bind ioctl setsockopt getsockopt mmap poll recvfrom recvmsg futex \
		openat pwrite64 fdatasync ftruncate flock unlink rename fcntl statfs adjtimex \
		listen accept4 connect sendto sendmsg signalfd4 eventfd2 umask \
		socketpair clone shutdown sendmmsg getpeername pipe2; do
		grep -qx "$call" "$tap_dir/allowed" || missing="$missing $call"
	done
	is "the unit allows the calls that the sensor makes" "$missing" ""
	there=
	for call in ptrace mount bpf init_module kexec_load io_uring_setup userfaultfd reboot swapon setuid clock_settime; do
		! grep -qx "$call" "$tap_dir/allowed" || there="$there $call"
	done
	is "the unit forbids what a sensor has no reason for" "$there" ""
else
	skip "the unit allows the calls that the sensor makes" "systemd-analyze has no list of calls"
fi

if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$tap_dir/sys/etc"
	runs systemd-sysusers --root="$tap_dir/sys" "$top_srcdir/contrib/systemd/zonetap.sysusers"
	if [ "$(id -u)" -eq 0 ]; then
		like "systemd-sysusers makes the unit's user" "$(cat "$tap_dir/sys/etc/passwd")" "^$(value User):.*:/usr/sbin/nologin\$"
		like "systemd-sysusers makes the unit's group" "$(cat "$tap_dir/sys/etc/group")" "^$(value Group):"
	else
		skip "systemd-sysusers makes the unit's user" "not root"
	fi
	if [ "$(id -u)" -eq 0 ] && command -v systemd-tmpfiles >/dev/null; then
		runs systemd-tmpfiles --root="$tap_dir/sys" --create "$top_srcdir/contrib/systemd/zonetap.tmpfiles"
		is "systemd-tmpfiles makes the folders" "$status:$(cd "$tap_dir/sys" && stat -c '%n %a' run/zonetap var/lib/zonetap)" \
			"0:run/zonetap 750
var/lib/zonetap 750"
	else
		skip "systemd-tmpfiles makes the folders" "not root, or systemd-tmpfiles is not installed"
	fi
else
	skip "systemd-sysusers makes the unit's user" "systemd-sysusers is not installed"
fi
done_testing
