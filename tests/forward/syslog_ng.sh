# Syslog into Debian's syslog-ng, configured by contrib/syslog-ng/zonetap.conf: over TLS as it stands there, over TCP and
# UDP with its source changed; every field of every record compared.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/forward/lib.sh"

peer syslog-ng syslog-ng || skip_all "$why"
syslog_ng=$peer
modules=$(peer_folder '/usr/lib/syslog-ng/3.*') || skip_all "the modules of syslog-ng are not there"
needs ss python3
loopback
make_pki

place=$tap_dir/syslog-ng
mkdir "$place" "$place/pki"
snippet=$top_srcdir/contrib/syslog-ng/zonetap.conf
got=$place/zonetap.json

# configure SERVER-CERTIFICATE PEER-VERIFY: the snippet, in another place.
configure() {
	cp "$pki/ca.pem" "$place/pki/ca.pem"
	cp "$pki/$1.pem" "$place/pki/server.pem"
	cp "$pki/$1.key" "$place/pki/server.key"
	{
		printf '@version: 3.38\noptions { stats-freq(0); };\n'
		sed -e "s|/etc/syslog-ng/zonetap/|$place/pki/|" -e "s|/var/log/zonetap.json|$got|" -e "s|required-trusted|$2|" "$snippet"
	} >"$place/syslog-ng.conf"
}

# The same log path behind other sources. plain SOURCE...
configure_plain() {
	configure server optional-untrusted
	sed -i '/^source s_zonetap/,/^};/d' "$place/syslog-ng.conf"
	printf 'source s_zonetap {\n%s\n};\n' "$1" >>"$place/syslog-ng.conf"
}

start() {                               # start PORT
	(peer_exec "$syslog_ng" -F -e --no-caps -f "$place/syslog-ng.conf" -p "$place/pid" -c "$place/ctl" -R "$place/persist" \
		--module-path="$modules" >>"$place/log" 2>&1) &
	receiver=$!
	wait_for 10 listens "$1" || { note <"$place/log"; fail "syslog-ng listens on port $1"; done_testing; }
}

restart() {                             # restart PORT: with an empty file
	kill_receiver
	: >"$got"
	start "$1"
}

arrived() {                             # arrived NAME [lossy]: all that was sent, field by field
	wait_for 10 lines_are "$(wc -l <"$sent")" "$got"
	said=$(python3 "$records" compare syslog-ng "$sent" "$got" ${2-} 2>&1)
	status=$?
	is "$1: every field of every record is what was sent" "$status" 0
	note "$said"
}

sent=$tap_dir/sent
python3 "$records" make 300 >"$sent"

# --- TLS, as in contrib ------------------------------------------------------------------
configure server required-trusted
ok "syslog-ng accepts contrib/syslog-ng/zonetap.conf" sh -c ". '$top_srcdir/tests/peers/lib.sh'
	peer_exec '$syslog_ng' -s --no-caps -f '$place/syslog-ng.conf' -R '$place/persist' --module-path='$modules'"
restart 6514
tls="stream url=tls://localhost:6514 cacert=$pki/ca.pem"
ours="cert=$pki/client.pem key=$pki/client.key"
sends "TLS with a client certificate" 0 $tls $ours batch=50
arrived "TLS with a client certificate"
: >"$got"
sends "TLS 1.2 with a client certificate" 0 $tls $ours tls_max=1.2
arrived "TLS 1.2 with a client certificate"
# Its alert and its RST race.
word='^(pause: .*alert|later: .*right after the handshake: does it)'
sends "no client certificate where one is required" '1|3' $tls
like "no client certificate where one is required: said so" "$err" "$word"
sends "a stranger's client certificate" '1|3' $tls cert="$pki/stranger.pem" key="$pki/stranger.key"
like "a stranger's client certificate: said so" "$err" "$word"
is "without a good certificate nothing was written" "$(wc -l <"$got")" 300

refused() {                             # refused SERVER-CERTIFICATE WORDS
	configure "$1" optional-untrusted
	restart 6514
	sends "server certificate '$1'" 3 $tls
	like "server certificate '$1': said why" "$err" "^pause: .*$2"
	is "server certificate '$1': nothing was written" "$(cat "$got")" ""
}
refused wrong 'no alternative certificate subject name matches'
refused expired 'certificate has expired'
refused stranger 'unable to get local issuer certificate'

# --- TCP and UDP -------------------------------------------------------------------------
configure_plain 'syslog(transport("tcp") port(514) ip-protocol(6) log-msg-size(65536) use-dns(no) keep-hostname(yes));
	syslog(transport("udp") port(514) ip-protocol(6) log-msg-size(65536) so-rcvbuf(4194304) use-dns(no) keep-hostname(yes));
	network(transport("tcp") port(601) flags(syslog-protocol) log-msg-size(65536) use-dns(no) keep-hostname(yes));'
restart 514
sends "TCP, octet counting" 0 stream url=tcp://127.0.0.1 batch=7
arrived "TCP, octet counting"
restart 514
sends "TCP, line feeds" 0 stream url=tcp://localhost:601 framing=lf
arrived "TCP, line feeds"
restart 514
sends "TCP over IPv6" 0 stream 'url=tcp://[::1]:514'
arrived "TCP over IPv6"
restart 514
sends "UDP" 0 udp url=udp://127.0.0.1:514
arrived "UDP" lossy
like "UDP loses nothing where nothing is lost" "$said" 'missing 0 '

# --- what zonetap writes -----------------------------------------------------------------
sends_real_ones

# --- a receiver that dies ----------------------------------------------------------------
# syslog-ng reads ahead of what it writes: what it had in memory is lost with it, and the overlap brings it again.
kept() {
	# A line may be torn where the receiver was killed: it is the receiver's file.
	tail -c 1 "$got" | grep -q . && sed -i '$d' "$got"
}
dies_three_times
is "a receiver killed three times: drive ends well" "$?" 0
wait_for 5 lines_are 20000 "$got"
sleep 1
kill_receiver
note <"$tap_dir/drive.err"
arrived "a receiver killed three times"
like "the overlap was sent again" "$(cat "$tap_dir/drive.err")" 'resent [1-9]'
done_testing
