# The configuration of a sensor: every mistake at once with its place, the same defaults in the table, the manual and
# the example, and what `zonetap check -c` says of this machine's folders.
. "$top_srcdir/tests/lib/tap.sh"
ZONETAP_RULES=$top_srcdir/rules
export ZONETAP_RULES

# --- mistakes: tests/config/NAME.want has the exact words
cd "$top_srcdir/tests/config" || exit 99
for file in wrong-*.yaml; do
	name=${file%.yaml}
	runs "$ZONETAP" check -c "$file"
	is "$name: status 2, nothing printed" "$status:$out" "2:"
	printf '%s\n' "$err" >"$tap_dir/got"
	same "$name: the complaints" "$tap_dir/got" "$name.want"
done
cd "$tap_dir" || exit 99
runs "$ZONETAP" check --config no-such.yaml
is "a configuration that is not there" "$status $err" "2 no-such.yaml: cannot be read: No such file or directory"
runs "$ZONETAP" check -c x --site y
like "a configuration and a site" "$status $err" "^2 zonetap check: --config names its site and rules itself"

# --- one table: the manual, the example, the program
sed -n '/^\.SH SETTINGS$/,/^\.SH "A SILENT INTERFACE"$/p' "$top_srcdir/man/zonetap.yaml.5" | sed '$d' >man
"$ZONETAP" check --settings man >want
same "zonetap.yaml(5) has the settings that the program reads" man want
"$ZONETAP" check --settings text >settings
is "the settings as a table: one line each" "$(grep -c '' settings)" "$(($(grep -Ec '^\.(TP|SS .*)$' want)))"
like "with range and default" "$(cat settings)" "^interfaces.ring  +size +1MiB to 1GiB +64MiB +Memory shared with the kernel"

example=$top_srcdir/rules/zonetap.example.yaml
missing=$(sed -n '/^forward\./d; s/^[a-z_]*\.\([a-z_]*\) .*/\1/p; s/^\([a-z_]*\) .*/\1/p' settings |
	while read -r key; do grep -Eq "^#?( *- | *)$key:" "$example" || echo "$key"; done)
is "the example has every setting" "$missing" "until"

mkdir db
here() { sed -e "s|^database:|database:\\n  path: $tap_dir/db/zonetap.db|; s|site.example.yaml|$top_srcdir/rules/&|" "$1"; }
{ here "$example"; printf 'database: {path: %s/db/zonetap.db}\nsocket: %s/s\nuser: %s\n' "$tap_dir" "$tap_dir" "$(id -un)"; } >plain.yaml
runs "$ZONETAP" check -c plain.yaml
is "the example is right as it stands" "$status$err" "0"
plan() { printf '%s\n' "$out" | sed -n '/^SETTING /,/^$/p'; }
plan >plain
sed -e '/^#\( *file\|rules\|geo\|sensor\|user\|socket\|database\| *path\| *segment\| *filter\):/d; s/^#\([a-z_]*:\)/\1/; s/^#\(  [ ]*[a-z_]*:\)/\1/' \
	-e '/^  max_size/i\
database:' "$example" >bare.yaml
{ here bare.yaml; printf 'socket: %s/s\nuser: %s\n' "$tap_dir" "$(id -un)"; } >defaults.yaml
runs "$ZONETAP" check -c defaults.yaml
is "and with everything in it that is the default" "$status$err" "0"
plan >defaults
same "which then changes nothing" defaults plain
like "its interface's too" "$out" "^eth1 .* -  *262144 +64 MiB +host +yes +everything"
sed -e 's/^#\( *\)\(segment\|filter\|file\)/\1\2/; s/^#metrics/metrics/; s/^#\(geo\|sensor\)/\1/' "$example" | here - >all.yaml
runs "$ZONETAP" check -c all.yaml
is "what it shows besides is right as well" "$(printf '%s\n' "$err" | grep -c 'all.yaml:')" 0

# --- sinks
sed -n 's/^# \(forward:\)/\1/p; s/^# \(  *- {\)/\1/p' "$example" >sinks
is "the example shows every type of sink" "$(grep -o 'type: [a-z]*' sinks | sort -u | wc -l)" 6
{ cat plain.yaml; cat sinks; } >with.yaml
runs "$ZONETAP" check -c with.yaml
is "its sinks are right" "$(printf '%s\n' "$err" | grep -c '^with.yaml:')" 0
like "the plan: a sink" "$out" "^soc +syslog +siem.example:6514 +rfc5424 +5m +severity >= medium$"
like "the plan: one that gets every alert" "$out" "^agent +file +/var/log/zonetap/alerts.jsonl +json +5m +every alert$"
like "a certificate that is not there" "$status $err" "^1 zonetap check: soc: 'cacert' cannot be read: siem-ca.pem: No such file or directory$"
like "a secret that is not there" "$err" "^zonetap check: splunk: 'token_file' cannot be read: hec.token: No such file or directory$"
like "what is sent for all to read" "$out" "^warning: qradar sends alerts over the network unencrypted$"
echo s3cret >token
chmod 0600 token
{ cat plain.yaml; echo "forward:
  - {name: a, type: webhook, url: 'https://h', token_file: token, insecure: true}
  - {name: b, type: webhook, url: 'http://h', user: u, password_env: ZT_NO_SUCH}
  - {name: c, type: syslog, url: 'udp://[::1]'}
  - {name: d, type: file, path: here.jsonl}"; } >some.yaml
runs "$ZONETAP" check -c some.yaml
is "warnings do not fail" "$status$err" "0"
like "no verification: loud" "$out" "^warning: a believes whoever answers: 'insecure' turns all verification off"
like "a variable that is not there" "$out" "^warning: b: the variable ZT_NO_SUCH of 'password_env' is not set in this environment$"
like "a secret in clear" "$out" "^warning: b sends alerts and its secret over the network unencrypted$"
like "UDP" "$out" "^warning: c loses alerts without a word"
chmod 0644 token
runs "$ZONETAP" check -c some.yaml
like "a secret that everybody can read" "$status $err" "^1 zonetap check: a: 'token_file' can be read by everybody on this machine: token$"
like "and what ends it" "$err" "^    chmod 0600 token$"
is "the secret itself is nowhere" "$(printf '%s\n' "$out$err" | grep -c s3cret)" 0

# --- what it says of this machine
cat >a.yaml <<END
interfaces:
  - {name: ztmirror0, ring: 2MiB, workers: 3, filter: tcp port 502, snaplen: 1600, stamps: adapter, promiscuous: no}
  - {name: ztmirror1}
site: site.yaml
database: {path: db/x.db, max_size: off, queue: 1MiB}
limits: {flows: 1024}
geo: [none.mmdb]
socket: $tap_dir/s
user: $(id -un)
learning: {until: 2030-01-01}
metrics: {file: db/zonetap.txt}
END
printf 'site: plant\nzones: []\nsegments: [{name: line-9, captures: ztmirror1}]\n' >site.yaml
runs "$ZONETAP" check -c a.yaml
is "warnings do not fail" "$status$err" "0"
like "the plan: an interface" "$out" "^ztmirror0 +not there +- +1600 +3 x 2 MiB = 6 MiB +host +no +tcp port 502$"
like "the plan: one whose segment the site knows" "$out" "^ztmirror1 +not there +line-9 +262144 +64 MiB +host +yes +everything$"
like "an interface that is not there is waited for" "$out" "^warning: ztmirror0 is not there and will be waited for"
like "the plan: the site" "$out" "^site +site.yaml +plant: 0 zones, 0 assets, 0 conduits$"
like "the plan: a value that is off" "$out" "^database.max_size +off"
like "the plan: a time" "$out" "^learning.until +2030-01-01T00:00:00Z"
like "the plan: what a table costs" "$out" "^limits.flows +1024 +[0-9.]+ KiB for each worker$"
like "the plan: memory" "$out" "^Memory, when all of it is used: .*: rings 70 MiB, 4 workers of [0-9.]+ MiB, writer [0-9.]+ MiB, queue 1 MiB\.$"
like "a geographic database that is not there" "$out" "^warning: none.mmdb is not there: until it is, addresses lack what it knows"
like "a name that no exporter reads" "$out" "^warning: a node exporter reads files called \*\.prom only, not db/zonetap\.txt"
like "how many" "$out" "^[0-9]+ warnings\.$"
runs "$ZONETAP" check -q -c a.yaml
is "quiet: nothing" "$status$out$err" "0"

mkdir sub
sed 's/^site: .*/rules: rules.yaml/; s/line-9//' a.yaml >sub/b.yaml
runs "$ZONETAP" check -c sub/b.yaml
is "paths are relative to the file" "$status $err" "2 sub/rules.yaml: cannot be read: No such file or directory"
sed 's/^site: .*//' a.yaml >sub/b.yaml
runs "$ZONETAP" check -c sub/b.yaml
like "a database without a folder" "$status $err" "^1 zonetap check: the folder of the database is not there: sub/db"
like "and what makes it" "$err" "^    install -d -o $(id -un) -m 0750 sub/db$"
like "the plan is printed all the same" "$out" "^database.path +sub/db/x.db"
echo 'no database' >none.mmdb
runs "$ZONETAP" check -c a.yaml
is "what is no geographic database" "$status $err" "1 zonetap check: none.mmdb is no database in MaxMind's format"
printf '\253\315\357MaxMind.com' >none.mmdb
runs "$ZONETAP" check -c a.yaml
is "what looks like one" "$status$err" "0"
sed "s/^user: .*/user: nobody/" a.yaml >c.yaml
if id nobody >/dev/null 2>&1 && [ "$(id -un)" != nobody ]; then
	chmod 755 db
	runs "$ZONETAP" check -c c.yaml
	like "a folder that the user may not write" "$status $err" "^1 zonetap check: the folder of the database cannot be written by nobody: db$"
else
	skip "a folder that the user may not write" "there is no user nobody"
fi
sed "s/^user: .*/user: no-such-user-here/" a.yaml >c.yaml
runs "$ZONETAP" check -c c.yaml
like "a user that is not there" "$status $out" "^warning: there is no user called 'no-such-user-here'"
done_testing
