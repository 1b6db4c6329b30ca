#!/usr/bin/env python3
"""it.py: pcaps/it/office.pcap, an office network in which nothing industrial is said. DNS, NTP, HTTP, TLS-shaped,
SSH-shaped and SMB-shaped traffic; what is encrypted in life is random bytes here (seeded)."""
import os
import random
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Capture, Host

rnd = random.Random(20260302)
cap = Capture('2026-03-02T06:00:00Z')
gateway = Host('10.10.0.1', '00:00:5e:00:01:0a')
names = Host('10.10.0.53', '02:10:10:00:00:53')
files = Host('10.10.0.80', '02:10:10:00:00:80')
web = Host('10.10.0.81', '02:10:10:00:00:81')
office = [Host('10.10.1.%d' % n, '02:10:10:01:00:%02x' % n) for n in range(10, 22)]
six = (Host('fd10::10', '02:10:10:01:00:66'), Host('fd10::80', '02:10:10:00:00:66'))


def noise(n):
    return bytes(rnd.randrange(256) for _ in range(n))


def dns(host, name):
    ident, sport = rnd.randrange(65536), host.next_port()
    question = b''.join(bytes([len(p)]) + p.encode() for p in name.split('.')) + b'\0' + struct.pack('>HH', 1, 1)
    cap.udp(host, names, sport, 53, struct.pack('>6H', ident, 0x0100, 1, 0, 0, 0) + question, after=0.02)
    answer = struct.pack('>HHHIH', 0xc00c, 1, 1, 300, 4) + web.ip.packed
    cap.udp(names, host, 53, sport, struct.pack('>6H', ident, 0x8180, 1, 1, 0, 0) + question + answer, after=0.001)


def ntp(host):
    sport = host.next_port()
    cap.udp(host, gateway, sport, 123, b'\x23' + bytes(47), after=0.05)
    cap.udp(gateway, host, 123, sport, b'\x24\x02\x06\xec' + noise(44), after=0.002)


def http(host, server):
    c = cap.tcp(host, server, 80)
    for n in range(rnd.randrange(1, 5)):
        c.client(b'GET /order/%d HTTP/1.1\r\nHost: intranet.example\r\nUser-Agent: desk/1.0\r\nAccept: */*\r\n\r\n' % n)
        body = b'<html><body>' + b'<p>pallet %d</p>' % n * rnd.randrange(5, 300) + b'</body></html>'
        c.server(b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n' % len(body) + body, after=0.003)
        c.ack(0)
    c.close()


def tls(host, server):
    def record(kind, data):
        return struct.pack('>BHH', kind, 0x0303, len(data)) + data

    c = cap.tcp(host, server, 443)
    name = b'mail.example'
    hello = b'\x03\x03' + noise(32) + b'\x20' + noise(32) + struct.pack('>HHH', 4, 0x1301, 0x1302) + b'\x01\0'
    sni = struct.pack('>HHHBH', 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    hello += struct.pack('>H', len(sni)) + sni
    c.client(record(22, b'\x01' + struct.pack('>I', len(hello))[1:] + hello))
    hello = b'\x03\x03' + noise(32) + b'\x20' + noise(32) + b'\x13\x01\0\0\0'
    c.server(record(22, b'\x02' + struct.pack('>I', len(hello))[1:] + hello) + record(20, b'\1') + record(23, noise(1800)))
    c.client(record(20, b'\1') + record(23, noise(70)))
    for _ in range(rnd.randrange(2, 9)):
        c.client(record(23, noise(rnd.randrange(60, 900))), after=0.01)
        c.server(record(23, noise(rnd.randrange(200, 6000))), after=0.004)
        c.ack(0)
    c.close()


def ssh(host, server):
    c = cap.tcp(host, server, 22)
    c.server(b'SSH-2.0-example_1.0\r\n')
    c.client(b'SSH-2.0-example_1.1\r\n')
    for way in (0, 1):
        body = b'\x14' + noise(16) + noise(900)
        c.say(way, struct.pack('>IB', len(body) + 1, 0) + body)
    for _ in range(20):
        c.say(rnd.randrange(2), noise(rnd.choice((36, 44, 52, 420))), after=0.05)
    c.close()


def smb(host, server):
    def message(command, flags, body):
        head = b'\xfeSMB' + struct.pack('<HHIHHIIQIIQ', 64, 1, 0, command, 1, flags, 0, 7, 0, 0, 0) + bytes(16)
        return struct.pack('>I', len(head) + len(body)) + head + body

    c = cap.tcp(host, server, 445)
    for command in (0, 1, 3, 5, 8, 8, 8, 6, 4):
        c.client(message(command, 0, noise(56)))
        c.server(message(command, 1, noise(rnd.randrange(64, 4000))), after=0.002)
        c.ack(0)
    c.close()


for _ in range(3):
    for host in office:
        dns(host, rnd.choice(('intranet.example', 'mail.example', 'files.example')))
        rnd.choice((http, tls, tls, smb))(host, rnd.choice((web, files)))
    ntp(rnd.choice(office))
ssh(office[0], files)
http(*six)
tls(*six)
cap.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'it', 'office.pcap'))
