#!/usr/bin/env python3
"""Records of RFC 5424 for the tests with real receivers.

    records.py make N            N records on standard output, of every hostile kind, then ordinary ones
    records.py real              the alerts of all captures and the hostile ones of the tests of formats, as zonetap writes them
    records.py compare HOW SENT RECEIVED [lossy]
                                 holds what a receiver wrote as JSON lines (HOW: rsyslog, syslog-ng) against the records
                                 sent, field by field. Each record has the parameters `uid` and `rev`, and `seq` when it is
                                 real; one that came twice must be the same twice. With `lossy` records may be missing.

The reader is strict and written from RFC 5424 section 6, not from any formatter. Standard library only.
"""
import json
import re
import sys

BOM = "\ufeff"


def read(record):
    """One record as the fields that both receivers know; ValueError when it is not RFC 5424."""
    head = re.match(r"<(0|[1-9][0-9]{0,2})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) ", record)
    if not head or int(head[1]) > 191:
        raise ValueError("header: " + record[:80])
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", head[2]):
        raise ValueError("timestamp: " + head[2])
    data, at = structured(record, head.end())
    if at < len(record) and record[at] != " ":
        raise ValueError("no space before MSG: " + record[at:at + 20])
    msg = record[at + 1:]
    return {"severity": int(head[1]) % 8, "facility": int(head[1]) // 8, "time": head[2], "host": head[3], "app": head[4],
            "procid": head[5], "msgid": head[6], "sd": data, "message": msg[1:] if msg.startswith(BOM) else msg}


def structured(record, at):
    if record[at] == "-":
        return {}, at + 1
    data = {}
    name = re.compile(r'[!#-<>-\\^-~]{1,32}')
    value = re.compile(r'="((?:[^"\\\]]|\\["\\\]])*)"')
    while at < len(record) and record[at] == "[":
        ident = name.match(record, at + 1)
        if not ident or ident[0] in data:
            raise ValueError("SD-ID: " + record[at:at + 40])
        data[ident[0]] = {}
        at = ident.end()
        while record[at] == " ":
            key = name.match(record, at + 1)
            val = value.match(record, key.end()) if key else None
            if not val or key[0] in data[ident[0]]:
                raise ValueError("SD-PARAM: " + record[at:at + 40])
            data[ident[0]][key[0]] = re.sub(r'\\(["\\\]])', r"\1", val[1])
            at = val.end()
        if record[at] != "]":
            raise ValueError("SD-ELEMENT: " + record[at:at + 40])
        at += 1
    return data, at


HOSTILE = [
    'quote " inside', "back \\ slash", "closing ] bracket", 'all "\\] of them]"\\', "trailing \\\\", "=[ not escaped", "{json: 'no'}",
    "<13>1 2026-01-01T00:00:00Z a b c d - another record", "37 <13>1 - - - - - - counted", "%s%n%$!all-json%${HOST}$(echo)",
    "ünïcödé ✓ 漢字 \U0001f600", "a\u00adsoft hyphen", "'; DROP TABLE alerts; --", "x" * 2000, " leading and trailing ", "null", "0", "-",
]


def escape(text):
    return re.sub(r'(["\\\]])', r"\\\1", text)


def make(count):
    for i in range(count):
        text = HOSTILE[i % len(HOSTILE)] if i < 3 * len(HOSTILE) else "HMI hmi-1 wrote registers %d of plc-filler" % i
        sd = '[alert@32473 uid="u-%06d" rev="%d" title="%s" count="%d"]' % (i, i % 7, escape(text), i * 3)
        if i % 3 == 1:
            sd += '[client@32473 ip="192.168.2.%d" zone="%s"]' % (i % 256, escape(text[:40]))
        msg = BOM + text if i % 2 else "plain %d %s" % (i, text.encode("ascii", "ignore").decode())
        print("<%d>1 2026-11-25T18:%02d:%02d.%06dZ sensor-%d zonetap %s deny.write %s %s" % (
            128 + i % 8, i // 60 % 60, i % 60, i, i % 3, "-" if i % 5 else str(1000 + i), sd, msg))


def from_rsyslog(o):
    out = {k: o.get(k) for k in ("host", "app", "procid", "msgid", "message", "time")}
    out.update(severity=int(o["severity"]), facility=int(o["facility"]), sd=o.get("rfc5424-sd", {}))
    return out


def from_syslog_ng(o):
    levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
    sd = {}
    for ident, params in o.get("_SDATA", {}).items():
        sd[ident] = params
    return {"host": o.get("HOST"), "app": o.get("PROGRAM"), "procid": o.get("PID", "-"), "msgid": o.get("MSGID"),
            "message": o.get("MESSAGE", ""), "time": o["ISODATE"].replace("+00:00", "Z"), "severity": levels.index(o["PRIORITY"]),
            "facility": 16 if o["FACILITY"] == "local0" else -1, "sd": sd}


def real():
    import lines                # its programs and folders come from the environment of the tests
    records = lines.formatted(lines.of_captures() + lines.made() + lines.hostile(), "rfc5424", "syslog", "max=65536", "host=sensor-1",
                              "facility=16", "enterprise=32473", "seq")
    sys.stdout.buffer.write(b"".join(r + b"\n" for r in records))


def uid(fields):
    for params in fields["sd"].values():
        if "uid" in params:
            return "%s rev %s seq %s" % (params["uid"], params.get("rev"), params.get("seq"))
    return None


def compare(how, sent_path, got_path, lossy):
    convert = {"rsyslog": from_rsyslog, "syslog-ng": from_syslog_ng}[how]
    with open(sent_path, encoding="utf-8", newline="\n") as f:
        sent = {uid(r): r for r in map(read, f.read().rstrip("\n").split("\n"))}
    seen, wrong = {}, []
    with open(got_path, encoding="utf-8", newline="\n") as f:
        for line in f.read().rstrip("\n").split("\n"):
            got = convert(json.loads(line))
            ident = uid(got)
            want = sent.get(ident)
            seen[ident] = seen.get(ident, 0) + 1
            if want is None:
                wrong.append("never sent: " + line[:300])
                continue
            for k, v in want.items():
                if got[k] != v:
                    wrong.append("%s %s: got %r, sent %r" % (ident, k, got[k], v))
    missing = [u for u in sent if u not in seen]
    twice = sum(n - 1 for n in seen.values())
    if missing and not lossy:
        wrong.append("missing: %d, first %s" % (len(missing), missing[0]))
    for line in wrong[:10]:
        print(line[:400])
    print("sent %d missing %d twice %d" % (len(sent), len(missing), twice))
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        make(int(sys.argv[2]))
    elif sys.argv[1] == "real":
        real()
    else:
        sys.exit(compare(sys.argv[2], sys.argv[3], sys.argv[4], "lossy" in sys.argv[5:]))
