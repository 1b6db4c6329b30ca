# Syslog over TCP and TLS to receivers that misbehave, through a proxy, and over UDP at its edges: what is not certainly
# taken is not called sent, and nothing waits longer than it may.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/forward/lib.sh"
needs ss python3
loopback
make_pki

sent=$tap_dir/sent
python3 "$records" make 200 >"$sent"
tcp="stream url=tcp://127.0.0.1:514 connect_timeout=1000 max_time=1500"

talker() {                              # talker PORT HOW [ARGUMENT]
	kill_receiver KILL
	python3 "$top_srcdir/tests/forward/talker.py" "$@" >"$tap_dir/talker" 2>&1 &
	receiver=$!
	wait_for 10 listens "$1" || { note <"$tap_dir/talker"; fail "the stand-in listens"; done_testing; }
}

within() {                              # within SECONDS NAME: since $before
	spent=$(($(date +%s) - before))
	if [ $spent -le "$1" ]; then pass "$2: within $1 s"; else fail "$2: took $spent s"; fi
}

octets() {                              # octets FILE: the records, framed as RFC 6587 has it
	python3 -c 'import sys
for line in open(sys.argv[1], "rb").read().rstrip(b"\n").split(b"\n"):
    sys.stdout.buffer.write(b"%d %s" % (len(line), line))' "$1"
}
talker 514 chat
sends "an HTTP server" 1 $tcp pause=300 batch=100
like "an HTTP server: its words are shown, harmless" "$err" \
	'^later: .*; before, it said: HTTP/1\.1 400 Bad Request \\x1b\[31m'
like "an HTTP server: nothing is called sent" "$err" '^sent 0 '
talker 514 endless
sends "a receiver that talks without end" 1 $tcp pause=100 batch=10
like "a receiver that talks without end: said so" "$err" '^later: the receiver talks without end'
talker 514 close
sends "a receiver that closes" 1 $tcp pause=200 batch=100
like "a receiver that closes: nothing is called sent" "$err" '^sent 0 '
talker 514 drop 30000
sends "a receiver that resets in the middle" 1 $tcp batch=20 pause=20
like "a receiver that resets in the middle: said so" "$err" '^later: (the connection to 127.0.0.1:514 broke|the receiver has closed)'

# What the kernel of a receiver had acknowledged, and it had not read when it died, comes again by the overlap alone.
octets "$sent" >"$tap_dir/framed"
talker 514 dies "$tap_dir/stored"
sends "a receiver that dies with what it had not read" 0 $tcp batch=10 pause=60 tries=5 backoff=50 overlap=5000
wait_for 5 cmp -s "$tap_dir/stored" "$tap_dir/framed"
same "a receiver that dies with what it had not read: the overlap brings all of it" "$tap_dir/stored" "$tap_dir/framed"
talker 514 dies "$tap_dir/less"
sends "the same without an overlap" 0 $tcp batch=10 pause=60 tries=5 backoff=50 overlap=0
sleep 0.2
ok "the same without an overlap: it would have been lost" test "$(wc -c <"$tap_dir/less")" -lt "$(wc -c <"$tap_dir/framed")"

# What the receiver's kernel does not take is not confirmed.
i=0
while [ $i -lt 60 ]; do cat "$sent"; i=$((i + 1)); done >"$tap_dir/much"
talker 514 deaf
small=$sent
sent=$tap_dir/much
before=$(date +%s)
sends "a receiver that never reads" 1 $tcp batch=1000
like "a receiver that never reads: said so" "$err" \
	'^later: (the receiver does not take what is sent to it|the receiver has taken nothing of [0-9]+ bytes for 1 s)'
within 8 "a receiver that never reads"
sent=$small

talker 6514 mute
before=$(date +%s)
sends "a handshake that never ends" 1 stream url=tls://127.0.0.1:6514 connect_timeout=1000 max_time=1500
like "a handshake that never ends: said so" "$err" '^later: (no connection to 127\.0\.0\.1:6514|127\.0\.0\.1:6514 took the connection, but there was no TLS on it) within 1\.0 s'
within 4 "a handshake that never ends"

# --- through a proxy ---------------------------------------------------------------------
python3 "$top_srcdir/tests/forward/talker.py" 3128 proxy "$tap_dir/requests" &
proxy=$!
wait_for 10 listens 3128
mkfifo "$tap_dir/stdin"
exec 9<>"$tap_dir/stdin"                # it ends at the end of its input
openssl s_server -quiet -accept 6514 -cert "$pki/server.pem" -key "$pki/server.key" >"$tap_dir/plain" 2>&1 <&9 &
server=$!
kill_receiver KILL
wait_for 10 listens 6514
sends "TLS through a proxy" 0 stream url=tls://localhost:6514 cacert="$pki/ca.pem" proxy=http://127.0.0.1:3128
like "TLS through a proxy: by CONNECT" "$(cat "$tap_dir/requests")" '^CONNECT localhost:6514 HTTP/1\.[01]$'
wait_for 5 cmp -s "$tap_dir/plain" "$tap_dir/framed"
same "TLS through a proxy: LEN SP MSG, octet for octet" "$tap_dir/plain" "$tap_dir/framed"

# One that asks who we are.
guard() {                               # guard HOW [ARGUMENT]...: a proxy on port 3129
	kill_receiver KILL
	python3 "$top_srcdir/tests/forward/talker.py" 3129 "$@" &
	receiver=$!
	wait_for 10 listens 3129
}

hides() {                               # hides NAME: $err has neither the password nor what basic authentication makes of it
	if printf '%s\n' "$err" | grep -q -i -e sesame -e "$(printf %.12s "$pair")"; then
		fail "$1: no secret is shown"
		note "$err"
	else
		pass "$1: no secret is shown"
	fi
}
pair=$(printf %s 'Aladdin:open sesame' | base64)
echo 'open sesame' >"$tap_dir/sesame"
chmod 0600 "$tap_dir/sesame"
through="proxy=http://127.0.0.1:3129 proxy_user=Aladdin proxy_password_file=$tap_dir/sesame"
unknown='^pause: the proxy does not know us \(HTTP 407, proxy 127\.0\.0\.1:3129\)$'
guard proxy "$tap_dir/asked" 'Aladdin:open sesame'
sends "a proxy that asks who we are" 0 stream url=tls://localhost:6514 cacert="$pki/ca.pem" $through
is "a proxy that asks who we are: asked, then told" "$(cat "$tap_dir/asked")" "CONNECT localhost:6514 HTTP/1.1
CONNECT localhost:6514 HTTP/1.1 as Aladdin:open sesame"
cat "$tap_dir/framed" "$tap_dir/framed" >"$tap_dir/twice"
wait_for 5 cmp -s "$tap_dir/plain" "$tap_dir/twice"
same "a proxy that asks who we are: all arrives" "$tap_dir/plain" "$tap_dir/twice"
sends "a proxy that asks who we are, of whom we say nothing" 3 stream url=tls://localhost:6514 proxy=http://127.0.0.1:3129
like "a proxy that asks who we are, of whom we say nothing: said so" "$err" "$unknown"
sends "a secret that is not there" 1 stream url=tls://localhost:6514 $through proxy_password_file="$tap_dir/none"
like "a secret that is not there: said so" "$err" '^later: proxy_password_file .*/none cannot be read: No such file or directory$'
: >"$tap_dir/asked"
guard proxy "$tap_dir/asked" 'Aladdin:another'
for url in tls://localhost:6514 tcp://localhost:6514; do
	sends "a proxy that knows another, $url" 3 stream url=$url cacert="$pki/ca.pem" $through steps=yes
	like "a proxy that knows another, $url: said so" "$err" "$unknown"
	like "a proxy that knows another, $url: which step" "$err" '^step not ok proxy: the proxy does not know us'
	hides "a proxy that knows another, $url"
done
is "a proxy that knows another: it was told" "$(grep -c ' as Aladdin:open sesame$' "$tap_dir/asked")" 2
guard parrot
sends "a proxy that repeats who we are" 1 stream url=tcp://localhost:6514 $through pause=200
like "a proxy that repeats who we are: that is what we were told" "$err" \
	'^later: .*; before, it said: Basic \*\*\* / Aladdin:\*\*\*$'
hides "a proxy that repeats who we are"
sends "the same where there should be TLS" 1 stream url=tls://localhost:6514 $through steps=yes
hides "the same where there should be TLS"
kill_receiver KILL
kill "$server"
wait "$server" 2>/dev/null
sends "a proxy that cannot reach the receiver" 1 stream url=tcp://127.0.0.1:9 proxy=http://127.0.0.1:3128
like "a proxy that cannot reach the receiver: said so" "$err" '^later: .*502'
: >"$tap_dir/requests"
sends "noproxy" 1 stream url=tcp://127.0.0.1:9 proxy=http://127.0.0.1:3128 noproxy=127.0.0.1
is "noproxy: the proxy was not asked" "$(cat "$tap_dir/requests")" ""
kill "$proxy"
wait "$proxy" 2>/dev/null
http_proxy=http://127.0.0.1:3128
export http_proxy
sends "a proxy of the environment" 1 stream url=tcp://127.0.0.1:9
like "a proxy of the environment: not asked" "$err" '^later: no connection to 127\.0\.0\.1:9: '
unset http_proxy

# --- UDP at its edges --------------------------------------------------------------------
python3 -c 'print("<134>1 - - - - - - " + "x" * 70000); print("<134>1 - - - - - - short")' >"$tap_dir/long"
sent=$tap_dir/long
python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 514)); s.settimeout(20)
sys.stdout.write(s.recv(65535).decode() + "\n")' >"$tap_dir/datagram" &
server=$!
wait_for 10 sh -c 'ss -Hlun "sport = :514" | grep -q .'
sends "UDP: a record that no datagram carries" 0 udp url=udp://localhost
like "UDP: a record that no datagram carries: to the dead letters" "$err" '^never: 70019 bytes are more than one datagram'
wait "$server"
is "UDP: the record behind it arrives" "$(cat "$tap_dir/datagram")" "<134>1 - - - - - - short"
sends "UDP from an address that is not ours" 1 udp url=udp://127.0.0.1 interface=192.0.2.1
like "UDP from an address that is not ours: said so" "$err" '^later: no datagram can be sent to 127\.0\.0\.1:514: '
done_testing
