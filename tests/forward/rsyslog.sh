# Syslog into Debian's rsyslog, configured by contrib/rsyslog/zonetap.conf: over TLS as it stands there, over TCP and UDP
# with its input changed; every field of every record compared.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/forward/lib.sh"

peer rsyslog rsyslogd || skip_all "$why"
rsyslogd=$peer
modules=$(peer_folder '/usr/lib/*-linux-gnu/rsyslog') || skip_all "the modules of rsyslog are not there"
needs ss python3
loopback
make_pki

place=$tap_dir/rsyslog
mkdir "$place" "$place/pki"
snippet=$top_srcdir/contrib/rsyslog/zonetap.conf
got=$place/zonetap.json

# configure SERVER-CERTIFICATE AUTH-MODE: the snippet, in another place.
configure() {
	cp "$pki/ca.pem" "$place/pki/ca.pem"
	cp "$pki/$1.pem" "$place/pki/server.pem"
	cp "$pki/$1.key" "$place/pki/server.key"
	sed -e "s|/etc/rsyslog.d/zonetap/|$place/pki/|" -e "s|/var/log/zonetap.json|$got|" -e "s|x509/certvalid|$2|" \
		"$snippet" >"$place/rsyslog.conf"
}

# The same ruleset behind plain TCP and UDP.
configure_plain() {
	configure server anon
	sed -i '/^input/,/)$/d' "$place/rsyslog.conf"
	cat >>"$place/rsyslog.conf" <<-'END'
		module(load="imudp")
		input(type="imtcp" port="514" ruleset="zonetap" supportOctetCountedFraming="on")
		input(type="imudp" port="514" ruleset="zonetap" rcvbufSize="4m")
	END
}

start() {                               # start PORT
	rm -f "$place/pid"
	(peer_exec "$rsyslogd" -n -f "$place/rsyslog.conf" -i "$place/pid" -M "$modules" >>"$place/log" 2>&1) &
	receiver=$!
	wait_for 10 listens "$1" || { note <"$place/log"; fail "rsyslogd listens on port $1"; done_testing; }
}

restart() {                             # restart PORT: with an empty file
	kill_receiver
	: >"$got"
	start "$1"
}

arrived() {                             # arrived NAME [lossy]: all that was sent, field by field
	wait_for 10 lines_are "$(wc -l <"$sent")" "$got"
	said=$(python3 "$records" compare rsyslog "$sent" "$got" ${2-} 2>&1)
	status=$?
	is "$1: every field of every record is what was sent" "$status" 0
	note "$said"
}

sent=$tap_dir/sent
python3 "$records" make 300 >"$sent"

# --- TLS, as in contrib ------------------------------------------------------------------
configure server x509/certvalid
ok "rsyslogd accepts contrib/rsyslog/zonetap.conf" sh -c \
	". '$top_srcdir/tests/peers/lib.sh'; peer_exec '$rsyslogd' -N1 -f '$place/rsyslog.conf' -M '$modules'"
restart 6514
tls="stream url=tls://localhost:6514 cacert=$pki/ca.pem"
ours="cert=$pki/client.pem key=$pki/client.key"
sends "TLS with a client certificate" 0 $tls $ours batch=50
arrived "TLS with a client certificate"
: >"$got"
sends "TLS 1.2 with a client certificate" 0 $tls $ours tls_max=1.2
arrived "TLS 1.2 with a client certificate"
# rsyslog looks at the certificate after the handshake; its alert and its RST race.
word='^(pause: .*alert|later: .*right after the handshake: does it)'
sends "no client certificate where one is required" '1|3' $tls
like "no client certificate where one is required: said so" "$err" "$word"
sends "a stranger's client certificate" '1|3' $tls cert="$pki/stranger.pem" key="$pki/stranger.key"
like "a stranger's client certificate: said so" "$err" "$word"
lines=$(wc -l <"$got")
is "without a good certificate nothing was written" "$lines" 300

refused() {                             # refused SERVER-CERTIFICATE WORDS
	configure "$1" anon
	restart 6514
	sends "server certificate '$1'" 3 $tls
	like "server certificate '$1': said why" "$err" "^pause: .*$2"
	is "server certificate '$1': nothing was written" "$(cat "$got" 2>/dev/null)" ""
}
refused wrong 'no alternative certificate subject name matches'
refused expired 'certificate has expired'
refused stranger 'unable to get local issuer certificate'
sends "an untrusted certificate with insecure: true" 0 stream url=tls://localhost:6514 cacert="$pki/ca.pem" insecure=yes steps=yes
like "an untrusted certificate with insecure: true: said loudly" "$err" '^step not ok tls: .*NOT VERIFIED'

configure server anon
restart 6514
sends "TLS by address" 0 stream url=tls://127.0.0.1:6514 cacert="$pki/ca.pem" framing=lf steps=yes
arrived "TLS with line feeds"
like "the steps name the certificate and its end" "$err" '^step ok tls: TLSv1\.3 .*CN = server.*2049.*; verified'

like "the steps end with the acknowledgement" "$err" "^step ok send: the receiver's host has acknowledged"

# --- TCP and UDP -------------------------------------------------------------------------
configure_plain
restart 514
sends "TCP, octet counting" 0 stream url=tcp://127.0.0.1 batch=7
arrived "TCP, octet counting"
restart 514
sends "TCP, line feeds" 0 stream url=tcp://localhost:514 framing=lf
arrived "TCP, line feeds"
restart 514
sends "TCP over IPv6" 0 stream 'url=tcp://[::1]:514'
arrived "TCP over IPv6"
restart 514
sends "UDP" 0 udp url=udp://127.0.0.1:514
arrived "UDP" lossy
like "UDP loses nothing where nothing is lost" "$said" 'missing 0 '
restart 514
sends "UDP over IPv6" 0 udp 'url=udp://[::1]'
arrived "UDP over IPv6" lossy

# --- what zonetap writes -----------------------------------------------------------------
sends_real_ones

# --- a receiver that dies ----------------------------------------------------------------
# It writes before it reads on (a direct queue). What its kernel had acknowledged and it had not read is lost with it;
# the overlap brings it again.
kept() {
	# A line may be torn where the receiver was killed: it is the receiver's file.
	cat "$got" >>"$place/all"
	: >"$got"
}
dies_three_times
is "a receiver killed three times: drive ends well" "$?" 0
kill_receiver
cat "$got" >>"$place/all"
note <"$tap_dir/drive.err"
cp "$place/all" "$got"
arrived "a receiver killed three times"
like "the overlap was sent again" "$(cat "$tap_dir/drive.err")" 'resent [1-9]'

# --- nobody there ------------------------------------------------------------------------
sends "TCP to nobody" 1 stream url=tcp://127.0.0.1:514
like "TCP to nobody: said so" "$err" '^later: no connection to 127\.0\.0\.1:514: Connection refused'
sends "UDP to nobody" 1 udp url=udp://127.0.0.1:514
like "UDP to nobody: the ICMP answer is noticed" "$err" '^later: .*nothing listens on 127\.0\.0\.1:514'
sends "a name that is none" 1 udp url=udp://no.such.name.invalid
like "a name that is none: said so" "$err" '^later: the name no\.such\.name\.invalid has no address'
done_testing
