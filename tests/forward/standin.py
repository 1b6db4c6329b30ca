#!/usr/bin/env python3
"""A strict stand-in for receivers over HTTP: Splunk HEC, Elasticsearch _bulk, Sentinel with its token endpoint, a webhook.

    standin.py KIND [--port N] [--record FILE] [--violations FILE] [--plan WORD,WORD...] [--chaos P] [--tls CERT KEY] ...

It prints "listening on PORT" when it is ready. Each record that it accepts is a line of FILE, written before the request is
answered: {"n": ARRIVAL NUMBER, "uid": ..., "rev": ...}. Killed and started again with the same file and port it goes on with
the numbers, and a _bulk knows the ids it has. A request that the receiver's document does not allow is a line of the file of
violations (standard error without one), and is answered with 400.

--plan says what happens to the first requests that carry records, one word each; after that all is well. --chaos P instead
gives each request a word of its own with probability P. The words:

    ok                 nothing
    STATUS[:SECONDS]   this status, with Retry-After when seconds follow; 429:date says it as a date, five seconds ahead
    redirect:URL       302
    partial:WHERE      the kind's own half success: hec CODE@EVENT; bulk STATUS@ITEM+STATUS@ITEM, swap, fewer, index;
                       webhook CODE (ClickHouse's)
    reset-body         the connection is reset in the middle of the request's body
    reset-answer       ... in the middle of the answer; the records are in
    close              closed without an answer; the records are in
    slow               an answer of one byte each 100 ms
    hang               no answer
    endless            an answer of a gigabyte
    endless-headers    headers without end
    garbage            bytes that are not HTTP
    nonsense           200, and a body that is not the kind's
    echo               403 whose body repeats the Authorization header, in every spelling
"""
import argparse
import email.utils
import gzip
import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from standin_kinds import JSON, KINDS, Wrong, dump, need  # noqa: E402

REASONS = {200: "OK", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           413: "Payload Too Large", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
CHAOS = ["500", "503", "429:1", "reset-body", "reset-answer", "close", "nonsense"]
BODY_MAX = 64 << 20


class Request:
    def __init__(self, method, target, headers):
        self.method = method
        path, _, query = target.partition("?")
        self.path = urllib.parse.unquote(path)
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True, strict_parsing=bool(query))
        self.headers = headers
        self.raw = self.body = b""


class Gone(Exception):
    """The connection has ended, by whoever."""


class Standin:
    """options: as of the command line, with defaults by options_of()."""

    def __init__(self, options):
        self.o = options
        self.kind = KINDS[options.kind](options)
        self.plan = [w for w in (options.plan or "").split(",") if w]
        self.violations = []
        self.connections = 0
        self.arrivals = 0
        self.lock = threading.Lock()
        self.random = random.Random(options.seed)
        self.stopping = False
        self.file = None
        self.open_sockets = set()
        if options.record:
            self.resume(options.record)
        self.tls = self.context() if options.tls else None
        self.listen()

    # --- records

    def resume(self, path):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    if not line.endswith("\n"):
                        continue
                    r = json.loads(line)
                    self.arrivals = r["n"]
                    if self.o.kind == "bulk":
                        self.kind.ids.add("%s-%d" % (r["uid"], r["rev"]))
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def keep(self, found):
        with self.lock:
            lines = []
            for uid, rev in found:
                self.arrivals += 1
                lines.append('{"n":%d,"uid":%s,"rev":%s}\n' % (self.arrivals, json.dumps(uid), json.dumps(rev)))
            if self.file is not None:
                os.write(self.file, "".join(lines).encode())

    def violation(self, text):
        self.violations.append(text)
        if self.o.violations:
            with open(self.o.violations, "a", encoding="utf-8") as f:
                f.write(text + "\n")
        elif __name__ == "__main__":
            print("violation:", text, file=sys.stderr, flush=True)

    # --- connections

    def context(self):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(*self.o.tls)
        if self.o.client_ca:
            c.verify_mode = ssl.CERT_REQUIRED
            c.load_verify_locations(self.o.client_ca)
        if self.o.tls_max:
            c.set_ciphers("ALL:@SECLEVEL=0")
            c.minimum_version = ssl.TLSVersion.TLSv1
            c.maximum_version = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2}[self.o.tls_max]
        return c

    def listen(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.o.host, self.o.port))
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1]

    def serve(self):
        while not self.stopping:
            try:
                s, _ = self.socket.accept()
            except OSError:
                break
            self.connections += 1
            threading.Thread(target=self.connection, args=(s,), daemon=True).start()

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def stop(self):
        self.stopping = True
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        for s in list(self.open_sockets):
            try:
                s.close()
            except OSError:
                pass
        if self.file is not None:
            os.close(self.file)
            self.file = None

    def connection(self, s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.settimeout(30)
        self.open_sockets.add(s)
        try:
            if self.tls:
                s = self.handshake(s)
            f = s.makefile("rb")
            while self.one(s, f):
                pass
        except (Gone, OSError, ValueError):
            pass
        finally:
            self.open_sockets.discard(s)
            s.close()

    def handshake(self, s):
        t = self.tls.wrap_socket(s, server_side=True, do_handshake_on_connect=False)
        try:
            t.do_handshake()
        except ssl.SSLError:
            # The alert arrives only when what the client has already sent is read.
            t.settimeout(1)
            socket.socket.shutdown(t, socket.SHUT_WR)
            while socket.socket.recv(t, 65536):
                pass
            t.close()
            raise
        return t

    @staticmethod
    def reset(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        raise Gone

    # --- requests

    def head(self, f):
        line = f.readline(65537)
        if not line:
            raise Gone
        need(line.endswith(b"\r\n"), "a request line without its end")
        parts = line.decode("ascii").split(" ")
        need(len(parts) == 3 and parts[2] == "HTTP/1.1\r\n", "request line %r" % line)
        headers = {}
        while True:
            line = f.readline(65537)
            if line == b"\r\n":
                break
            need(line.endswith(b"\r\n") and b":" in line and line[:1] not in b" \t", "header %r" % line)
            name, _, value = line.decode("latin-1").partition(":")
            need(name.lower() not in headers, "header %s stands twice" % name)
            headers[name.lower()] = value.strip()
        return Request(parts[0], parts[1], headers)

    def read(self, f, request, s, word):
        need("host" in request.headers, "no Host")
        need("expect" not in request.headers, "Expect")
        need("proxy-authorization" not in request.headers, "what is for the proxy alone")
        need("transfer-encoding" not in request.headers, "no length is said")
        need(request.headers.get("content-length", "").isdigit(), "no Content-Length")
        length = int(request.headers["content-length"])
        need(length <= BODY_MAX, "a body of %d bytes" % length)
        if word == "reset-body":
            f.read(min(length // 2, 1000))
            self.reset(s)
        request.raw = f.read(length)
        if len(request.raw) != length:
            raise Gone
        request.body = request.raw
        encoding = request.headers.get("content-encoding")
        if encoding is not None:
            need(encoding == "gzip", "Content-Encoding " + encoding)
            request.body = gzip.decompress(request.raw)
        need((encoding == "gzip") == self.o.gzip or not self.kind.is_data(request), "Content-Encoding %s" % encoding)

    def word(self, request):
        if not self.kind.is_data(request):
            return "ok"
        with self.lock:
            if self.plan:
                return self.plan.pop(0)
            return self.random.choice(CHAOS) if self.random.random() < self.o.chaos else "ok"

    def one(self, s, f):
        request = None
        try:
            request = self.head(f)
            word = self.word(request)
            self.read(f, request, s, word)
            answer = self.inject(s, request, word)
        except (Wrong, UnicodeDecodeError, ValueError, KeyError, TypeError) as e:
            self.violation("%s: %s: %s" % (self.o.kind, request.path if request else "?", e))
            answer = 400, JSON, dump({"text": "violation: %s" % e, "code": 6})
        if answer is None:
            return True
        self.send(s, *answer)
        return request is not None and request.headers.get("connection", "").lower() != "close"

    def normal(self, request):
        found = []
        answer = self.kind.answer(request, lambda uid, rev: found.append((uid, rev)))
        self.keep(found)
        return answer

    @staticmethod
    def render(status, headers, body):
        head = "HTTP/1.1 %d %s\r\n" % (status, REASONS.get(status, "Status"))
        for name, value in headers.items():
            head += "%s: %s\r\n" % (name, value)
        if status != 204:
            head += "Content-Length: %d\r\n" % len(body)
        return head.encode() + b"\r\n" + (body if status != 204 else b"")

    def send(self, s, status, headers, body):
        s.sendall(self.render(status, headers, body))

    # --- injections

    def inject(self, s, request, word):
        name, _, more = word.partition(":")
        if name == "ok":
            return self.normal(request)
        if name.isdigit():
            headers = dict(JSON)
            if more == "date":
                now = time.time()
                headers["Date"] = email.utils.formatdate(now, usegmt=True)
                headers["Retry-After"] = email.utils.formatdate(now + 5, usegmt=True)
            elif more:
                headers["Retry-After"] = more
            if name == "407":
                headers["Proxy-Authenticate"] = 'Basic realm="who are you"'
            return int(name), headers, dump({"text": "injected", "code": 99})
        if name == "redirect":
            return 302, {"Location": more}, b"moved"
        if name == "partial":
            found = []
            answer = self.kind.partial(request, lambda uid, rev: found.append((uid, rev)), more)
            self.keep(found)
            return answer
        return getattr(self, "inject_" + name.replace("-", "_"))(s, request)

    def inject_reset_answer(self, s, request):
        text = self.render(*self.normal(request))
        s.sendall(text[:len(text) // 2])
        time.sleep(0.05)
        self.reset(s)

    def inject_refuse_broken(self, s, request):
        """It refuses, names a record and breaks off before the end that it announced."""
        text = self.render(400, {**JSON, "X-ClickHouse-Exception-Code": "27"},
                           b'{"text":"Invalid data format","code":6,"invalid-event-number":1}' + b" " * 5000)
        s.sendall(text[:-4000])
        raise Gone

    def inject_close(self, s, request):
        self.normal(request)
        raise Gone

    def inject_slow(self, s, request):
        for c in self.render(200, JSON, b'{"text":"Success","code":0}' * 100):
            s.sendall(bytes([c]))
            time.sleep(0.1)

    def inject_hang(self, s, request):
        for _ in range(300):
            time.sleep(0.1)
            if self.stopping:
                break
        raise Gone

    def inject_endless(self, s, request):
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(16384):
            s.sendall(b" " * 65536)

    def inject_endless_headers(self, s, request):
        s.sendall(b"HTTP/1.1 200 OK\r\n")
        for i in range(1 << 20):
            s.sendall(b"X-%d: %s\r\n" % (i, b"y" * 1000))

    def inject_garbage(self, s, request):
        s.sendall(bytes(range(256)) * 4)
        raise Gone

    def inject_nonsense(self, s, request):
        return 200, JSON, b'{"hello":"\x1b[31mworld\\u0007"}\r\n'

    def inject_echo(self, s, request):
        given = request.headers.get("authorization", "")
        secret = given.partition(" ")[2]
        return 403, {"Content-Type": "text/plain"}, ("no %s / %s / %s / %s" % (
            given, secret.upper(), urllib.parse.quote(secret, safe=""), secret.replace("/", "\\/"))).encode()


def parser():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kind", choices=sorted(KINDS))
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0, help="0: any that is free")
    p.add_argument("--record", metavar="FILE")
    p.add_argument("--violations", metavar="FILE")
    p.add_argument("--plan", metavar="WORDS")
    p.add_argument("--chaos", type=float, default=0, metavar="P")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    p.add_argument("--tls-max", choices=["1.1", "1.2"])
    p.add_argument("--client-ca", metavar="FILE", help="a client certificate of this CA is demanded")
    p.add_argument("--gzip", action="store_true", help="bodies with records must be compressed; without it they must not")
    p.add_argument("--token", default="", help="HEC token, API key, bearer token, client secret")
    p.add_argument("--authorization", metavar="TEXT", help="the whole header instead")
    p.add_argument("--index", default=None, help="hec: demanded; bulk: the data stream")
    p.add_argument("--ack", action="store_true", help="hec: with indexer acknowledgement")
    p.add_argument("--ack-delay", type=float, default=0.2, metavar="SECONDS")
    p.add_argument("--ack-never", action="store_true")
    p.add_argument("--tenant", default="tenant-1")
    p.add_argument("--client-id", default="client-1")
    p.add_argument("--dcr", default="dcr-1")
    p.add_argument("--stream", default="Custom-Zonetap_CL")
    p.add_argument("--expires", type=int, default=3600, metavar="SECONDS", help="sentinel: life of a token")
    return p


def options_of(*words):
    return parser().parse_args([str(w) for w in words])


def main():
    standin = Standin(parser().parse_args())
    print("listening on %d" % standin.port, flush=True)
    try:
        standin.serve()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
