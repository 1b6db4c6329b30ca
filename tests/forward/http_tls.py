"""TLS and proxies of the drivers over HTTP: certificates of a CA that the test makes, good ones and every bad kind."""
import os
import re
import shutil
import socket
import subprocess
import threading

from http_lib import SECRET, check, done, drive, equal, folder, records, skip, standin, write
from talker import head_of, pump

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


def make_cert(name, ca, alt, start="", end="", key="ec"):
    kind = ["rsa:2048"] if key == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("req", "-newkey", *kind, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=%s" % name, "-addext",
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
    """CONNECT, and requests with a whole URL; what was asked for stands in `asked`."""

    def __init__(self, status=200):
        self.status, self.asked = status, []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(8)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        head = head_of(s)
        if not head:
            return
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.asked.append(method + " " + re.sub(r":\d+", ":PORT", target))
        if self.status != 200:
            s.sendall(b"HTTP/1.1 %d Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n" % self.status)
            s.close()
            return
        host = target if method == "CONNECT" else target.split("/")[2]
        there = socket.create_connection((host.rsplit(":", 1)[0], int(host.rsplit(":", 1)[1])))
        if method == "CONNECT":
            s.sendall(b"HTTP/1.1 200 OK\r\nX-Proxy: yes\r\n\r\n")
        else:
            there.sendall(head.replace(target.encode(), b"/" + target.encode().split(b"/", 3)[3], 1))
        threading.Thread(target=pump, args=(s, there), daemon=True).start()
        pump(there, s)


proxy = Proxy()
through = "proxy=http://127.0.0.1:%d" % proxy.port
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
closed = Proxy(407)
case("a proxy that wants to know who we are", r"(later|pause) status=0 retry=0: [^\n]+407[^\n]*\n" + OPEN,
     "proxy=http://127.0.0.1:%d" % closed.port, regex=True)
case("a proxy that is not there", r"later status=0 retry=0: no connection to localhost:PORT or its proxy: Connection refused\n" + OPEN,
     "proxy=http://127.0.0.1:9", regex=True)
if os.path.exists("/sys/class/net/lo"):
    case("out of an interface", SENT, "interface=lo")
else:
    skip("out of an interface", "there is no lo")
done()
