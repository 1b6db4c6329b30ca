#!/usr/bin/env python3
"""`make bench-forward`: records a second through each kind of sink, beside what else is there to send with.

The same records, the same receiver, one run: for syslog the rsyslog of tests/peers with a direct queue, beside logger(1) and
rsyslog's own omfwd, once as contrib/rsyslog/zonetap.conf has it and once writing bare lines; for HTTP the strict stand-in,
beside curl(1) posting the very requests that zonetap made. logger, omfwd and curl read from files what zonetap reads from its
database, holds against a filter and puts into words. From the start of the sender until the last record has arrived, so a
receiver that is slower than both makes them equal, or over UDP loses; the sender's CPU time stands beside it. BENCH_RECORDS (default 200000),
BENCH_TIMES (3, the best counts)."""
import http.client
import http.server
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

top, zonetap = os.environ['top_srcdir'], os.environ['ZONETAP']
sys.path.insert(0, os.path.join(top, 'tests', 'forward'))
import arrive  # noqa: E402

RECORDS = int(os.environ.get('BENCH_RECORDS', 200000))
TIMES = int(os.environ.get('BENCH_TIMES', 3))
BATCH = 1000


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lines_of(path):
    with open(path, 'rb') as f:
        return sum(block.count(b'\n') for block in iter(lambda: f.read(1 << 20), b''))


def measured(path, wanted, *command, stop=False, **more):
    """Seconds until the last record has arrived, the sender's CPU seconds, and what never came."""
    before, began, cpu = lines_of(path), time.monotonic(), children()
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    size, changed = -1, began
    while time.monotonic() - changed < 5:
        now = os.path.getsize(path)
        if now != size:
            size, changed = now, time.monotonic()
            if lines_of(path) - before >= wanted:
                changed = time.monotonic()
                break
        time.sleep(0.005)
    if stop:
        run.terminate()
    said = run.communicate()[1]
    if run.returncode and not stop:
        raise RuntimeError(f'{command[0]} failed: {said.decode()[-500:]}')
    return changed - began, children() - cpu, max(0, wanted - (lines_of(path) - before))     # rsyslog speaks of itself too


class Tape(http.server.BaseHTTPRequestHandler):
    """Hands every request on to the receiver and keeps it."""
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        kept = {k: v for k, v in self.headers.items() if k not in ('Host', 'Content-Length', 'Connection')}
        self.server.tape.append((self.path, kept, body))
        peer = http.client.HTTPConnection('127.0.0.1', self.server.receiver)
        peer.request('POST', self.path, body, kept)
        answer = peer.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header('Content-Type', answer.getheader('Content-Type', 'application/json'))
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        del args


def sender(folder):
    return arrive.command(folder, '--forward', '--give-up', '60', '-c', os.path.join(folder, 'conf.yaml'))


def stored(folder, url, settings):
    """A database with the records, behind the place that the sink has in it."""
    for name in os.listdir(folder):
        if name.startswith('plant.db'):
            os.remove(os.path.join(folder, name))
    arrive.configure(folder, url, settings)
    for more in ([], ['--forward', '-c', os.path.join(folder, 'conf.yaml')]):
        status, said = arrive.once(folder, *more)
        if status:
            raise RuntimeError(said)
    arrive.store(folder, 0, RECORDS)


def best(runs):
    return min(runs, key=lambda r: (r[2] != 0, r[0]))


def say(kind, who, run, ours=None):
    seconds, cpu, lost = run
    rate = (RECORDS - lost) / seconds
    ratio = f'{ours / rate:12.2f}' if ours else ' ' * 12
    print(f'{kind:<16}{who:<10}{rate:>12.0f}{ratio}{cpu:>9.2f}{lost:>7}', flush=True)
    return rate


def http_kind(kind):
    arguments, settings = arrive.KINDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        ours, others, tape = [], [], []
        got = os.path.join(folder, 'got')
        for n in range(TIMES + 1):
            open(got, 'w', encoding='utf-8').close()
            receiver = arrive.StandIn(folder, arguments)
            try:
                if n == 0:                      # the first run is for the tape
                    relay = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Tape)
                    relay.tape, relay.receiver = tape, receiver.port
                    threading.Thread(target=relay.serve_forever, daemon=True).start()
                    stored(folder, f'http://127.0.0.1:{relay.server_port}', settings)
                    measured(got, RECORDS, *sender(folder))
                    relay.shutdown()
                    continue
                stored(folder, receiver.url(), settings)
                ours.append(measured(got, RECORDS, *sender(folder)))
                receiver.kill()
                open(got, 'w', encoding='utf-8').close()
                receiver.start()
                with open(os.path.join(folder, 'curl'), 'w', encoding='utf-8') as f:
                    for i, (path, headers, body) in enumerate(tape):
                        with open(os.path.join(folder, f'body{i}'), 'wb') as b:
                            b.write(body)
                        f.write(''.join([f'url = "{receiver.url()}{path}"\nsilent\nfail\nrequest = POST\noutput = /dev/null\n',
                                         *[f'header = {json.dumps(f"{k}: {v}")}\n' for k, v in headers.items()],
                                         f'data-binary = "@{folder}/body{i}"\n', 'next\n' if i + 1 < len(tape) else '']))
                others.append(measured(got, RECORDS, 'curl', '-K', os.path.join(folder, 'curl')))
            finally:
                receiver.kill()
        rate = say(kind, 'zonetap', best(ours))
        say('', 'curl', best(others), rate)


OMFWD = '''global(maxMessageSize="64k" workDirectory="{folder}/own" defaultNetstreamDriverCAFile="{folder}/cert.pem")
module(load="imfile")
template(name="raw" type="string" string="%msg%")
input(type="imfile" file="{folder}/messages" tag="x" ruleset="out")
ruleset(name="out" queue.type="direct") {{
    action(type="omfwd" target="localhost" port="{port}" template="raw" {protocol})
}}
'''
TCP = 'protocol="tcp" TCP_Framing="octet-counted"'
TLS = TCP + ' streamDriver="ossl" streamDriverMode="1" streamDriverAuthMode="x509/name" streamDriverPermittedPeers="localhost"'


class Contrib(arrive.Rsyslog):
    """As contrib/ has it: structured data parsed, a line of JSON each."""

    def start(self):
        path = os.path.join(self.folder, 'rsyslog.conf')
        with open(path, encoding='utf-8') as f:
            own = re.search(r'input\(.*?\)\n', f.read(), re.S)[0]
        with open(os.path.join(top, 'contrib', 'rsyslog', 'zonetap.conf'), encoding='utf-8') as f:
            text = re.sub(r'^input\(.*?\)\n', lambda _: own.replace('"in"', '"zonetap"'), f.read(), flags=re.S | re.M)
        arrive.write(self.folder, 'rsyslog.conf', text.replace('/var/log/zonetap.json', self.folder + '/got'))
        super().start()


class Datagrams(arrive.Rsyslog):
    """Over UDP too, on the same port, from a buffer as large as the kernel allows."""

    def start(self):
        with open(os.path.join(self.folder, 'rsyslog.conf'), 'a', encoding='utf-8') as f:
            f.write('module(load="imudp")\n'
                    f'input(type="imudp" address="127.0.0.1" port="{self.port}" ruleset="in" rcvbufSize="128m")\n')
        super().start()

    def url(self):
        return f'udp://127.0.0.1:{self.port}'


def syslog_kind(kind, make, arguments, tools):
    with tempfile.TemporaryDirectory() as folder:
        arrive.certificate(folder)
        receiver = make(folder, arguments)
        got = os.path.join(folder, 'got')
        open(got, 'a', encoding='utf-8').close()
        settings = {'type': 'syslog', **({} if make is Datagrams else {'overlap': 'off'}),
                    **({'cacert': 'cert.pem'} if 'tls' in arguments else {})}
        try:
            lines = os.path.join(folder, 'messages')
            stored(folder, receiver.url(), settings)
            arrive.write(folder, 'lines.yaml', f'interfaces: [{{name: e0}}]\ndatabase: {{path: {folder}/plant.db}}\nforward:\n'
                         f'  - {{name: lines, type: file, format: rfc5424, path: {lines}}}\n')
            subprocess.run([zonetap, 'forward', '-c', os.path.join(folder, 'lines.yaml'), '--since', '1d', 'lines'],
                           stdout=subprocess.DEVNULL, check=True)
            ours = []
            others = {tool: [] for tool in tools}
            for _ in range(TIMES):
                stored(folder, receiver.url(), settings)
                ours.append(measured(got, RECORDS, *sender(folder)))
                for tool in tools:
                    others[tool].append(measured(got, RECORDS, *other(tool, folder, lines, receiver), stop=tool == 'omfwd'))
            rate = say(kind, 'zonetap', best(ours))
            for tool in tools:
                say('', tool, best(others[tool]), rate)
        finally:
            receiver.kill()


def other(tool, folder, lines, receiver):
    if tool == 'logger':                        # it makes the header itself
        how = ['-d'] if isinstance(receiver, Datagrams) else ['-T', '--octet-count']
        return 'logger', '-n', '127.0.0.1', '-P', str(receiver.port), *how, '--rfc5424', '--sd-id', 'zonetap@32473', \
            '--sd-param', 'uid="1"', '-f', lines
    own = os.path.join(folder, 'own')
    shutil.rmtree(own, ignore_errors=True)
    os.mkdir(own)
    protocol = 'protocol="udp"' if isinstance(receiver, Datagrams) else TLS if receiver.tls else TCP
    arrive.write(folder, 'own.conf', OMFWD.format(folder=folder, port=receiver.port, protocol=protocol))
    return 'sh', '-c', receiver.LIBRARY + f'peer_exec "$peer" -n -f {folder}/own.conf -i {folder}/own/pid ' \
        '-M "$(peer_folder "/usr/lib/*-linux-gnu/rsyslog")"'


def main():
    arrive.BATCH = BATCH
    arrive.CHANCE = 0
    print(f'{RECORDS} records, best of {TIMES}\n')
    print(f"{'receiver':<16}{'sender':<10}{'records/s':>12}{'zonetap is':>12}{'CPU s':>9}{'lost':>7}")
    if arrive.Rsyslog.there():
        syslog_kind('TCP, contrib', Contrib, [], ['logger', 'omfwd'])
        syslog_kind('TLS, contrib', Contrib, ['tls'], ['omfwd'])
        syslog_kind('TCP, bare lines', arrive.Rsyslog, [], ['logger', 'omfwd'])
        syslog_kind('TLS, bare lines', arrive.Rsyslog, ['tls'], ['omfwd'])
        syslog_kind('UDP, bare lines', Datagrams, [], ['logger', 'omfwd'])
    else:
        print(f'syslog: left out: {arrive.Rsyslog.why}')
    for kind in ('webhook', 'splunk', 'elasticsearch'):
        http_kind(kind)
    return 0


if __name__ == '__main__':
    sys.exit(main())
