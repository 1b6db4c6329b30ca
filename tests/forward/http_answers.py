"""The drivers over HTTP against a strict stand-in: what they send, and what they make of every answer."""
import os
import re
import time

from http_lib import SECRET, check, done, drive, equal, folder, ids, kept, records, standin, write

TOKEN = write("token", SECRET + "\n")
KINDS = {  # the stand-in's options, the driver's
    "splunk": ("hec", ["--token", SECRET], ["token_file=" + TOKEN]),
    "elasticsearch": ("bulk", ["--token", SECRET, "--index", "logs-zonetap.alerts-default"],
                      ["token_file=" + TOKEN, "index=logs-zonetap.alerts-default"]),
    "sentinel": ("sentinel", ["--token", SECRET],
                 ["password_file=" + TOKEN, "tenant=tenant-1", "client_id=client-1", "dcr=dcr-1", "stream=Custom-Zonetap_CL"]),
    "webhook": ("webhook", ["--token", SECRET], ["token_file=" + TOKEN]),
}


def talk(kind, plan, lines, *options, server=(), path=""):
    """http_drive against a fresh stand-in: what it printed, and the stand-in."""
    name, its, ours = KINDS[kind]
    s = standin(name, *its, "--plan", plan, "--record", os.path.join(folder, "kept"), *server)
    url = "http://127.0.0.1:%d" % s.port
    out = drive(kind, lines, "url=" + url + path, "authority=" + url, *ours, *options)
    s.stop()
    s.kept = kept(os.path.join(folder, "kept"))
    os.unlink(os.path.join(folder, "kept"))
    return out.replace("127.0.0.1:%d" % s.port, "HOST"), s


def case(kind, name, plan, want, *options, lines=None, arrived=None, **more):
    out, s = talk(kind, plan, lines if lines is not None else records(3), *options, **more)
    equal("%s: %s" % (kind, name), out, want)
    if s.violations:
        check("%s: %s: no violation" % (kind, name), False, "\n".join(s.violations))
    if arrived is not None:
        equal("%s: %s: what arrived" % (kind, name), s.kept, arrived)
    return s


ALL = "done status=%d retry=0: \n  0-2 sent\n"
for kind, status in (("splunk", 200), ("elasticsearch", 200), ("sentinel", 204), ("webhook", 200)):
    case(kind, "a batch", "", ALL % status, arrived=ids(3))
    case(kind, "compressed", "", ALL % status, "gzip=yes", server=["--gzip"], arrived=ids(3))
    s = case(kind, "five batches over one connection", "", "done status=%d retry=0: \n  0-1 sent\n" % status * 5, "batch=2",
             lines=records(10), arrived=ids(10))
    check("%s: one connection%s" % (kind, " and one for the token" if kind == "sentinel" else ""),
          s.connections == (2 if kind == "sentinel" else 1), s.connections)

    # Every answer that says nothing of single records.
    OPEN = "  0-2 open\n"
    for plan, what, text, retry in (
            ("401", "pause", "the receiver does not know us (HTTP 401): injected", 0),
            ("403", "pause", "the receiver does not allow us (HTTP 403): injected", 0),
            ("404", "pause", "the receiver does not know this address (HTTP 404): injected", 0),
            ("413", "smaller", "the request is too large for the receiver (HTTP 413): injected", 0),
            ("400", "smaller", "the receiver refuses the request (HTTP 400): injected", 0),
            ("429", "later", "the receiver asks for fewer requests (HTTP 429): injected", 0),
            ("429:7", "later", "the receiver asks for fewer requests (HTTP 429): injected", 7),
            ("429:date", "later", "the receiver asks for fewer requests (HTTP 429): injected", 5),
            ("429:99999999999999999999", "later", "the receiver asks for fewer requests (HTTP 429): injected", 86400),
            ("500", "later", "the receiver failed (HTTP 500): injected", 0),
            ("503", "later", "the receiver is busy (HTTP 503): injected", 0),
            ("503:2", "later", "the receiver is busy (HTTP 503): injected", 2),
            ("redirect:http://127.0.0.1:9/\x1b[31mx", "later",
             "the receiver points elsewhere, which is not followed (HTTP 302 to http://127.0.0.1:9/\\x1b[31mx)", 0)):
        if kind == "sentinel" and plan == "401":
            plan = "401,401"
        case(kind, "answer " + plan.replace("\x1b", "ESC"), plan,
             "%s status=%s retry=%d: %s\n" % (what, "302" if plan.startswith("redirect") else plan[:3], retry, text) + OPEN, arrived=[])
    case(kind, "a record alone that is refused", "400",
         "smaller status=400 retry=0: the receiver refuses the request (HTTP 400): injected\n"
         "  0-0 never: the receiver refuses the request (HTTP 400): injected\n", lines=records(1), arrived=[])
    case(kind, "a record alone that is too large", "413",
         "smaller status=413 retry=0: the request is too large for the receiver (HTTP 413): injected\n"
         "  0-0 never: the request is too large for the receiver (HTTP 413): injected\n", lines=records(1), arrived=[])

    # Connections that break.
    out, _ = talk(kind, "reset-body", records(200, 20000), "batch=40")
    check(kind + ": reset in the middle of the request",
          re.match(r"later status=0 retry=0: the connection to HOST broke: [^\n]+\n  0-39 open\n", out), out)
    want = r"later status=0 retry=0: (the connection to HOST broke: [^\n]+|HOST closed [^\n]+)\n  0-2 open\n"
    out, s = talk(kind, "reset-answer", records(3))
    check(kind + ": reset in the middle of the answer: nothing counts", re.match(want, out) and s.kept == ids(3), out)
    out, s = talk(kind, "refuse-broken", records(3))
    check(kind + ": a refusal that breaks off: nothing counts", re.match(want, out) and s.kept == [], out)
    case(kind, "closed without an answer", "close", "later status=0 retry=0: HOST closed the connection without an answer\n" + OPEN,
         arrived=ids(3))
    case(kind, "after a broken connection the next batch goes over a new one", "close",
         "later status=0 retry=0: HOST closed the connection without an answer\n" + OPEN + ALL % status, "times=2",
         arrived=ids(3) if kind == "elasticsearch" else ids(3) * 2)

    # Answers that are slow, endless, or no answers.
    began = time.monotonic()
    case(kind, "slow", "slow", "later status=0 retry=0: HOST did not answer to the end within 1.0 s\n" + OPEN, "max_time=1000")
    case(kind, "never", "hang", "later status=0 retry=0: HOST did not answer to the end within 1.0 s\n" + OPEN, "max_time=1000")
    check(kind + ": neither took longer than max_time", time.monotonic() - began < 5)
    began = time.monotonic()
    case(kind, "stopped while it waits", "hang", "later status=0 retry=0: stopped while it waited for HOST\n" + OPEN, "stop=300",
         "max_time=60000")
    check(kind + ": it stopped within two seconds", time.monotonic() - began < 3)
    out, _ = talk(kind, "endless", records(3))
    check(kind + ": an answer without end", re.match(
        r"%s status=200 retry=0: the receiver's answer has no end: it was given up after 10\d\d KiB of it and 0 of headers\n  0-2 open\n"
        % ("smaller" if kind == "elasticsearch" else "later"), out), out)
    out, _ = talk(kind, "endless-headers", records(1))
    check(kind + ": headers without end", re.match(r"later status=\d+ retry=0: [^\n]+\n  0-0 open\n", out), out)
    out, _ = talk(kind, "garbage", records(3))
    check(kind + ": bytes that are not HTTP", re.match(r"later status=0 retry=0: HOST: [^\n]+\n  0-2 open\n", out), out)

    # Our secrets in the receiver's mouth.
    out, _ = talk(kind, "echo", records(3))
    low = out.lower()
    check(kind + ": a receiver that repeats the credentials", "pause status=403" in out and "***" in out and SECRET.lower() not in low and
          "t0ken" not in low and "token-1" not in low, out)

# A 2xx that is not the kind's: nothing counts.
case("splunk", "nonsense", "nonsense", "later status=200 retry=0: the receiver's answer is not that of an event collector (HTTP 200): "
     '{"hello":"\\x1b[31mworld\\u0007"}\n  0-2 open\n', arrived=[])
case("elasticsearch", "nonsense", "nonsense",
     'later status=200 retry=0: its answer is not that of _bulk (HTTP 200): {"hello":"\\x1b[31mworld\\u0007"}\n  0-2 open\n', arrived=[])

# --- Splunk -----------------------------------------------------------------------------------------------------------
case("splunk", "index, source and sourcetype", "", ALL % 200, "index=ot", "source=s", "sourcetype=zonetap:alert", server=["--index", "ot"],
     arrived=ids(3))
for path in ("/", "/services/collector", "/services/collector/event"):
    case("splunk", "the address " + path, "", ALL % 200 + "confirmed 1 of 1\n", "ack=yes", "confirm=3000", server=["--ack"], path=path)
case("splunk", "more than goes into one request", "", "done status=200 retry=0: \n  0-10 sent\n  11-19 open\n", lines=records(20, 90000),
     arrived=ids(11))
case("splunk", "an event that is invalid", "partial:6@1", "done status=400 retry=0: the receiver refuses the request (HTTP 400): "
     "Invalid data format\n  0-0 sent\n  1-1 never: the receiver refuses the request (HTTP 400): Invalid data format\n  2-2 open\n",
     arrived=ids(1))
case("splunk", "the same with acknowledgement: what came before will not be acknowledged", "partial:6@1",
     "done status=400 retry=0: the receiver refuses the request (HTTP 400): Invalid data format\n  0-0 open\n"
     "  1-1 never: the receiver refuses the request (HTTP 400): Invalid data format\n  2-2 open\n", "ack=yes", server=["--ack"])
case("splunk", "busy in the middle of a batch", "partial:9@2", "done status=503 retry=0: the receiver is busy (HTTP 503): Server is busy\n"
     "  0-1 sent\n  2-2 again: the receiver is busy (HTTP 503): Server is busy\n", arrived=ids(2))
case("splunk", "busy from the first", "partial:26@0", "later status=503 retry=0: the receiver is busy (HTTP 503): Queue at capacity\n"
     "  0-2 open\n", arrived=[])
case("splunk", "an index that is not allowed is for people", "partial:7@0",
     "pause status=400 retry=0: the receiver refuses the request (HTTP 400): Incorrect index\n  0-0 open\n", lines=records(1), arrived=[])
case("splunk", "an event number that there is not", "partial:6@3",
     "smaller status=400 retry=0: the receiver refuses the request (HTTP 400): Invalid data format\n  0-2 open\n")
case("splunk", "a token that wants a channel", "partial:10@0", "pause status=400 retry=0: the receiver refuses the request (HTTP 400): "
     "Data channel is missing; its token has indexer acknowledgement, which 'ack: true' uses\n  0-2 open\n")
case("splunk", "acknowledged", "", "done status=200 retry=0: \n  0-1 sent\n" * 4 + "confirmed 4 of 4\n", "ack=yes", "batch=2",
     "confirm=5000", lines=records(8), server=["--ack"], arrived=ids(8))
case("splunk", "not acknowledged in time", "", ALL % 200 + "confirmed 0 of 1\nlater status=0 retry=0: the receiver has not acknowledged "
     "within 3 s what it accepted: it is sent again\n", "ack=yes", "max_time=300", "confirm=10000", server=["--ack", "--ack-never"])
case("splunk", "a token without acknowledgement", "", ALL % 200 + "confirmed 1 of 1\n", "ack=yes", "confirm=1000")

# --- _bulk ------------------------------------------------------------------------------------------------------------
case("elasticsearch", "what is there already is as good", "", ALL % 200 * 2, "times=2", arrived=ids(3))
case("elasticsearch", "each record has its own answer", "partial:400@1+429@2+503@3+409@4",
     "done status=200 retry=0: \n  0-0 sent\n  1-1 never: status 400: document_parsing_exception: failed to parse field [source.ip] of "
     "type [ip] Injected\\x1b[31m\n  2-2 again: status 429: es_rejected_execution_exception: rejected execution\n"
     "  3-3 again: status 503: es_rejected_execution_exception: rejected execution\n  4-5 sent\n", lines=records(6))
case("elasticsearch", "a record at which it fails holds up none", "partial:500@1",
     "done status=200 retry=0: \n  0-0 sent\n  1-1 never: status 500: es_rejected_execution_exception: rejected execution\n  2-2 sent\n")
case("elasticsearch", "a stream that nobody may write to", "partial:403@0+403@1+404@2", "pause status=200 retry=0: the receiver takes no "
     "document: status 403: es_rejected_execution_exception: rejected execution\n"
     "  0-1 open: status 403: es_rejected_execution_exception: rejected execution\n"
     "  2-2 open: status 404: es_rejected_execution_exception: rejected execution\n")
case("elasticsearch", "one document that is not allowed", "partial:403@1", "done status=200 retry=0: \n  0-0 sent\n  1-1 never: status "
     "403: es_rejected_execution_exception: rejected execution\n  2-2 sent\n")
case("elasticsearch", "an answer in another order", "partial:swap", "later status=200 retry=0: the items of its answer are not the ones "
     "that were sent, in their order (HTTP 200): {\"errors\":false,\"items\":[{\"create\":{\"_id\":\"a0001-2\",\"status\":201}},"
     "{\"create\":{\"_id\":\"a0000-1\",\"status\":201}},{\"create\":{\"_id\":\"a0002-3\",\"status\":201}}]}\n  0-2 open\n")
for plan, text in (("fewer", "its answer has 2 items for 3 that were sent"), ("index", "an item of its answer is no answer to \"create\"")):
    out, _ = talk("elasticsearch", "partial:" + plan, records(3))
    check("elasticsearch: an answer with lies: " + plan, out.startswith("later status=200 retry=0: " + text) and
          out.endswith("\n  0-2 open\n"), out)
pair = "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def basic(plan):
    s = standin("bulk", "--authorization", "Basic " + pair, "--index", "i", "--plan", plan)
    out = drive("elasticsearch", records(1), "url=http://127.0.0.1:%d/" % s.port, "user=Aladdin", "index=i",
                "password_file=" + write("sesame", "open sesame\n"))
    s.stop()
    return out


equal("elasticsearch: user and password", basic(""), "done status=200 retry=0: \n  0-0 sent\n")
out = basic("echo")
check("elasticsearch: neither the password nor the pair is shown", "***" in out and "QWxh" not in out and "qwxh" not in out.lower(), out)
lines = records(1000)
case("elasticsearch", "a thousand at once", "", "done status=200 retry=0: \n  0-999 sent\n", lines=lines, arrived=ids(1000))

# --- Sentinel ---------------------------------------------------------------------------------------------------------
out, s = talk("sentinel", "ok,401", records(3), "times=2")
equal("sentinel: a token that is refused is fetched anew, once", out, ALL % 204 * 2)
check("sentinel: two tokens", s.kind.fetched == 2, s.kind.fetched)
out, s = talk("sentinel", "", records(3), "times=3", "pause=1700", server=["--expires", "6"])
equal("sentinel: a token is renewed before its end", out, ALL % 204 * 3)
check("sentinel: it was renewed at half its life", s.kind.fetched == 2, s.kind.fetched)
case("sentinel", "a secret that is wrong", "", "pause status=401 retry=0: no token from the authority: the receiver does not know us "
     "(HTTP 401): invalid_client: AADSTS7000215: Invalid client secret provided: '***'\n  0-2 open\n", server=["--token", "another"])
case("sentinel", "a record of more than a megabyte", "",
     "done status=0 retry=0: \n  0-0 never: a record of 1100097 bytes; Sentinel takes no more than 1 MB at once\n",
     lines=records(1, 1100000), arrived=[])
case("sentinel", "more than goes into one request", "", "done status=204 retry=0: \n  0-10 sent\n  11-19 open\n",
     lines=records(20, 90000), arrived=ids(11))

# --- webhook ----------------------------------------------------------------------------------------------------------
case("webhook", "one object a request", "", "done status=200 retry=0: \n  0-0 sent\n" * 2, "batch_count=1", "batch=1", lines=records(2),
     arrived=ids(2))
WORDS = "DB::Exception: Cannot parse input: expected ',' before: 'x': (at row 1)"
case("webhook", "ClickHouse refuses data behind a 200", "partial:27",
     "smaller status=200 retry=0: ClickHouse refuses the data (HTTP 200): Code: 27. %s\n  0-2 open\n" % WORDS)
case("webhook", "ClickHouse fails behind a 200", "partial:243",
     "later status=200 retry=0: ClickHouse failed (HTTP 200): Code: 243. %s\n  0-2 open\n" % WORDS)
case("webhook", "a path and a query as people write them", "", ALL % 200, path="/in?query=INSERT INTO t FORMAT JSONEachRow", arrived=ids(3))

# --- secrets ----------------------------------------------------------------------------------------------------------


def refused(path, **more):
    return drive("webhook", records(1), "url=http://127.0.0.1:9", "token_file=" + path, **more).replace(folder, "DIR")


equal("a secret that everybody can read", refused(write("open", "x\n", 0o644)),
      "not opened: token_file DIR/open can be read by everyone on this machine: chmod o-r it\n")
equal("no secret", refused(folder + "/absent"), "not opened: token_file DIR/absent cannot be read: No such file or directory\n")
equal("a secret that is a folder", refused(folder), "not opened: token_file DIR is not a regular file\n")
equal("an empty secret", refused(write("empty", "\n")), "not opened: token_file DIR/empty is empty\n")
equal("a secret of two lines", refused(write("two", "a\nb\n")),
      "not opened: token_file DIR/two has a control character in it (byte 2)\n")
equal("a secret without end", refused(write("long", "x" * 20000)), "not opened: token_file DIR/long is longer than 16384 bytes\n")
equal("a secret that is not in the environment", drive("webhook", records(1), "url=http://127.0.0.1:9", "token_env=ZT_NONE"),
      "not opened: token_env: there is no environment variable ZT_NONE\n")
s = standin("webhook", "--token", "from-env")
equal("a secret from the environment", drive("webhook", records(1), "url=http://127.0.0.1:%d/" % s.port, "token_env=ZT_TOKEN",
                                             env={"ZT_TOKEN": "from-env"}), "done status=200 retry=0: \n  0-0 sent\n")
s.stop()

# --- nobody there -----------------------------------------------------------------------------------------------------
equal("nobody listens", drive("webhook", records(3), "url=http://127.0.0.1:9/"),
      "later status=0 retry=0: no connection to 127.0.0.1:9: Connection refused\n  0-2 open\n")
equal("a name that there is not", drive("webhook", records(3), "url=http://receiver.invalid/"),
      "later status=0 retry=0: the name of receiver.invalid cannot be resolved\n  0-2 open\n")
done()
