"""A live webhook target: Debian's ClickHouse with its insert over HTTP, on loopback and without rights."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from http_lib import check, done, drive, equal, folder, ids, records, write

PEERS = os.environ.get("ZONETAP_PEERS") or os.path.join(os.environ.get("top_srcdir", "."), "tests/peers/unpacked")
CONFIG = """<yandex>
<logger><level>warning</level><log>{dir}/log</log><errorlog>{dir}/err</errorlog></logger>
<listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<path>{dir}/data/</path><tmp_path>{dir}/tmp/</tmp_path>
<users_config>{dir}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>5368709</mark_cache_size><max_connections>64</max_connections>
</yandex>
"""
USERS = """<yandex>
<profiles><default><max_memory_usage>200000000</max_memory_usage></default></profiles>
<quotas><default></default></quotas>
<users><sensor><password>open sesame</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></sensor>
<default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
</yandex>
"""


def server():
    for where in [PEERS + "/usr/sbin", PEERS + "/usr/bin"] + os.environ.get("PATH", "").split(":") + ["/usr/sbin"]:
        for name in ("clickhouse-server", "clickhouse"):
            if os.access(os.path.join(where, name), os.X_OK):
                return os.path.join(where, name)
    return None


def skip_all(why):
    print("1..0 # SKIP " + why)
    shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0)


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


def start(program, http):
    for name in ("data", "tmp"):
        os.mkdir(os.path.join(folder, name))
    write("config.xml", CONFIG.format(dir=folder, http=http, tcp=free_port()))
    write("users.xml", USERS)
    env = dict(os.environ)
    if program.startswith(PEERS):
        env["LD_LIBRARY_PATH"] = ":".join(PEERS + d for d in ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu",
                                                              "/usr/lib/aarch64-linux-gnu", "/lib/aarch64-linux-gnu"))
    words = [program] + (["server"] if program.endswith("/clickhouse") else []) + ["--config-file=" + folder + "/config.xml"]
    with open(os.path.join(folder, "out"), "wb") as out:
        return subprocess.Popen(words, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env, cwd=folder)


def query(port, text):
    r = urllib.request.Request("http://127.0.0.1:%d/" % port, data=text.encode())
    with urllib.request.urlopen(r, timeout=20) as answer:
        return answer.read().decode()


def wait(port, process):
    for _ in range(200):
        if process.poll() is not None:
            return False
        try:
            if query(port, "SELECT 1") == "1\n":
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def out_of(name):
    try:
        with open(os.path.join(folder, name), errors="replace") as f:
            return f.read()[-600:].replace("\n", " ")
    except OSError:
        return ""


program = server()
if not program:
    why = os.path.join(PEERS, ".why/clickhouse")
    skip_all(open(why).readline().strip() if os.path.exists(why) else "ClickHouse is neither installed nor unpacked in tests/peers/unpacked")
port = free_port()
process = start(program, port)
try:
    if not wait(port, process):
        skip_all("ClickHouse does not run here: " + (out_of("err") or out_of("out"))[-300:])
    query(port, "CREATE TABLE alerts (uid String, rev UInt32, text String) ENGINE = MergeTree() PARTITION BY tuple() ORDER BY (uid, rev)")
    url = "http://127.0.0.1:%d/?input_format_skip_unknown_fields=1&query=INSERT INTO %%s FORMAT JSONEachRow" % port
    SENT = "done status=200 retry=0: \n  0-%d sent\n"

    def post(lines, *options, table="alerts"):
        return drive("webhook", lines, "url=" + url % table, *options).replace(":%d" % port, ":PORT")

    def rows():
        return [(r["uid"], r["rev"]) for r in json.loads(query(port, "SELECT uid, rev FROM alerts ORDER BY uid, rev FORMAT JSON"))["data"]]

    equal("a batch of a thousand", post(records(1000)), SENT % 999)
    equal("each record is a row", rows(), ids(1000))
    query(port, "ALTER TABLE alerts DROP PARTITION tuple()")
    equal("compressed", post(records(100), "gzip=yes"), SENT % 99)
    equal("each is a row again", rows(), ids(100))
    equal("the text is what it was", query(port, "SELECT DISTINCT text FROM alerts FORMAT TSVRaw"), "wrote \u2013 42\n")
    bad = "bad\t1\t" + json.dumps({"uid": "bad", "rev": "not a number", "text": ""}) + "\n"
    got = post(records(3) + bad)
    check("a record that fits no row refuses its batch", re.match(r"smaller status=\d+ retry=0: [^\n]*\(HTTP \d+\): Code: \d+[^\n]*DB::"
          r"Exception[^\n]*\n  0-3 open\n", got), got)
    got = post(bad)
    check("alone it is refused for good, in ClickHouse's words", re.match(r"smaller status=\d+ [^\n]*\n  0-0 never: [^\n]*"
          r"\(HTTP \d+\): Code: \d+[^\n]*DB::Exception", got), got)
    got = post(records(3), table="absent")
    check("a table that there is not is for people", got.startswith("pause status=404 ") and "DB::Exception" in got, got)
    password = "password_file=" + write("password", "open sesame\n")
    equal("user and password", post(records(1), "user=sensor", password), SENT % 0)
    got = post(records(1), "user=sensor", "password_file=" + write("wrong", "mellon\n"))
    check("a wrong password does not count", not got.startswith("done") and "mellon" not in got and got.endswith("  0-0 open\n"), got)
    process.send_signal(signal.SIGKILL)
    process.wait()
    equal("a server that is gone", post(records(3)),
          "later status=0 retry=0: no connection to 127.0.0.1:PORT: Connection refused\n  0-2 open\n")
finally:
    if process.poll() is None:
        process.kill()
        process.wait()
done()
