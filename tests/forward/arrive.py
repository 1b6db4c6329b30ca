#!/usr/bin/env python3
"""What is stored arrives: a sender that is killed at any moment, a receiver that is killed, that refuses and that loses
answers, a network that is cut; afterwards each revision is there, in order, and what came twice is the same revision.

A few hundred records in `make check`, 100,000 with ZONETAP_LONG=yes (tests/forward/arrive.txt is what that printed). SEED
repeats a run, arguments choose receivers. The network is cut in a namespace of the test's own, where one can be made."""
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

top = os.environ['top_srcdir']
zonetap = os.environ['ZONETAP']
here = os.path.join(top, 'tests', 'forward')
CAPTURE = os.path.join(top, 'pcaps', 'modbus', 'direction.pcap')
LONG = os.environ.get('ZONETAP_LONG') == 'yes'
RECORDS = 100000 if LONG else 600
ROUNDS = 20 if LONG else 5
BATCH = 1000 if LONG else 20
SEED = int(os.environ.get('SEED', time.time()))
TOKEN = 'not-a-secret'
CHANCE = 0.08                           # that a request meets one of the
FAULTS = ['500', '503', '429:1', 'reset-body', 'reset-answer', 'close', 'garbage', 'redirect:http://localhost:1/']

KINDS = {                               # the stand-in's arguments, the sink's settings
    'webhook': (['webhook', '--token', TOKEN], {'type': 'webhook', 'token_file': 'token'}),
    'splunk': (['hec', '--token', TOKEN], {'type': 'splunk', 'token_file': 'token'}),
    'splunk with acknowledgement': (['hec', '--token', TOKEN, '--ack'], {'type': 'splunk', 'token_file': 'token', 'ack': 'true'}),
    'elasticsearch': (['bulk', '--token', TOKEN, '--index', 'logs-zonetap.alerts-default'],
                      {'type': 'elasticsearch', 'token_file': 'token', 'index': 'logs-zonetap.alerts-default'}),
    'sentinel': (['sentinel', '--token', TOKEN, '--tls', 'cert.pem', 'key.pem'],
                 {'type': 'sentinel', 'password_file': 'token', 'tenant': 'tenant-1', 'client_id': 'client-1', 'dcr': 'dcr-1',
                  'stream': 'Custom-Zonetap_CL', 'cacert': 'cert.pem'}),
}


def identity(text):
    """uid and revision of a syslog record; None: there are none."""
    found = re.search(r' uid="([0-9a-f]{32})" rev="([0-9]+)" ', text)
    return found and (found[1], int(found[2]))


class Process:
    """A receiver that can be killed and started again on its port, and has a line for each record in the file `got`."""

    def __init__(self, folder):
        self.folder, self.port, self.run = folder, 0, None

    def kill(self):
        self.run.kill()
        self.run.wait()

    def got(self):
        with open(os.path.join(self.folder, 'got'), encoding='utf-8') as f:
            for one in map(self.identity, f):
                if one:                         # it may have been killed in the middle of a line
                    yield one


class StandIn(Process):
    """tests/forward/standin.py."""

    def __init__(self, folder, arguments):
        super().__init__(folder)
        self.arguments = arguments
        self.tls = '--tls' in arguments
        self.start()

    def start(self):
        faults = FAULTS + ([] if 'webhook' in self.arguments else ['nonsense'])         # to a webhook any 200 is success
        plan = ','.join(random.choice(faults) if random.random() < CHANCE else 'ok' for _ in range(2000))
        command = [sys.executable, os.path.join(here, 'standin.py'), *self.arguments, '--port', str(self.port), '--record', 'got',
                   '--violations', 'violations', '--plan', plan]
        self.run = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        line = self.run.stdout.readline()
        if not line.startswith('listening on '):
            raise RuntimeError('the stand-in says: ' + line)
        self.port = int(line.split()[2])

    def url(self):
        return f"http{'s' if self.tls else ''}://localhost:{self.port}"

    @staticmethod
    def identity(line):
        if not line.endswith('}\n'):
            return None
        record = json.loads(line)
        return record['uid'], int(record['rev'])

    def wrong(self):
        path = os.path.join(self.folder, 'violations')
        return open(path, encoding='utf-8').read() if os.path.exists(path) else ''


class Stream:
    """A syslog receiver over TCP that keeps what it has read; killed, it forgets what it has not, as a machine does."""

    def __init__(self, folder, arguments):
        del folder, arguments
        self.port, self.records, self.lock, self.bad = 0, [], threading.Lock(), ''
        self.start()

    def start(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(('127.0.0.1', self.port))
        self.server.listen(4)
        self.port = self.server.getsockname()[1]
        self.peers = []
        threading.Thread(target=self.accept, args=(self.server, self.peers), daemon=True).start()

    def accept(self, server, peers):
        while True:
            try:
                peer = server.accept()[0]
            except OSError:
                return
            peers.append(peer)
            threading.Thread(target=self.read, args=(peer,), daemon=True).start()

    def read(self, peer):
        data = b''
        while True:
            try:
                more = peer.recv(65536)
            except OSError:
                return
            if not more:
                return
            data += more
            while b' ' in data[:8]:
                length, _, rest = data.partition(b' ')
                if not length.isdigit() or length.startswith(b'0'):
                    self.bad = f'no length: {data[:40]!r}'
                    return
                if len(rest) < int(length):
                    break
                self.keep(rest[:int(length)])
                data = rest[int(length):]

    def keep(self, record):
        with self.lock:
            self.records.append(identity(record.decode()))

    def url(self):
        return f'tcp://127.0.0.1:{self.port}'

    def kill(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for peer in self.peers:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            try:
                peer.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            peer.close()

    def got(self):
        with self.lock:
            return list(self.records)

    def wrong(self):
        return self.bad


class Rsyslog(Process):
    """Debian's rsyslog with a direct queue: it writes before it reads on. Killed, it forgets what its socket held."""

    LIBRARY = '. "$top_srcdir/tests/peers/lib.sh"; peer rsyslog rsyslogd || { echo "$why"; exit 77; }; '
    why = ''
    identity = staticmethod(identity)

    @classmethod
    def there(cls):
        run = subprocess.run(['sh', '-c', cls.LIBRARY + 'peer_folder "/usr/lib/*-linux-gnu/rsyslog"'], stdout=subprocess.PIPE,
                             text=True, check=False)
        cls.why = run.stdout.strip()
        return run.returncode == 0

    def __init__(self, folder, arguments):
        super().__init__(folder)
        self.tls = 'tls' in arguments
        with socket.create_server(('127.0.0.1', 0)) as free:
            self.port = free.getsockname()[1]
        driver = ''
        if self.tls:
            driver = (' streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon"'
                      f' streamDriver.caFile="{folder}/cert.pem" streamDriver.certFile="{folder}/cert.pem"'
                      f' streamDriver.keyFile="{folder}/key.pem"')
        write(folder, 'rsyslog.conf', f'''
            global(maxMessageSize="64k" workDirectory="{folder}")
            module(load="imtcp")
            input(type="imtcp" address="127.0.0.1" port="{self.port}" ruleset="in" supportOctetCountedFraming="on"{driver})
            template(name="line" type="string" string="%STRUCTURED-DATA%\\n")
            ruleset(name="in" queue.type="direct") {{
                action(type="omfile" file="{folder}/got" template="line" asyncWriting="off" flushOnTXEnd="on")
            }}
            ''')
        self.start()

    def start(self):
        here = shlex.quote(self.folder)
        script = self.LIBRARY + f'peer_exec "$peer" -n -f {here}/rsyslog.conf -i {here}/pid -M "$(peer_folder "/usr/lib/*-linux-gnu/rsyslog")"'
        if os.path.exists(os.path.join(self.folder, 'pid')):
            os.remove(os.path.join(self.folder, 'pid'))
        with open(os.path.join(self.folder, 'rsyslog.log'), 'a', encoding='utf-8') as log:
            self.run = subprocess.Popen(['sh', '-c', script], stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError('rsyslogd does not listen')

    def url(self):
        return f"{'tls' if self.tls else 'tcp'}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}"

    def wrong(self):
        return ''


CUT = 'ZONETAP_CUT' in os.environ               # we are in a network of our own


def network(up):
    subprocess.run(['ip', 'link', 'set', 'lo', 'up' if up else 'down'], check=True)


def in_own_network():
    """The same once more in a namespace, where the network can be cut."""
    how = ['unshare', '--net'] + ([] if os.geteuid() == 0 else ['--map-current-user', '--keep-caps'])
    if CUT or not shutil.which('unshare') or not shutil.which('ip') or subprocess.run([*how, 'true'], stderr=subprocess.DEVNULL, check=False).returncode:
        return
    os.environ['ZONETAP_CUT'] = 'yes'
    os.execvp(how[0], [*how, sys.executable, *sys.argv])


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as f:
        f.write(text)


def configure(folder, url, settings):
    write(folder, 'token', TOKEN + '\n')
    os.chmod(os.path.join(folder, 'token'), 0o600)
    lines = [f'    {key}: {value}\n' for key, value in settings.items()]
    write(folder, 'conf.yaml', 'interfaces: [{name: e0}]\nsensor: north\nforward:\n  - name: soc\n' + ''.join(lines) +
          f"    url: '{url}'\n    batch_count: {BATCH}\n    batch_age: 10ms\n    backoff_min: 100ms\n    max_time: 5s\n")
    if settings.get('type') == 'sentinel':
        with open(os.path.join(folder, 'conf.yaml'), 'a', encoding='utf-8') as f:
            f.write(f"    authority: '{url}'\n")


def command(folder, *more):
    return [zonetap, 'replay', '--rules', os.path.join(top, 'rules'), '--db', os.path.join(folder, 'plant.db'), *more, CAPTURE]


def store(folder, first, count):
    """Revisions as a sensor would have stored them."""
    db = sqlite3.connect(os.path.join(folder, 'plant.db'), timeout=30)
    rows = []
    for n in range(first, first + count):
        alert = {'uid': f'{n // 2:032x}', 'rev': 1 + n % 2, 'rule': 'write-denied', 'title': 'Write that no conduit allows', 'class': 'c',
                 'severity': 'high', 'count': 1, 'first_seen': '2026-01-01T00:00:00.000000000Z',
                 'last_seen': '2026-01-01T00:00:00.000000000Z', 'ended': False, 'sensor': 'north', 'text': f'number {n}'}
        text = json.dumps(alert, separators=(',', ':'))
        rows.append(('run', alert['uid'], alert['rev'], time.time_ns(), text, 3, len(text), time.time_ns()))
    with db:
        db.executemany('INSERT INTO outbox (run, uid, rev, ts_ns, json, level, bytes, stored_ns) VALUES (?,?,?,?,?,?,?,?)', rows)
    db.close()


def once(folder, *more):
    run = subprocess.run(command(folder, *more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=900)
    return run.returncode, run.stdout


def storm(folder, receiver):
    """Rows are stored, the sender and the receiver are killed, in any order."""
    for part in range(ROUNDS):
        store(folder, RECORDS * part // ROUNDS, RECORDS * (part + 1) // ROUNDS - RECORDS * part // ROUNDS)
        sender = subprocess.Popen(command(folder, '--forward', '-c', os.path.join(folder, 'conf.yaml')),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.05, 0.5) * (4 if LONG else 1))
        if random.random() < 0.6:
            receiver.kill()
            time.sleep(random.uniform(0, 0.3))
            receiver.start()
            time.sleep(random.uniform(0, 0.3))
        elif CUT:
            network(up=False)
            time.sleep(random.uniform(0, 0.3))
            network(up=True)
            time.sleep(random.uniform(0, 0.3))
        sender.send_signal(signal.SIGKILL)
        sender.wait()


class Tap:
    n = bad = 0

    def ok(self, good, name, why=''):
        self.n += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        for line in str(why if not good else '').splitlines()[:20]:
            print('#', line[:300])


def judge(tap, kind, receiver):
    want = [(f'{n // 2:032x}', 1 + n % 2) for n in range(RECORDS)]
    got, seen, order = list(receiver.got()), set(), []
    for one in got:
        if one not in seen:
            order.append(one)
        seen.add(one)
    lost = [w for w in want if w not in seen]
    tap.ok(not lost, f'{kind}: every record is there ({RECORDS}, {len(got) - len(order)} of them came again)',
           f'{len(lost)} are not: {lost[:5]}')
    tap.ok(order == want, f'{kind}: in order, and nothing else',
           next((f'number {i}: {o}, not {w}' for i, (o, w) in enumerate(zip(order, want)) if o != w), f'{len(order)} records'))
    tap.ok(not receiver.wrong(), f'{kind}: the receiver found nothing wrong', receiver.wrong())


def certificate(folder):
    run = subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
                          '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', 'key.pem', '-out', 'cert.pem'],
                         cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return run.returncode == 0


def arrive(tap, kind, make, arguments, settings):
    with tempfile.TemporaryDirectory() as folder:
        if 'cacert' in settings and not certificate(folder):
            tap.ok(True, f'{kind} # SKIP openssl cannot make a certificate')
            return
        receiver = make(folder, arguments)
        try:
            configure(folder, receiver.url(), settings)
            status, said = once(folder)
            if status == 0:                     # its place is behind what is there
                status, said = once(folder, '--forward', '-c', os.path.join(folder, 'conf.yaml'))
            tap.ok(status == 0, f'{kind}: it is known', said)
            storm(folder, receiver)
            status, said = once(folder, '--forward', '--give-up', '120', '-c', os.path.join(folder, 'conf.yaml'))
            tap.ok(status == 0, f'{kind}: the last run delivers what is left', said)
            judge(tap, kind, receiver)
        finally:
            receiver.kill()


STREAMS = {                             # the receiver, its arguments, the sink's settings
    'syslog over TCP': (Stream, [], {'type': 'syslog', 'overlap': '10s'}),
    'rsyslog over TCP': (Rsyslog, [], {'type': 'syslog', 'overlap': '10s'}),
    'rsyslog over TLS': (Rsyslog, ['tls'], {'type': 'syslog', 'overlap': '10s', 'cacert': 'cert.pem'}),
}


def main():
    in_own_network()
    if CUT:
        network(up=True)
    else:
        print('# no namespace can be made here: the network is not cut')
    tap = Tap()
    random.seed(SEED)
    print(f'# SEED={SEED}')
    wanted = sys.argv[1:]
    for kind, (arguments, settings) in KINDS.items():
        if not wanted or kind in wanted:
            arrive(tap, kind, StandIn, arguments, settings)
    for kind, (make, arguments, settings) in STREAMS.items():
        if wanted and kind not in wanted:
            continue
        if make is Rsyslog and not Rsyslog.there():
            tap.ok(True, f'{kind} # SKIP {Rsyslog.why}')
            continue
        arrive(tap, kind, make, arguments, settings)
    print(f'1..{tap.n}')
    return tap.bad != 0


if __name__ == '__main__':
    sys.exit(main())
