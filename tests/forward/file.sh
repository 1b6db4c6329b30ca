# Records into a file and a named pipe: whole lines whatever happens to the file, never somebody else's, and a reader
# that is slow or gone stops nobody.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/forward/lib.sh"
needs python3

umask 022
place=$tap_dir/place
mkdir "$place"
file=$place/alerts.json
sent=$tap_dir/sent
numbers() {                             # numbers N: that many records
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"uid\":\"u-%06d\",\"text\":\"HMI hmi-1 wrote registers %d of plc-filler\"}\n", i, i }'
}
numbers 1000 >"$sent"

sends "a new file" 0 file path="$file" batch=64
same "a new file: every line" "$file" "$sent"
is "a new file: mode" "$(stat -c %a "$file")" 640
sends "a file that is there" 0 file path="$file"
is "a file that is there: appended to" "$(wc -l <"$file")" 2000
printf '{"uid":"cut in the mid' >"$file"
sends "a line that a killed writer left" 0 file path="$file"
is "a line that a killed writer left: is ended first" "$(head -n 2 "$file")" '{"uid":"cut in the mid
{"uid":"u-000001","text":"HMI hmi-1 wrote registers 1 of plc-filler"}'
is "a line that a killed writer left: only then" "$(wc -l <"$file")" 1001
(cd "$place" && "$drive" file path=here.json <"$sent") 2>"$tap_dir/drive.err"
ok "a path without a folder" cmp "$place/here.json" "$sent"

# --- others at work ----------------------------------------------------------------------
rm -f "$file"
"$drive" file path="$file" batch=50 pause=20 <"$sent" 2>"$tap_dir/drive.err" &
driver=$!
wait_for 5 lines_are 100 "$file"
mv "$file" "$file.moved"
wait_for 5 test -e "$file"
rm "$file"
wait "$driver"
is "renamed, then removed under the writer: it ends well" "$?" 0
like "renamed and removed: made again" "$(tail -n 1 "$file")" 'u-001000'
head -n "$(wc -l <"$file.moved")" "$sent" >"$tap_dir/head"
same "renamed: whole lines, in order" "$file.moved" "$tap_dir/head"
tail -n "$(wc -l <"$file")" "$sent" >"$tap_dir/tail"
same "removed: whole lines, in order" "$file" "$tap_dir/tail"
if command -v flock >/dev/null; then
	exec 8>>"$file"
	flock -n 8
	sends "another writer" 1 file path="$file"
	like "another writer: said so" "$err" '^later: another process writes alerts\.json'
	exec 8>&-
else
	skip "another writer" "flock is not installed"
fi

# Killed at any moment: what is in the file is whole lines and at most one torn one, and the next one ends that.
rm -f "$file"
for n in 1 2 3 4 5 6 7 8; do
	"$drive" file path="$file" batch=200 <"$sent" 2>/dev/null &
	driver=$!
	sleep "0.00$n"
	kill -KILL "$driver" 2>/dev/null
	wait "$driver" 2>/dev/null
done
sends "after kills" 0 file path="$file"
is "after kills: no line ends in another" "$(grep -cv '^{"uid":"u-[0-9]*","text":"[^"{]*"}$' "$file" | awk '{ print ($1 <= 8) }')" 1
is "after kills: none holds two" "$(grep -c '}.*{' "$file")" 0

# --- rotation ----------------------------------------------------------------------------
rm -f "$file"*
sends "rotation" 0 file path="$file" batch=10 rotate_size=20000 rotate_keep=2
is "rotation: so many are kept" "$(cd "$place" && echo alerts.json*)" "alerts.json alerts.json.1 alerts.json.2"
is "rotation: none is larger" "$(find "$place" -name 'alerts.json*' -size +20000c)" ""
cat "$file.2" "$file.1" "$file" >"$tap_dir/kept"
tail -n "$(wc -l <"$tap_dir/kept")" "$sent" >"$tap_dir/tail"
same "rotation: old ones and new one are one row" "$tap_dir/kept" "$tap_dir/tail"
is "rotation: mode" "$(stat -c %a "$file")" 640
sends "rotation that keeps none" 0 file path="$place/one.json" batch=10 rotate_size=20000 rotate_keep=0
is "rotation that keeps none: one file" "$(cd "$place" && echo one.json*)" "one.json"
mkdir "$place/full.json.1"
sends "rotation that cannot be" 0 file path="$place/full.json" batch=500 rotate_size=1000 rotate_keep=1
like "rotation that cannot be: said so" "$err" '^done: full\.json could not be rotated'
same "rotation that cannot be: nothing is lost" "$place/full.json" "$sent"

# --- not ours ----------------------------------------------------------------------------
refused() {                             # refused NAME PATH WORDS
	sends "$1" 3 file path="$2"
	like "$1: said so" "$err" "^pause: .*$3"
}
: >"$tap_dir/victim"
ln -s "$tap_dir/victim" "$place/link"
ln "$tap_dir/victim" "$place/hard"
ln -s "$tap_dir/nowhere" "$place/dangling"
refused "a symbolic link" "$place/link" 'is a symbolic link'
refused "a symbolic link to nothing" "$place/dangling" 'is a symbolic link'
refused "a hard link" "$place/hard" 'has another name'
refused "a folder" "$place" 'cannot be written|neither'
refused "a device" /dev/null 'neither a file nor a named pipe|belongs to another user|cannot be written'
is "what the links mean is untouched" "$(cat "$tap_dir/victim"; ls "$tap_dir/nowhere" 2>/dev/null)" ""
mkdir "$place/open" "$place/sticky"
chmod 777 "$place/open"
chmod 1777 "$place/sticky"
refused "a folder in which everybody may replace files" "$place/open/x" 'everybody may replace'
sends "a folder like /tmp" 0 file path="$place/sticky/x"
if [ "$(id -u)" -eq 0 ]; then
	: >"$place/sticky/theirs"
	mkfifo "$place/sticky/pipe"
	chown nobody "$place/sticky/theirs" "$place/sticky/pipe"
	refused "somebody else's file" "$place/sticky/theirs" 'belongs to another user'
	cat "$place/sticky/pipe" >"$tap_dir/theirs" &
	reader=$!
	sleep 0.1
	refused "somebody else's pipe in a folder like /tmp" "$place/sticky/pipe" "somebody else's pipe"
	wait "$reader"
	is "somebody else's pipe: nothing went in" "$(cat "$tap_dir/theirs")" ""
else
	skip "somebody else's file" "only root can make one"
fi
sends "a folder that is not there" 1 file path="$place/none/x"
like "a folder that is not there: said so" "$err" '^later: the folder of .* cannot be opened: No such file'

# --- a full disk -------------------------------------------------------------------------
cat >"$tap_dir/full.sh" <<'END'
mount -t tmpfs -o size=64k none "$1" || exit 99
head -c 40000 /dev/zero >"$1/filler"
"$2" file path="$1/x" batch=1 tries=100 backoff=20 <"$3" 2>"$4" &
driver=$!
sleep 0.5
rm "$1/filler"
tries=100                               # what is in the file must fit, too: the reader takes it away
while kill -0 $driver 2>/dev/null && [ $tries -gt 0 ]; do
	sleep 0.05
	tries=$((tries - 1))
	mv "$1/x" "$1/y" 2>/dev/null && sleep 0.1 && cat "$1/y" && echo && rm "$1/y"
done
wait $driver
status=$?
cat "$1/x" 2>/dev/null
exit $status
END
how=unshare
[ "$(id -u)" -eq 0 ] || how='unshare --map-root-user'
mkdir "$place/disk"
if $how --mount mount -t tmpfs none "$place/disk" 2>/dev/null; then
	$how --mount sh "$tap_dir/full.sh" "$place/disk" "$drive" "$sent" "$tap_dir/drive.err" >"$tap_dir/full"
	is "a full disk: it ends well when there is room again" "$?" 0
	like "a full disk: said so" "$(cat "$tap_dir/drive.err")" '^later: x (cannot be written|is not on the disk): No space left'
	grep '^{.*}$' "$tap_dir/full" | sort -u >"$tap_dir/whole"
	same "a full disk: every record is there as a whole line" "$tap_dir/whole" "$sent"
	is "a full disk: no line holds two" "$(grep -c '}.*{' "$tap_dir/full")" 0
else
	skip "a full disk" "a file system cannot be mounted here"
fi

# --- a named pipe ------------------------------------------------------------------------
pipe=$place/pipe
mkfifo "$pipe"
sends "a pipe that nobody reads" 1 file path="$pipe"
like "a pipe that nobody reads: said so" "$err" '^later: nobody reads the pipe pipe'
cat "$pipe" >"$tap_dir/read" &
reader=$!
sends "a pipe" 0 file path="$pipe" tries=50 backoff=20
wait "$reader"
same "a pipe: every line" "$tap_dir/read" "$sent"

numbers 5000 >"$sent"
sleep 60 <"$pipe" &
reader=$!
before=$(date +%s)
sends "a reader that does not read" 1 file path="$pipe" tries=1 max_time=1000 batch=5000
like "a reader that does not read: said so" "$err" '^later: .*its reader does not read'
spent=$(($(date +%s) - before))
ok "a reader that does not read: nobody waits for it" test "$spent" -le 4
kill "$reader"
wait "$reader" 2>/dev/null
sleep 60 <"$pipe" &
reader=$!
head -n 5 "$sent" >"$tap_dir/five"
sent=$tap_dir/five
sends "what is in the pipe and not read" 1 file path="$pipe" tries=1 max_time=1000
like "what is in the pipe and not read: is not confirmed" "$err" '^later: pipe was not read: its reader does not read'
sent=$tap_dir/sent
kill "$reader"
wait "$reader" 2>/dev/null

# Readers that die in the middle: what each had not taken comes again, and no line is torn by that.
"$drive" file path="$pipe" batch=20 pause=1 tries=200 backoff=20 <"$sent" 2>"$tap_dir/drive.err" &
driver=$!
for n in 1 2 3; do
	head -c 50001 "$pipe" >"$tap_dir/part$n"
done
cat "$pipe" >"$tap_dir/part4"
wait "$driver"
is "readers that die: it ends well, without SIGPIPE" "$?" 0
for n in 1 2 3 4; do cat "$tap_dir/part$n"; echo; done | grep '^{.*}$' | sort -u >"$tap_dir/whole"
missing=$(comm -13 "$tap_dir/whole" "$sent" | wc -l)
# A dead reader takes with it what it had read: its buffer, and what stood in the pipe.
note "records that died with a reader: $missing of 5000, sent again: $(grep -o 'resent.*' "$tap_dir/drive.err")"
ok "readers that die: what was not read comes again" test "$missing" -lt 3000
is "readers that die: no line holds two" "$(cat "$tap_dir"/part? | grep -c '}.*{')" 0
done_testing
