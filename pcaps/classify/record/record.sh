#!/bin/sh
# record.sh OUT.pcap: real servers and clients of an office talk in a network namespace, tcpdump listens. As root on
# Debian 12 with: openssh-server mosquitto mosquitto-clients dnsmasq-base bind9-dnsutils tigervnc-standalone-server
# vsftpd curl openssl python3-impacket tcpdump. Nothing leaves the namespace.
set -eu
if [ "${1-}" != inside ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	exec unshare -n -m sh "$here/record.sh" inside "$1" "$here"
fi
out=$2 here=$3
work=$(mktemp -d)
servers=
trap 'for p in $servers; do kill "$p" 2>/dev/null || :; done; rm -rf "$work"' EXIT
serve() { "$@" >"$work/log" 2>&1 & servers="$servers $!"; }

ip link set lo up mtu 1500
# A cell, the SCADA zone, the office; a broker, a name server and a web server on the internet.
for a in 192.168.1.10 192.168.1.20 192.168.2.10 192.168.2.20 10.20.30.40 10.20.30.53 20.50.80.210 8.8.8.8 93.184.216.34; do
	ip address add "$a/32" dev lo
done
tcpdump -q -U -i lo -w "$out" 'tcp or udp' 2>/dev/null & dump=$!
sleep 1

# ssh: from the office into SCADA
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/user"
mkdir -p /run/sshd
printf 'HostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nPidFile none\n' "$work/host" "$work/user.pub" >"$work/sshd"
serve /usr/sbin/sshd -D -f "$work/sshd" -o ListenAddress=192.168.2.10
sleep 1
ssh -q -b 10.20.30.40 -i "$work/user" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@192.168.2.10 true

# vnc: from the office to a panel in the cell
serve Xtigervnc :1 -SecurityTypes None -interface 192.168.1.20 -rfbport 5900 -geometry 320x200 -AcceptSetDesktopSize=0
sleep 2
/usr/bin/python3 "$here/vnc.py" 10.20.30.40 192.168.1.20

# http and https: from SCADA to the internet; http within SCADA with a password
mkdir "$work/www"
echo 'hello' >"$work/www/index.html"
serve /usr/bin/python3 -m http.server --bind 93.184.216.34 --directory "$work/www" 80
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key" -out "$work/cert" -days 30 -subj /CN=www.example.org 2>/dev/null
serve openssl s_server -quiet -www -accept 93.184.216.34:443 -key "$work/key" -cert "$work/cert"
serve /usr/bin/python3 -m http.server --bind 192.168.2.20 --directory "$work/www" 8080
sleep 1
curl -s --interface 192.168.2.10 http://93.184.216.34/ >/dev/null
curl -sk --interface 192.168.2.10 --resolve www.example.org:443:93.184.216.34 https://www.example.org/ >/dev/null
curl -s --interface 192.168.2.10 -u operator:secret http://192.168.2.20:8080/ >/dev/null

# mqtt: from the cell to a broker on the internet
printf 'listener 1883 20.50.80.210\nallow_anonymous true\n' >"$work/mosquitto"
serve mosquitto -c "$work/mosquitto"
sleep 1
mosquitto_pub -h 20.50.80.210 -A 192.168.1.10 -i line-3 -t plant/line3/speed -m 118

# dns: to the office's server, and to a stranger
for a in 10.20.30.53 8.8.8.8; do
	serve dnsmasq -k -C /dev/null --no-resolv --no-hosts --listen-address="$a" --bind-interfaces --except-interface=none \
		--address=/example.org/93.184.216.34 --pid-file="$work/pid.$a" --user=root
done
sleep 1
for a in 10.20.30.53 8.8.8.8; do
	dig +tries=1 +time=2 -b 192.168.2.10 "@$a" www.example.org >/dev/null
done

# ftp with a password: from the office to the cell
mkdir -p "$work/empty"
cat >"$work/vsftpd" <<END
listen=YES
listen_address=192.168.1.20
local_enable=YES
background=NO
secure_chroot_dir=$work/empty
END
serve /usr/sbin/vsftpd "$work/vsftpd"
sleep 1
curl -s --interface 10.20.30.40 -u operator:secret ftp://192.168.1.20/ >/dev/null || :

# smb: from SCADA to a share in the office
serve /usr/bin/python3 "$here/share.py" 10.20.30.40 "$work/www"
sleep 2
/usr/bin/python3 "$here/smb.py" 192.168.2.10 10.20.30.40

# rdp: the first packets, as a client and a server send them
serve /usr/bin/python3 "$here/rdp.py" serve 192.168.2.10
sleep 1
/usr/bin/python3 "$here/rdp.py" ask 10.20.30.40 192.168.2.10

# a protocol of nobody's, with too little on its connection to count as anything
serve /usr/bin/python3 "$here/own.py" serve 192.168.1.10
sleep 1
/usr/bin/python3 "$here/own.py" ask 192.168.2.10 192.168.1.10

sleep 2
kill "$dump"
wait "$dump" || :
