#!/usr/bin/env python3
"""Syslog over UDP loses, and the count comes out: what zonetap says that it sent is what a receiver read and what the kernel
threw away before it. Then a receiver that goes and comes and a sender that is killed: what arrives is what was stored, in
order, what came twice is the same revision, and what was lost is said here, not judged.

600 records in `make check`, 100,000 with ZONETAP_LONG=yes. SEED repeats a run."""
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ['top_srcdir'], 'tests', 'forward'))
import arrive  # noqa: E402

SMALL = 4096                            # of the receive buffer, a few records
SETTINGS = {'type': 'syslog'}


class Datagrams:
    """A receiver that now and then does not read for a while, from a buffer that is soon full."""

    def __init__(self, buffer=0, pause=0.0):
        self.buffer, self.pause, self.port, self.records, self.bad = buffer, pause, 0, [], ''
        self.start()

    def start(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if self.buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.socket.bind(('127.0.0.1', self.port))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.going = True
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while self.going:
            try:
                record = self.socket.recv(65536)
            except socket.timeout:
                continue
            found = re.fullmatch(r'<\d+>1 .* uid="([0-9a-f]{32})" rev="([0-9]+)" .*', record.decode(), re.DOTALL)
            if found:
                self.records.append((found[1], int(found[2])))
            else:
                self.bad = f'no record: {record[:200]!r}'
            if self.pause and len(self.records) % 50 == 0:
                time.sleep(self.pause)

    def kill(self):
        """What the buffer holds goes with it."""
        self.going = False
        self.reader.join()
        self.socket.close()

    def dropped(self):
        """By the kernel, because the buffer was full."""
        with open('/proc/net/udp', encoding='ascii') as f:
            return sum(int(line.split()[-1]) for line in f if line.split()[1].endswith(f':{self.port:04X}'))

    def quiet(self):
        before = -1
        while before != len(self.records):
            before = len(self.records)
            time.sleep(0.5)


def known(tap, name, folder, receiver):
    arrive.configure(folder, f'udp://127.0.0.1:{receiver.port}', SETTINGS)
    status, said = arrive.once(folder)
    if status == 0:
        status, said = send(folder)
    tap.ok(status == 0, f'{name}: it is known', said)


def send(folder):
    return arrive.once(folder, '--forward', '--give-up', '60', '-c', os.path.join(folder, 'conf.yaml'))


def judge(tap, name, receiver, again=0):
    """What arrived is some of what was stored, in order, except that the sender went back at most so many times."""
    want = {(f'{n // 2:032x}', 1 + n % 2): n for n in range(arrive.RECORDS)}
    first = set(receiver.records)
    numbers = [want.get(one, -1) for one in receiver.records]
    tap.ok(-1 not in numbers, f'{name}: nothing else', next((one for one in first if one not in want), ''))
    back = sum(b <= a for a, b in zip(numbers, numbers[1:]))
    tap.ok(back <= again, f'{name}: in order', f'{back} times back')
    tap.ok(not receiver.bad, f'{name}: each datagram is one record', receiver.bad)
    print(f'# {name}: {arrive.RECORDS} stored, {len(first)} arrived, {len(receiver.records) - len(first)} of them came again, '
          f'{arrive.RECORDS - len(first)} lost', flush=True)


def slow(tap):
    name = 'a slow receiver'
    receiver = Datagrams(SMALL, 0.02)
    with tempfile.TemporaryDirectory() as folder:
        known(tap, name, folder, receiver)
        arrive.store(folder, 0, arrive.RECORDS)
        status, said = send(folder)
        receiver.quiet()
    found = re.search(r'^soc: ([0-9]+) records? delivered', said, re.MULTILINE)
    sent, dropped = int(found[1]) if found else 0, receiver.dropped()
    tap.ok(status == 0 and sent == arrive.RECORDS, f'{name}: all is sent, as far as it can be known', said)
    tap.ok(dropped > 0, f'{name}: the kernel had no room for some')
    tap.ok(sent == len(receiver.records) + dropped, f'{name}: sent are those received and those lost',
           f'{sent} sent, {len(receiver.records)} received, {dropped} lost')
    judge(tap, name, receiver)
    receiver.kill()


def gone(tap):
    name = 'a receiver that goes and comes'
    receiver = Datagrams()
    again = 0                           # a sender that was killed, or that was told of a closed port
    with tempfile.TemporaryDirectory() as folder:
        known(tap, name, folder, receiver)
        each = arrive.RECORDS // arrive.ROUNDS
        for part in range(arrive.ROUNDS):
            arrive.store(folder, each * part, each)
            sender = subprocess.Popen(arrive.command(folder, '--forward', '-c', os.path.join(folder, 'conf.yaml')),
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.05, 0.5))
            if random.random() < 0.6:
                again += 1
                receiver.kill()
                time.sleep(random.uniform(0, 0.3))
                receiver.start()
            sender.send_signal(signal.SIGKILL)
            sender.wait()
            again += 1
        status, said = send(folder)
        tap.ok(status == 0, f'{name}: the last run sends what is left', said)
        receiver.quiet()
    judge(tap, name, receiver, again)
    receiver.kill()


def main():
    random.seed(arrive.SEED)
    print(f'# SEED={arrive.SEED}')
    tap = arrive.Tap()
    slow(tap)
    gone(tap)
    print(f'1..{tap.n}')
    return tap.bad != 0


if __name__ == '__main__':
    sys.exit(main())
