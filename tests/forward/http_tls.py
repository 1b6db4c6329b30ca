"""TLS and proxies of the drivers over HTTP: certificates of a CA that the test makes, good ones and every bad kind."""
import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading
import urllib.parse

from http_lib import SECRET, check, done, drive, equal, folder, records, skip, standin, write
from talker import pump

TOKEN = write("token", SECRET)
SENT = "done status=200 retry=0: \n  0-2 sent\n"
OPEN = "  0-2 open\n"


def path(name):
    return os.path.join(folder, name)


def openssl(*words, **more):
    p = subprocess.run(["openssl"] + [str(w) for w in words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if p.returncode:
        raise SystemExit("Bail out! openssl %s: %s" % (" ".join(map(str, words)), p.stdout.decode()))


def make_ca(name):
    os.makedirs(path(name + ".d"))
    write(name + ".d/index", "")
    write(name + ".d/serial", "1000\n")
    write(name + ".cnf", "[ca]\ndefault_ca=c\n[c]\ndir=%s.d\ndatabase=$dir/index\nserial=$dir/serial\nnew_certs_dir=$dir\n"
          "certificate=%s.pem\nprivate_key=%s.key\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n"
          "default_crl_days=30\n[p]\ncommonName=supplied\n" % (name, name, name))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key", "-out",
            name + ".pem", "-days", 30, "-subj", "/CN=Test %s" % name)


def make_cert(name, ca, alt, start="", end="", key="ec", cn=None):
    kind = ["rsa:2048"] if key == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("req", "-newkey", *kind, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=%s" % (cn or name), "-addext",
            "subjectAltName=" + alt)
    when = ["-startdate", start, "-enddate", end] if end else ["-days", "10"]
    openssl("ca", "-batch", "-notext", "-config", ca + ".cnf", "-in", name + ".csr", "-out", name + ".pem", *when)


def server(*options, cert="good"):
    return standin("webhook", "--token", SECRET, "--tls", path(cert + ".pem"), path(cert + ".key"), *options)


def ask(s, *options, host="localhost", n=3, **more):
    out = drive("webhook", records(n), "url=https://%s:%d/in" % (host, s.port), "token_file=" + TOKEN, "cacert=" + path("ca.pem"),
                *options, **more)
    return out.replace(":%d" % s.port, ":PORT").replace("port %d" % s.port, "port PORT").replace(folder, "DIR")


def case(name, want, *options, cert="good", server_options=(), regex=False, **more):
    s = server(*server_options, cert=cert)
    out = ask(s, *options, **more)
    s.stop()
    if regex:
        check(name, re.fullmatch(want, out), out)
    else:
        equal(name, out, want)
    for v in s.violations:
        check(name + ": no violation", False, v)


if not shutil.which("openssl"):
    print("1..0 # SKIP openssl(1) is missing")
    raise SystemExit(0)
make_ca("ca")
make_ca("other")
make_cert("good", "ca", "DNS:localhost,IP:127.0.0.1", key="rsa")
make_cert("wrong", "ca", "DNS:receiver.example")
make_cert("expired", "ca", "DNS:localhost", "20200101000000Z", "20200201000000Z")
make_cert("early", "ca", "DNS:localhost", "20900101000000Z", "20900201000000Z")
make_cert("untrusted", "other", "DNS:localhost")
make_cert("revoked", "ca", "DNS:localhost")
make_cert("client", "ca", "DNS:sensor-1")
make_cert("stranger", "other", "DNS:sensor-1")
openssl("ca", "-config", "ca.cnf", "-revoke", "revoked.pem")
openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.pem")
write("pass", "open sesame\n")
openssl("ec", "-in", "client.key", "-aes256", "-passout", "file:" + path("pass"), "-out", "client-locked.key")

# --- the receiver's certificate -----------------------------------------------------------------------------------------
REFUSED = r"pause status=0 retry=0: the certificate of localhost:PORT is refused: [^\n]*%s[^\n]*\n" + OPEN
case("a good certificate", SENT)
case("a good certificate, by address", SENT, host="127.0.0.1")
case("another name", REFUSED % "no alternative certificate subject name matches", cert="wrong", regex=True)
case("expired", REFUSED % "certificate has expired", cert="expired", regex=True)
case("not good yet", REFUSED % "not yet valid", cert="early", regex=True)
case("of a CA that is not ours", REFUSED % "unable to get local issuer certificate", cert="untrusted", regex=True)
case("revoked", REFUSED % "certificate revoked", "crlfile=" + path("crl.pem"), cert="revoked", regex=True)
case("not revoked", SENT, "crlfile=" + path("crl.pem"))
case("without verification a certificate is taken as it is", SENT, "insecure=yes", cert="untrusted")
case("a CA bundle that is not there", "not opened: cacert DIR/none cannot be read: No such file or directory\n",
     "cacert=" + path("none"))

# --- pinned keys --------------------------------------------------------------------------------------------------------
pin = subprocess.run("openssl x509 -in good.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | "
                     "openssl enc -base64", shell=True, cwd=folder, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
case("the pinned key", SENT, "pinnedpubkey=sha256//" + pin)
case("another key than the pinned one", "pause status=0 retry=0: the certificate of localhost:PORT is refused: its key is not the one of "
     "pinnedpubkey\n" + OPEN, "pinnedpubkey=sha256//" + "A" * 43 + "=")

# --- versions -----------------------------------------------------------------------------------------------------------
NO_TLS = r"later status=0 retry=0: no TLS with localhost:PORT: [^\n]+\n" + OPEN
case("a receiver that knows TLS 1.1 at most", NO_TLS, server_options=["--tls-max", "1.1"], regex=True)
case("a receiver that knows TLS 1.2 at most", SENT, server_options=["--tls-max", "1.2"])
case("tls_min TLS 1.3 with such a receiver", NO_TLS, "tls_min=tlsv1.3", server_options=["--tls-max", "1.2"], regex=True)
case("tls_max TLS 1.2", SENT, "tls_max=tlsv1.2")
case("ciphers", SENT, "tls_max=tlsv1.2", "ciphers=ECDHE-RSA-AES256-GCM-SHA384")
case("ciphers of TLS 1.3", SENT, "tls13_ciphers=TLS_CHACHA20_POLY1305_SHA256")
case("ciphers that nobody knows", r"later status=0 retry=0: localhost:PORT: [^\n]+cipher[^\n]+\n" + OPEN, "ciphers=NONESUCH", regex=True)
s = standin("webhook", "--token", SECRET)
out = ask(s)
check("a receiver that does not speak TLS", re.fullmatch(NO_TLS, out), out)
s.stop()

# --- our certificate ----------------------------------------------------------------------------------------------------
WANTS = ["--client-ca", path("ca.pem")]
case("a client certificate", SENT, "cert=" + path("client.pem"), "key=" + path("client.key"), server_options=WANTS)
case("its key under a passphrase", SENT, "cert=" + path("client.pem"), "key=" + path("client-locked.key"), "pass_file=" + path("pass"),
     server_options=WANTS)
out = "pause status=0 retry=0: [^\n]+\n" + OPEN
case("a wrong passphrase", out, "cert=" + path("client.pem"), "key=" + path("client-locked.key"), "pass_file=" + write("bad", "xyzzy"),
     server_options=WANTS, regex=True)
case("none, where one is demanded (TLS 1.3)", r"pause status=0 retry=0: the connection to localhost:PORT broke: [^\n]*certificate "
     r"required[^\n]*\n" + OPEN, server_options=WANTS, regex=True)
case("one of another CA", r"pause status=0 retry=0: the connection to localhost:PORT broke: [^\n]*unknown ca[^\n]*\n" + OPEN,
     "cert=" + path("stranger.pem"), "key=" + path("stranger.key"), server_options=WANTS, regex=True)
case("another's key", r"pause status=0 retry=0: localhost:PORT: [^\n]+\n" + OPEN, "cert=" + path("client.pem"),
     "key=" + path("stranger.key"), server_options=WANTS, regex=True)

# --- steps --------------------------------------------------------------------------------------------------------------
case("each step is told", r"step ok name: localhost:PORT is 127\.0\.0\.1\nstep ok connection: port PORT, after \d+ ms\n"
     r"step ok tls: TLSv1\.3 / TLS_AES_256_GCM_SHA384, certificate of CN = good, good until \w+ +\d+ [0-9:]+ 20\d\d GMT, issued by "
     r"CN = Test ca; verified\nstep ok http: HTTP 200: thanks\n" + SENT, "steps=yes", regex=True)
case("also that nothing is verified", r"(?s)step ok name.*step bad tls: [^\n]+; NOT VERIFIED \(insecure: true\)\nstep ok http: HTTP 200: "
     r"thanks\n" + SENT, "steps=yes", "insecure=yes", cert="untrusted", regex=True)
case("also where it fails", r"step ok name: [^\n]+\nstep ok connection: [^\n]+\nstep bad tls: the certificate of localhost:PORT is refused: "
     r"[^\n]+expired[^\n]*\npause [^\n]+\n" + OPEN, "steps=yes", cert="expired", regex=True)


# --- proxies ------------------------------------------------------------------------------------------------------------
class Proxy:
    """CONNECT, and requests with a whole URL; what was asked for stands in `asked`, with how it was told who asks.

    login: USER:PASSWORD that it wants by one of `offers`, else it says 407 with a body of answer(REQUEST'S HEADERS)."""

    def __init__(self, login=None, offers=('Basic realm="zone"',), answer=lambda headers: b"", status=200):
        self.login, self.offers, self.answer, self.status = login, offers, answer, status
        self.asked = []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(8)
        self.port = self.socket.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        try:
            while self.request(s):
                pass
        except ConnectionError:
            pass
        s.close()

    def request(self, s):
        """False: it was the last of this connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = s.recv(65536)
            if not more:
                return False
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
        method, target, _ = lines[0].split(" ")
        given = headers.get("proxy-authorization", "")
        self.asked.append(" ".join([method, re.sub(r":\d+", ":PORT", target)] + given.split(" ")[:1]).strip())
        known = self.status == 200 and (not self.login or self.knows(given, method))
        if known and method == "CONNECT":
            self.lead(s, target)
            return False
        length = int(headers.get("content-length", 0)) if method != "CONNECT" else 0
        while len(rest) < length:
            rest += s.recv(65536)
        if known:
            s.sendall(self.asks(method, target, lines, rest))
            return True
        body = self.answer(headers)
        s.sendall(("HTTP/1.1 %d No\r\n" % (407 if self.status == 200 else self.status) + "".join(
            "Proxy-Authenticate: %s\r\n" % o for o in self.offers) + "Content-Length: %d\r\n\r\n" % len(body)).encode() + body)
        return True

    def knows(self, given, method):
        user, _, password = self.login.partition(":")
        if given.startswith("Digest "):
            d = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^",]+)', given)}
            ha1 = md5("%s:zone:%s" % (user, password))
            return d["username"] == user and d["response"] == md5(":".join(
                [ha1, d["nonce"], d["nc"], d["cnonce"], d["qop"], md5("%s:%s" % (method, d["uri"]))]))
        return given == "Basic " + base64.b64encode(self.login.encode()).decode()

    def asks(self, method, target, lines, body):
        """The receiver's answer, on a connection of its own."""
        _, _, host, path = target.split("/", 3)
        lines = ["%s /%s HTTP/1.1" % (method, path)] + [line for line in lines[1:] if not line.lower().startswith("proxy-")]
        with socket.create_connection((host.rsplit(":", 1)[0], int(host.rsplit(":", 1)[1]))) as there:
            there.sendall("\r\n".join(lines + ["Connection: close", "", ""]).encode("latin-1") + body)
            return b"".join(iter(lambda: there.recv(65536), b"")).replace(b"Connection: close\r\n", b"")

    def lead(self, s, target):
        there = socket.create_connection((target.rsplit(":", 1)[0], int(target.rsplit(":", 1)[1])))
        s.sendall(b"HTTP/1.1 200 OK\r\nX-Proxy: yes\r\n\r\n")
        threading.Thread(target=pump, args=(s, there), daemon=True).start()
        pump(there, s)


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


proxy = Proxy()
through = "proxy=" + proxy.url
case("TLS through a proxy", SENT, through)
equal("the proxy was asked for a tunnel", proxy.asked, ["CONNECT localhost:PORT"])
proxy.asked.clear()
case("not for what noproxy names", SENT, through, "noproxy=example.com,localhost")
equal("the proxy was not asked", proxy.asked, [])
case("a proxy of the environment is none of ours", SENT, env={"https_proxy": "http://127.0.0.1:%d" % proxy.port})
equal("it was not asked either", proxy.asked, [])
s = standin("webhook", "--token", SECRET)
out = drive("webhook", records(3), "url=http://localhost:%d/in" % s.port, "token_file=" + TOKEN, through)
equal("plain HTTP through a proxy", out, SENT)
equal("the proxy was asked for the whole URL", proxy.asked, ["POST http://localhost:PORT/in"])
s.stop()
case("a proxy that is not there", r"later status=0 retry=0: no connection to localhost:PORT or its proxy: Connection refused\n" + OPEN,
     "proxy=http://127.0.0.1:9", regex=True)
case("a proxy that refuses for another reason", r"later status=0 retry=0: the connection to localhost:PORT broke: [^\n]*403\n" + OPEN,
     "proxy=" + Proxy(status=403).url, regex=True)

# --- who we are to the proxy --------------------------------------------------------------------------------------------
PASSWORD = "0pen/Sesame+x"
PAIR = base64.b64encode(b"Aladdin:" + PASSWORD.encode()).decode()
US = ["proxy_user=Aladdin", "proxy_password_file=" + write("sesame", PASSWORD + "\n")]
UNKNOWN = r"pause status=407 retry=0: the proxy does not know us \(HTTP 407, proxy 127\.0\.0\.1:%d\)%s\n" + OPEN
CONNECT, POST = "CONNECT localhost:PORT", "POST http://localhost:PORT/in"


def plain(proxy, *options, s=None, **more):
    s = s or standin("webhook", "--token", SECRET)
    out = drive("webhook", records(3), "url=http://localhost:%d/in" % s.port, "token_file=" + TOKEN, "proxy=" + proxy.url, *options, **more)
    s.stop()
    for v in s.violations:
        check("no violation", False, v)
    return out


def tunnel(proxy, *options, **more):
    s = server()
    out = ask(s, "proxy=" + proxy.url, *options, **more)
    s.stop()
    for v in s.violations:
        check("no violation", False, v)
    return out


def hides(name, out):
    """Neither the password nor the pair, however they are spelled."""
    said = urllib.parse.unquote(out).replace("\\", "").lower()
    check(name + ": no secret is shown", not any(x[:8].lower() in said for x in (PASSWORD, PAIR)), out)


def parrot(headers):
    given = headers.get("proxy-authorization", "")
    pair = given.partition(" ")[2]
    text = base64.b64decode(pair).decode() if given.startswith("Basic ") else ""
    return ("no %s / %s / %s / %s / %s" % (given, text, text.partition(":")[2].upper(), urllib.parse.quote(pair, safe=""),
                                           pair.replace("/", "\\/"))).encode()


for way, send, asked in (("TLS through it", tunnel, CONNECT), ("plain HTTP through it", plain, POST)):
    name = "a proxy that asks who we are: " + way
    proxy = Proxy("Aladdin:" + PASSWORD)
    equal(name, send(proxy, *US), SENT)
    equal(name + ": asked, then told", proxy.asked, [asked, asked + " Basic"])
    proxy.asked.clear()
    equal(name + ": a batch is not sent twice over one connection", send(proxy, *US, "batch=1"), "done status=200 retry=0: \n  0-0 sent\n" * 3)
    check(name + ": it asks once", proxy.asked.count(asked) == 1, proxy.asked)
    equal(name + ": from the environment", send(Proxy("Aladdin:" + PASSWORD), "proxy_user=Aladdin", "proxy_password_env=ZT_PROXY",
                                                env={"ZT_PROXY": PASSWORD}), SENT)
    proxy = Proxy("Aladdin:" + PASSWORD, ['Digest realm="zone", qop="auth", nonce="n0nce"', 'Basic realm="zone"'])
    equal(name + ": Digest before Basic", send(proxy, *US), SENT)
    equal(name + ": the password stayed here", proxy.asked, [asked, asked + " Digest"])
    proxy = Proxy("Aladdin:" + PASSWORD, ["Negotiate", 'Basic realm="zone"'])
    equal(name + ": one that would rather have a ticket", send(proxy, *US), SENT)
    equal(name + ": is told the password", proxy.asked, [asked, asked + " Basic"])
    proxy = Proxy("Aladdin:another")
    out = send(proxy, *US)
    check(name + ": not us", re.fullmatch(UNKNOWN % (proxy.port, ""), out), out)
    hides(name + ": not us", out)
    out = send(proxy)
    check(name + ": and we do not say", re.fullmatch(UNKNOWN % (proxy.port, ""), out), out)
    proxy = Proxy("Aladdin:another", answer=parrot)
    out = send(proxy, *US, "steps=yes")
    check(name + ": it repeats what it was told", "\n" + UNKNOWN.partition("status")[0] in "\n" + out and
          re.search(r"\nstep bad %s: the proxy does not know us \(HTTP 407" % ("proxy" if send is tunnel else "http"), out), out)
    check(name + ": it did", asked + " Basic" in proxy.asked and (send is tunnel or "no Basic ***" in out), (proxy.asked, out))
    hides(name + ": it repeats what it was told", out)

proxy = Proxy("Aladdin:" + PASSWORD)
s = standin("webhook", "--token", SECRET, "--plan", "407,407")
out = plain(proxy, *US, "noproxy=localhost", s=s)
check("a receiver that plays the proxy", re.fullmatch(UNKNOWN % (proxy.port, ": injected"), out), out)
equal("a receiver that plays the proxy: the proxy was not asked", proxy.asked, [])
s = server("--plan", "407,407")
out = ask(s, "proxy=" + proxy.url, *US)
s.stop()
check("a receiver that plays the proxy behind the tunnel", out.startswith("pause status=407 "), out)
equal("a receiver that plays the proxy behind the tunnel: it is told nothing", s.violations, [])

# What the proxy was told stands in the certificate of the receiver that it leads to.
for name, word in (("password", PASSWORD.replace("/", "\\/").replace("+", "\\+")), ("pair", PAIR)):
    make_cert(name, "ca", "DNS:" + name, cn=word)
    s = server(cert=name)
    out = ask(s, "proxy=" + Proxy("Aladdin:" + PASSWORD).url, *US, "steps=yes", "insecure=yes")
    check("the %s in a certificate" % name, "step bad tls: " in out and re.search(r'certificate of CN = ("?)\*\*\*\1, ', out) and
          out.endswith(SENT), out)
    hides("the %s in a certificate" % name, out)
    hides("the %s in a certificate that is refused" % name, ask(s, "proxy=" + Proxy("Aladdin:" + PASSWORD).url, *US, "steps=yes"))
    s.stop()

# Larger than what a proxy has read when it says 407.
proxy = Proxy("Aladdin:" + PASSWORD)
s = standin("webhook", "--token", SECRET)
out = drive("webhook", records(3, 1000000), "url=http://localhost:%d/in" % s.port, "token_file=" + TOKEN, "proxy=" + proxy.url, *US)
equal("three megabytes that are sent twice, since the proxy asks first", out, SENT)
s.stop()


class Socks(Proxy):
    """SOCKS5 that wants a user and a password (RFC 1929), and knows nobody."""

    def one(self, s):
        methods = s.recv(300)[2:]
        s.sendall(b"\5\2" if 2 in methods else b"\5\xff")
        self.asked.append(s.recv(600) if 2 in methods else b"")
        s.sendall(b"\1\1")
        s.close()


socks = Socks()
out = tunnel(socks, *US, "proxy=socks5://127.0.0.1:%d" % socks.port, "steps=yes")
check("SOCKS: not us", out.endswith("pause status=0 retry=0: the proxy does not know us (SOCKS, proxy 127.0.0.1:%d)\n" % socks.port + OPEN), out)
equal("SOCKS: told", socks.asked, [b"\1\7Aladdin" + bytes([len(PASSWORD)]) + PASSWORD.encode()])
hides("SOCKS: not us", out)
out = tunnel(socks, "proxy=socks5://127.0.0.1:%d" % socks.port)
check("SOCKS: and we do not say", out.startswith("pause status=0 retry=0: the proxy does not know us (SOCKS, "), out)

# --- interfaces ---------------------------------------------------------------------------------------------------------
if os.path.exists("/sys/class/net/lo"):
    case("out of an interface", SENT, "interface=lo")
else:
    skip("out of an interface", "there is no lo")
done()
