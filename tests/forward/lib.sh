# lib.sh - sourced by the tests of forwarding: certificates of an authority of their own, records, receivers.
. "$top_srcdir/tests/live/lib.sh"
. "$top_srcdir/tests/peers/lib.sh"

drive=$top_builddir/tests/forward/syslog_drive
records=$top_srcdir/tests/forward/records.py
receiver=

# A network namespace with nothing but its own loopback.
loopback() {
	in_namespace "$0"
	ip link set lo up
}

# --- certificates -----------------------------------------------------------------------

# certificate NAME AUTHORITY SUBJECT-ALT-NAME FROM UNTIL (YYMMDDHHMMSSZ)
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$1.key" -out "$pki/$1.csr" \
		-subj "/O=zonetap tests/CN=$1" 2>>"$pki/log" || return 1
	printf '%s\n' "subjectAltName=$3" >"$pki/ext"
	openssl ca -batch -notext -config "$pki/ca.cnf" -name "$2" -in "$pki/$1.csr" -out "$pki/$1.pem" -extfile "$pki/ext" \
		-startdate "$4" -enddate "$5" 2>>"$pki/log"
}

authority() {                           # authority NAME
	mkdir -p "$pki/$1.new"
	: >"$pki/$1.index"
	cat >>"$pki/ca.cnf" <<-END
		[$1]
		certificate = $pki/$1.pem
		private_key = $pki/$1.key
		database = $pki/$1.index
		new_certs_dir = $pki/$1.new
		rand_serial = yes
		default_md = sha256
		policy = any
		unique_subject = no
	END
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$1.key" -out "$pki/$1.pem" \
		-days 3650 -subj "/O=zonetap tests/CN=$1" -addext basicConstraints=critical,CA:true 2>>"$pki/log"
}

# In $pki: `ca` signed server, wrong (another name), expired and client; `other` signed stranger.
make_pki() {
	needs openssl
	pki=$tap_dir/pki
	mkdir "$pki"
	printf '[any]\norganizationName = optional\ncommonName = supplied\n' >"$pki/ca.cnf"
	here=DNS:localhost,IP:127.0.0.1,IP:::1
	authority ca && authority other &&
		certificate server ca "$here" 20200101000000Z 20491231235959Z &&
		certificate wrong ca DNS:elsewhere.example 20200101000000Z 20491231235959Z &&
		certificate expired ca "$here" 20200101000000Z 20210101000000Z &&
		certificate client ca DNS:sensor.example 20200101000000Z 20491231235959Z &&
		certificate stranger other "$here" 20200101000000Z 20491231235959Z && return 0
	note <"$pki/log"
	skip_all "openssl(1) cannot make the certificates"
}

# --- receivers --------------------------------------------------------------------------

wait_for() {                            # wait_for SECONDS COMMAND...
	tries=$(($1 * 20))
	shift
	while [ $tries -gt 0 ]; do
		"$@" && return 0
		tries=$((tries - 1))
		sleep 0.05
	done
	return 1
}

listens() {                             # listens PORT
	ss -Hltn "sport = :$1" | grep -q .
}

kill_receiver() {                       # kill_receiver [SIGNAL]
	[ -n "$receiver" ] || return 0
	kill "-${1-TERM}" "$receiver" 2>/dev/null
	wait "$receiver" 2>/dev/null
	receiver=
}
trap 'kill_receiver KILL; chmod -R u+rwx "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT

lines_are() {                           # lines_are N FILE
	[ -f "$2" ] && [ "$(wc -l <"$2")" -ge "$1" ]
}

# sends NAME WANTED-STATUS DRIVER ARGUMENTS...: $sent goes out; what drive says is in $err. WANTED-STATUS may be 1|3.
sends() {
	name=$1
	want=$2
	shift 2
	"$drive" "$@" <"$sent" >"$tap_dir/drive.out" 2>"$tap_dir/drive.err"
	status=$?
	err=$(cat "$tap_dir/drive.err")
	case "|$want|" in
	*"|$status|"*) pass "$name: drive ends with $want" ;;
	*)
		fail "$name: drive ends with $want"
		note "got: $status" "$err"
		;;
	esac
}

# --- what the tests of both servers do, with their own start(), restart() and arrived() --------------------------------------------

sends_real_ones() {                     # every alert of the tree's captures as zonetap writes it, and hostile ones
	if python3 "$records" real >"$tap_dir/real" 2>"$tap_dir/real.err" && [ -s "$tap_dir/real" ]; then
		sent=$tap_dir/real
		restart 514
		sends "every alert of the captures, and hostile ones" 0 stream url=tcp://127.0.0.1
		arrived "every alert of the captures, and hostile ones"
	else
		skip "every alert of the captures, and hostile ones" "$(tail -n 1 "$tap_dir/real.err")"
	fi
}

# 20,000 records to a receiver that is killed three times; the test's kept() looks after its file before it starts again. What
# the sender ends with is in $?.
dies_three_times() {
	sent=$tap_dir/many
	python3 "$records" make 20000 >"$sent"
	restart 514
	"$drive" stream url=tcp://127.0.0.1 batch=20 pause=2 tries=100 backoff=100 overlap=2000 <"$sent" 2>"$tap_dir/drive.err" &
	driver=$!
	for signal in KILL TERM KILL; do
		sleep 0.5
		kill_receiver $signal
		kept
		sleep 0.3
		start 514
	done
	wait $driver
}
