"""The receivers that standin.py plays: what each demands of a request, and what it answers when all is well.

Written from their documents: Splunk "Format events for HTTP Event Collector" and "About HTTP Event Collector Indexer
Acknowledgment", Elasticsearch "Bulk API", Azure Monitor "Logs Ingestion API" (api-version 2023-01-01), Microsoft identity
platform "client credentials flow" (RFC 6749, 4.4). A Request has method, path, query, headers (lower case names), raw (the
body as it came) and body (decoded). A kind's answer() returns (status, headers, body) and raises Wrong for what the
document does not allow; the server counts that as a violation and answers 400."""
import json
import re
import threading
import time
import urllib.parse

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.I)
JSON = {"Content-Type": "application/json"}
PLAIN = re.compile(r'\{"create":\{"_id":"([A-Za-z0-9._-]+)"\}\}\Z')     # what strict() would find too, sooner


class Wrong(Exception):
    """A request that its document does not allow."""


def need(ok, what):
    if not ok:
        raise Wrong(what)


def strict(text):
    """JSON without duplicate keys and without NaN."""
    def pairs(items):
        keys = [k for k, _ in items]
        need(len(set(keys)) == len(keys), "a key stands twice in an object")
        return dict(items)

    def constant(name):
        raise Wrong(name + " is not JSON")
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as e:
        raise Wrong("not JSON: %s" % e)


def id_of(record):
    """uid and revision, as the native JSON, ECS or OCSF spell them."""
    uid, rev = record.get("uid"), record.get("rev")
    if uid is None and isinstance(record.get("event"), dict):
        uid, rev = record["event"].get("id"), record["event"].get("sequence")
    return uid, rev


def dump(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Kind:
    def __init__(self, options):
        self.o = options
        self.lock = threading.Lock()

    def is_data(self, request):
        """Does a plan of injections count this request?"""
        return True

    def partial(self, request, record, where):
        raise Wrong("there is no half success of this kind")


class Hec(Kind):
    KEYS = {"time", "host", "source", "sourcetype", "index", "event", "fields"}

    def __init__(self, options):
        super().__init__(options)
        self.acks = {}
        self.next = 0

    def is_data(self, request):
        return request.path.endswith("/event")

    def authorized(self, request):
        given = request.headers.get("authorization")
        if given is None:
            return 401, JSON, dump({"text": "Token is required", "code": 2})
        if not given.startswith("Splunk "):
            return 401, JSON, dump({"text": "Invalid authorization", "code": 3})
        if given != "Splunk " + self.o.token:
            return 403, JSON, dump({"text": "Invalid token", "code": 4})
        return None

    def channel(self, request):
        channel = request.headers.get("x-splunk-request-channel")
        if self.o.ack:
            need(channel is not None, "no X-Splunk-Request-Channel")
        if channel is not None:
            need(GUID.match(channel), "the channel is no GUID: " + channel)
        return channel

    def answer(self, request, record):
        need(request.method == "POST", "method " + request.method)
        need(not request.query, "a query")
        refused = self.authorized(request)
        if refused:
            return refused
        channel = self.channel(request)
        if request.path == "/services/collector/ack":
            return self.ack(request, channel)
        need(request.path == "/services/collector/event", "path " + request.path)
        need(len(request.body) <= 1000000, "a request of %d bytes" % len(request.body))
        for event in self.events(request.body.decode("utf-8")):
            record(*id_of(event["event"]))
        answer = {"text": "Success", "code": 0}
        if self.o.ack:
            with self.lock:
                ids = self.acks.setdefault(channel, {})
                ids[len(ids)] = time.monotonic() + self.o.ack_delay
                answer["ackId"] = len(ids) - 1
        return 200, JSON, dump(answer)

    def events(self, text):
        decoder = json.JSONDecoder()
        at, out = 0, []
        while at < len(text):
            if text[at] in "\r\n \t":
                at += 1
                continue
            need(text[at] == "{", "a batch is objects one after the other, not %r" % text[at])
            try:
                event, at = decoder.raw_decode(text, at)
            except ValueError as e:
                raise Wrong("not JSON: %s" % e)
            need(set(event) <= self.KEYS, "unknown keys %s" % sorted(set(event) - self.KEYS))
            need(type(event.get("time")) in (int, float), "time is not a number")
            need("source" in event and "sourcetype" in event, "no source or source type")
            need(1e9 < event["time"] < 1e10, "time is not in seconds")
            need(event.get("event") not in (None, "", {}), "a blank event")
            need(isinstance(event["event"], dict), "the event is not an object")
            for key in ("host", "source", "sourcetype", "index"):
                need(isinstance(event.get(key, ""), str), key + " is not text")
            need(self.o.index is None or event.get("index") == self.o.index, "index")
            out.append(event)
        need(out, "no data")
        return out

    def ack(self, request, channel):
        body = strict(request.body.decode())
        need(set(body) == {"acks"} and body["acks"], "a query of acknowledgements is {\"acks\":[...]}")
        need(all(type(i) is int for i in body["acks"]), "an id that is no number")
        now, known = time.monotonic(), self.acks.get(channel, {})
        with self.lock:
            done = {str(i): i in known and known[i] <= now and not self.o.ack_never for i in body["acks"]}
        return 200, JSON, dump({"acks": done})

    def partial(self, request, record, where):
        """Splunk stops at event number `where`: those before are in."""
        code, _, at = where.partition("@")
        at = int(at or 0)
        text = {"6": "Invalid data format", "9": "Server is busy", "12": "Event field is required", "13": "Event field cannot be blank",
                "7": "Incorrect index", "26": "Queue at capacity", "23": "Server is shutting down", "10": "Data channel is missing"}
        for event in self.events(request.body.decode())[:at]:
            record(*id_of(event["event"]))
        status = 503 if code in ("9", "23", "26") else 400
        return status, JSON, dump({"text": text[code], "code": int(code), "invalid-event-number": at})


class Bulk(Kind):
    FILTER = "errors,error,status,items.*._id,items.*.status,items.*.error.type,items.*.error.reason"

    def __init__(self, options):
        super().__init__(options)
        self.ids = set()

    def error(self, status, kind, reason):
        return status, JSON, dump({"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason},
                                   "status": status})

    def authorized(self, request):
        want = self.o.authorization or "ApiKey " + self.o.token
        if request.headers.get("authorization") != want:
            return self.error(401, "security_exception", "missing authentication credentials for REST request")
        return None

    def pairs(self, request):
        need(request.method in ("POST", "PUT"), "method " + request.method)
        need(request.path == "/%s/_bulk" % self.o.index, "path " + request.path)
        need(request.query == {"filter_path": [self.FILTER]}, "query %s" % request.query)
        need(request.headers.get("content-type") == "application/x-ndjson", "content type")
        need(request.body.endswith(b"\n"), "the last line is not ended")
        lines = request.body[:-1].decode("utf-8").split("\n")
        need(len(lines) % 2 == 0, "an action without its source")
        for action, source in zip(lines[::2], lines[1::2]):
            plain = PLAIN.match(action)
            action, source = {"create": {"_id": plain.group(1)}} if plain else strict(action), json.loads(source)
            need(list(action) == ["create"], "a data stream takes only create")
            need(list(action["create"]) == ["_id"], "metadata %s" % list(action["create"]))
            need(0 < len(action["create"]["_id"].encode()) <= 512, "an _id of the wrong length")
            need(isinstance(source, dict), "a source that is no object")
            need(isinstance(source.get("@timestamp"), str), "no @timestamp")
            yield action["create"]["_id"]

    def item(self, ident, record):
        with self.lock:
            old = ident in self.ids
            self.ids.add(ident)
        if old:
            return {"create": {"_id": ident, "status": 409, "error": {
                "type": "version_conflict_engine_exception",
                "reason": "[%s]: version conflict, document already exists (current version [1])" % ident}}}
        uid, _, rev = ident.rpartition("-")
        record(uid, int(rev))
        return {"create": {"_id": ident, "status": 201}}

    def answer(self, request, record):
        refused = self.authorized(request)
        if refused:
            return refused
        items = [self.item(i, record) for i in list(self.pairs(request))]
        return 200, JSON, dump({"errors": any("error" in i["create"] for i in items), "items": items})

    def partial(self, request, record, where):
        """`where`: STATUS@NUMBER+STATUS@NUMBER..., or one of the lies."""
        ids = list(self.pairs(request))
        if where == "swap":
            ids[0], ids[1] = ids[1], ids[0]
        if where == "fewer":
            ids.pop()
        bad = {}
        if "@" in where:
            bad = {int(n): int(s) for s, n in (w.split("@") for w in where.split("+"))}
        items = []
        for n, ident in enumerate(ids):
            if n in bad:
                reason = "failed to parse field [source.ip] of type [ip]\r\nInjected\x1b[31m" if bad[n] == 400 else "rejected execution"
                items.append({"create": {"_id": ident, "status": bad[n], "error": {
                    "type": "document_parsing_exception" if bad[n] == 400 else "es_rejected_execution_exception", "reason": reason}}})
            else:
                items.append(self.item(ident, record) if where not in ("swap", "fewer", "index") else
                             {"create": {"_id": ident, "status": 201}})
        if where == "index":
            items = [{"index": i["create"]} for i in items]
        return 200, JSON, dump({"errors": bool(bad), "items": items})


class Sentinel(Kind):
    def __init__(self, options):
        super().__init__(options)
        self.tokens = {}
        self.fetched = 0

    def is_data(self, request):
        return request.path.startswith("/dataCollectionRules/")

    def token(self, request):
        need(request.method == "POST", "method " + request.method)
        need(request.path == "/%s/oauth2/v2.0/token" % self.o.tenant, "path " + request.path)
        need(request.headers.get("content-type") == "application/x-www-form-urlencoded", "content type")
        need("authorization" not in request.headers, "an Authorization header at the authority")
        form = urllib.parse.parse_qs(request.body.decode(), strict_parsing=True)
        need(set(form) == {"grant_type", "scope", "client_id", "client_secret"}, "form %s" % sorted(form))
        need(all(len(v) == 1 for v in form.values()), "a field stands twice")
        need(form["grant_type"] == ["client_credentials"], "grant_type")
        need(form["scope"] == ["https://monitor.azure.com/.default"], "scope")
        if form["client_id"] != [self.o.client_id] or form["client_secret"] != [self.o.token]:
            return 401, JSON, dump({"error": "invalid_client", "error_description":
                                    "AADSTS7000215: Invalid client secret provided: '%s'" % form["client_secret"][0]})
        with self.lock:
            self.fetched += 1
            token = "token-%d-%d" % (self.fetched, time.monotonic_ns())
            self.tokens[token] = time.monotonic() + self.o.expires
        return 200, JSON, dump({"token_type": "Bearer", "expires_in": self.o.expires, "ext_expires_in": self.o.expires,
                                "access_token": token})

    def forget(self):
        self.tokens.clear()

    def error(self, status, code, message):
        return status, JSON, dump({"error": {"code": code, "message": message}})

    def records(self, request):
        need(request.method == "POST", "method " + request.method)
        need(request.path == "/dataCollectionRules/%s/streams/%s" % (self.o.dcr, self.o.stream), "path " + request.path)
        need(request.query == {"api-version": ["2023-01-01"]}, "query %s" % request.query)
        need(request.headers.get("content-type") == "application/json", "content type")
        need(len(request.body) <= 1048576, "a request of %d bytes" % len(request.body))
        records = json.loads(request.body.decode("utf-8"))
        need(isinstance(records, list) and records, "the body is an array of records")
        need(all(isinstance(r, dict) for r in records), "a record that is no object")
        return records

    def answer(self, request, record):
        if "/oauth2/" in request.path:
            return self.token(request)
        bearer = request.headers.get("authorization", "")
        if self.tokens.get(bearer[len("Bearer "):], 0) < time.monotonic() or not bearer.startswith("Bearer "):
            return self.error(401, "InvalidToken", "The provided token is invalid or expired")
        for r in self.records(request):
            record(*id_of(r))
        return 204, {}, b""


class Webhook(Kind):
    def answer(self, request, record):
        need(request.method == "POST", "method " + request.method)
        want = self.o.authorization or ("Bearer " + self.o.token if self.o.token else None)
        if request.headers.get("authorization") != want:
            return 401, {"Content-Type": "text/plain"}, b"who are you?"
        if request.headers.get("content-type") == "application/json":
            lines = [request.body.decode("utf-8")]
        else:
            need(request.headers.get("content-type") == "application/x-ndjson", "content type")
            need(request.body.endswith(b"\n"), "the last line is not ended")
            lines = request.body[:-1].decode("utf-8").split("\n")
        for line in lines:
            record(*id_of(json.loads(line)))
        return 200, {"Content-Type": "text/plain"}, b"thanks\n"

    def partial(self, request, record, where):
        """ClickHouse in the middle of its answer: the status is out already."""
        text = "Code: %s. DB::Exception: Cannot parse input: expected ',' before: 'x': (at row 1)\n" % where
        return 200, {"X-ClickHouse-Server-Display-Name": "ch", "Content-Type": "text/plain"}, text.encode()


KINDS = {"hec": Hec, "bulk": Bulk, "sentinel": Sentinel, "webhook": Webhook}
