"""What the tests of the drivers over HTTP share: TAP, a temporary folder, records, http_drive, the stand-in in a thread."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from standin import Standin, options_of  # noqa: E402

DRIVE = os.path.join(os.environ.get("top_builddir", "."), "tests/forward/http_drive")
SECRET = "s3cret/T0ken+x=="
folder = tempfile.mkdtemp(prefix="zonetap-test.")
count = failed = 0


def note(text):
    for line in str(text).splitlines():
        print("# " + line)


def check(name, ok, why=""):
    global count, failed
    count += 1
    print("%sok %d - %s" % ("" if ok else "not ", count, name), flush=True)
    if not ok:
        failed += 1
        note(why)


def equal(name, got, want):
    check(name, got == want, "got:\n%s\nwant:\n%s" % (got, want))


def skip(name, why):
    global count
    count += 1
    print("ok %d - %s # SKIP %s" % (count, name, why), flush=True)


def done():
    shutil.rmtree(folder, ignore_errors=True)
    print("1..%d" % count)
    sys.exit(1 if failed else 0)


def write(name, text, mode=0o600):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def records(n, size=0):
    """Lines for http_drive: alerts with what every format has."""
    lines = []
    for i in range(n):
        alert = {"@timestamp": "2025-11-25T12:00:00.123456Z", "uid": "a%04x" % i, "rev": i % 3 + 1, "text": "wrote \u2013 42"}
        if size:
            alert["pad"] = "x" * size
        lines.append("%s\t%d\t%s\n" % (alert["uid"], alert["rev"], json.dumps(alert, ensure_ascii=False, separators=(",", ":"))))
    return "".join(lines)


def ids(n):
    return [("a%04x" % i, i % 3 + 1) for i in range(n)]


def drive(kind, lines, *options, env=None):
    """What http_drive prints."""
    command = os.environ.get("ZT_HTTP_DRIVE", DRIVE).split() + [kind] + [str(o) for o in options]
    p = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                       env=dict(os.environ, **(env or {})))
    out = p.stdout.decode("utf-8", "replace")
    if p.returncode not in (0, 1):
        out += "status %d\n" % p.returncode
    return out


def standin(kind, *options):
    return Standin(options_of(kind, *options)).start()


def kept(path):
    """The records of a stand-in's file, in order."""
    with open(path, encoding="utf-8") as f:
        return [(r["uid"], r["rev"]) for r in map(json.loads, f)]
