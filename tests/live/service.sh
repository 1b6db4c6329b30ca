# The service under a real systemd, in a container of its own that sees the programs of this machine and nothing else:
# it says when it is ready, its threads hold what they should, a reload works and fails, a sensor that hangs or dies is
# started again, a configuration with a mistake is not.
. "$top_srcdir/tests/lib/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "not root"
command -v systemd-nspawn >/dev/null || skip_all "systemd-nspawn is not installed (Debian package systemd-container)"
command -v ip >/dev/null || skip_all "ip is not installed"
"$ZONETAP" --version | grep -q '^libseccomp [0-9]' || skip_all "$("$ZONETAP" --version | grep '^libseccomp')"

# A root with the programs and libraries of this machine, and a few files of its own.
root=$tap_dir/sensor
mkdir -p "$root/etc/zonetap" "$root/etc/systemd/system/zonetap.service.d" "$root/opt" "$root/usr" "$root/var/lib" \
	"$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" || exit 99
for d in bin sbin lib lib32 lib64; do
	[ ! -d "/$d" ] || ln -s "usr/$d" "$root/$d"
done
cp -a /etc/ld.so.c* "$root/etc/" && cp /etc/nsswitch.conf "$root/etc/" && : >"$root/etc/machine-id"
echo 'ID=debian' >"$root/etc/os-release"
printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
systemd-sysusers --root="$root" "$top_srcdir/contrib/systemd/zonetap.sysusers" 2>/dev/null || exit 99

cp "$ZONETAP" "$root/opt/zonetap" && cp -R "$top_srcdir/rules" "$root/opt/rules" || exit 99
chmod -R a+rX "$root/opt"
sed 's|=[^ ]*/zonetap |=/opt/zonetap |' "$top_builddir/contrib/systemd/zonetap.service" \
	>"$root/etc/systemd/system/zonetap.service"
# Not to wait a minute.
printf '[Service]\nWatchdogSec=3s\n' >"$root/etc/systemd/system/zonetap.service.d/watchdog.conf"
# One receiver, which nobody is; its token is for root alone and comes as a credential.
cp "$top_srcdir/contrib/systemd/zonetap-forward.conf" "$root/etc/systemd/system/zonetap.service.d/forward.conf"
for secret in elastic.token soc-client.key; do
	(umask 077 && echo "of $secret" >"$root/etc/zonetap/$secret")
done
cat >"$root/etc/zonetap/zonetap.yaml" <<'END'
interfaces:
  - {name: mirror, workers: 2}
site: /opt/rules/site.example.yaml
rules: /opt/rules
forward:
  - {name: elastic, type: elasticsearch, url: 'https://192.0.2.10:9200', index: logs-zonetap.alerts-default,
     token_file: /run/credentials/zonetap.service/elastic.token}
END
cat >"$root/etc/systemd/system/try.service" <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /opt/try.sh
END
cat >"$root/opt/try.sh" <<'END'
exec >/opt/out 2>&1
say() { echo "$1: $2"; }
show() { systemctl show -p "$1" --value zonetap; }
# becomes NAME VALUE: a property, when it is that, or after fifteen seconds.
becomes() {
	n=0
	while [ "$(show "$1")" != "$2" ] && [ $n -lt 150 ]; do sleep 0.1; n=$((n + 1)); done
	show "$1"
}
# threads: for each its capabilities, no_new_privs and whether it is filtered; the same ones counted.
threads() {
	for t in /proc/"$(show MainPID)"/task/*/status; do
		# shellcheck disable=SC2046 # words
		echo $(sed -n 's/^\(Uid\|CapPrm\|CapEff\|NoNewPrivs\|Seccomp\):[[:blank:]]*\([0-9a-f]*\).*/\1 \2/p' "$t")
	done | sort | uniq -c
}
leave() {
	journalctl --no-pager -o cat -u zonetap | sed 's/^/log: /'
	systemctl --force --force poweroff
	exit
}
say booted yes
ip link add mirror type veth peer name switch && ip link set mirror up && ip link set switch up
timeout 30 systemctl start zonetap; say start $?
[ "$(show ActiveState)" = active ] || leave
say active "$(show ActiveState)"
say user "$(id -u zonetap)"
threads | while read -r line; do say thread "$line"; done
say sink "$(/opt/zonetap status | sed -n 's/^  \(elastic\) .* \([^ ]*:9200\)$/\1 \2/p')"
systemctl reload zonetap; say reload $?
sleep 2
cp /opt/rules/site.example.yaml /opt/site.good
echo 'zones: {' >>/opt/rules/site.example.yaml
systemctl reload zonetap; say 'reload of a mistake' $?
say 'after it' "$(show ActiveState)"
cp /opt/site.good /opt/rules/site.example.yaml
kill -STOP "$(show MainPID)"
say 'restarts after a hang' "$(becomes NRestarts 1)"
say 'then it is' "$(becomes ActiveState active)"
kill -KILL "$(show MainPID)"
say 'restarts after a kill' "$(becomes NRestarts 2)"
say 'then again it is' "$(becomes ActiveState active)"
systemctl stop zonetap; say stop "$? $(show Result)"
say folders "$(stat -c '%a %U' /var/lib/zonetap) $(stat -c '%a %U' /var/lib/zonetap/zonetap.db)"
echo 'sensr: x' >>/etc/zonetap/zonetap.yaml
systemctl start zonetap; say 'start with a mistake' $?
say 'it stays' "$(becomes ActiveState failed) $(show ExecMainStatus)"
leave
END

# Where systemd does not run, nobody else can make the unit that the container would get.
keep=
[ -d /run/systemd/system ] || keep=--keep-unit
timeout -k 5 120 systemd-nspawn -q -M "zonetap-$$" -D "$root" --bind-ro=/usr --private-network --register=no $keep \
	--boot systemd.unit=try.service </dev/null >"$tap_dir/console" 2>&1
out=$(cat "$root/opt/out" 2>/dev/null)
case $out in
*'booted: yes'*) ;;
*)
	tail -n 5 "$tap_dir/console" | cut -c 1-200 | note
	skip_all "a container with systemd does not start here"
	;;
esac
said() { printf '%s\n' "$out" | sed -n "s/^$1: //p"; }

is "READY=1 is heard: the start succeeds" "$(said start) $(said active)" "0 active"
user=$(said user)
is "main, recorder, store and a sink hold nothing, two capture threads CAP_NET_RAW" "$(said thread)" \
	"4 Uid $user CapPrm 0000000000000000 CapEff 0000000000000000 NoNewPrivs 1 Seccomp 2
2 Uid $user CapPrm 0000000000002000 CapEff 0000000000002000 NoNewPrivs 1 Seccomp 2"
is "a sink whose token is a credential takes its place" "$(said sink)" "elastic 192.0.2.10:9200"
is "a reload" "$(said reload)" "0"
is "a reload with a mistake fails, and the sensor goes on" "$(said 'reload of a mistake' | grep -c '[1-9]') $(said 'after it')" "1 active"
is "a sensor that hangs is started again" "$(said 'restarts after a hang') $(said 'then it is')" "1 active"
is "a sensor that is killed is started again" "$(said 'restarts after a kill') $(said 'then again it is')" "2 active"
is "a stop" "$(said stop)" "0 success"
is "its folder and its database are its own" "$(said folders)" "750 zonetap 640 zonetap"
is "a configuration with a mistake is not tried again" "$(said 'start with a mistake') $(said 'it stays')" "1 failed 2"
[ "$tap_bad" -eq 0 ] || printf '%s\n' "$out" | note
done_testing
