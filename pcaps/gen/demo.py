#!/usr/bin/env python3
"""demo.py: pcaps/demo/bottling-line.pcap, one minute at the mirror port of a bottling line's cell.

The HMI polls three controllers and writes set points that it may write; then four things happen that should not:
  +20 s  the HMI writes a range that sticks out of what its conduit allows; the filler takes it
  +30 s  a machine of the office network writes to the filler; it is refused
  +35 s  the same machine stops the capper
  +45 s  an unknown machine in the SCADA network goes through the filler's registers
"""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Capture, Host, tpkt

CELL = 110                          # VLAN; what comes from elsewhere comes through the router
ROUTER = '00:00:5e:00:01:6e'
cap = Capture('2026-03-02T05:58:00Z')
start = cap.us
hmi = Host('192.168.2.10', ROUTER, CELL, ttl=63)
office = Host('10.20.30.40', ROUTER, CELL, ttl=62)
stranger = Host('192.168.2.77', ROUTER, CELL, ttl=63)
filler = Host('192.168.1.10', '00:1d:9c:aa:bb:cc', CELL)
capper = Host('192.168.1.20', '00:1b:1b:01:01:20', CELL)
palletizer = Host('192.168.1.30', '00:1d:9c:01:01:30', CELL)


class Modbus:
    def __init__(self, client, server):
        self.tcp, self.txn = cap.tcp(client, server, 502), 0

    def ask(self, pdu, answer, unit=1):
        self.txn += 1
        for way, body, after in ((0, pdu, 0.002), (1, answer, 0.006)):
            self.tcp.say(way, struct.pack('>HHHB', self.txn, 0, len(body) + 1, unit) + body, after)
        self.tcp.ack(0)

    def read(self, first, count, values=None):
        values = values or [(first + i) * 7 % 1000 for i in range(count)]
        self.ask(struct.pack('>BHH', 3, first, count), struct.pack('>BB%dH' % count, 3, 2 * count, *values))

    def write(self, first, *values):
        head = struct.pack('>BHH', 16, first, len(values))
        self.ask(head + struct.pack('>B%dH' % len(values), 2 * len(values), *values), head)


class S7:
    """S7comm: ISO transport, the negotiation, then jobs and their answers."""

    def __init__(self, client, server):
        self.tcp, self.ref = cap.tcp(client, server, 102), 0
        self.tcp.client(tpkt(bytes.fromhex('11e00000000100c0010ac1020100c2020102')))
        self.tcp.server(tpkt(bytes.fromhex('11d00001000200c0010ac1020100c2020102')), 0.003)
        self.ask(bytes.fromhex('f0000001000101e0'), b'', bytes.fromhex('f0000001000100f0'), b'')

    def ask(self, param, data, answer, answer_data):
        self.ref += 1
        self.tcp.client(tpkt(b'\2\xf0\x80' + struct.pack('>BBHHHH', 0x32, 1, 0, self.ref, len(param), len(data)) + param + data), 0.002)
        self.tcp.server(tpkt(b'\2\xf0\x80' + struct.pack('>BBHHHHH', 0x32, 3, 0, self.ref, len(answer), len(answer_data), 0) +
                             answer + answer_data), 0.008)
        self.tcp.ack(0)

    def read_db(self, db, first, count):
        item = struct.pack('>BBBBHHB', 0x12, 10, 0x10, 2, count, db, 0x84) + struct.pack('>I', first * 8)[1:]
        values = bytes((first + i) * 3 % 256 for i in range(count))
        self.ask(b'\4\1' + item, b'', b'\4\1', struct.pack('>BBH', 0xff, 4, count * 8) + values)

    def stop(self):
        self.ask(b'\x29' + bytes(5) + b'\x09P_PROGRAM', b'', b'\x29', b'')


class Cip:
    """EtherNet/IP session with unconnected messages."""

    def __init__(self, client, server):
        self.tcp, self.session, self.context = cap.tcp(client, server, 44818), 0x0b021500, 0
        self.encap(0x65, b'\1\0\0\0', b'\1\0\0\0', first=True)

    def encap(self, command, body, answer, first=False):
        self.context += 1
        for way, data in ((0, body), (1, answer)):
            session = 0 if first and way == 0 else self.session
            self.tcp.say(way, struct.pack('<HHIIQI', command, len(data), session, 0, self.context, 0) + data,
                         0.002 if way == 0 else 0.005)
        self.tcp.ack(0)

    def read_tag(self, name, value):
        padded = name.encode() + b'\0' * (len(name) % 2)
        request = struct.pack('<BBBB', 0x4c, 1 + len(padded) // 2, 0x91, len(name)) + padded + b'\1\0'
        reply = struct.pack('<BBBBHi', 0xcc, 0, 0, 0, 0xc4, value)

        def items(data):
            return struct.pack('<IHHHHHH', 0, 5, 2, 0, 0, 0xb2, len(data)) + data

        self.encap(0x6f, items(request), items(reply))


def at(seconds):
    cap.us = start + round(seconds * 1e6)


# The HMI's connections and its polling, once a second to each controller.
m, s, c = Modbus(hmi, filler), S7(hmi, capper), Cip(hmi, palletizer)
for second in range(1, 60):
    at(second)
    m.read(100, 20)
    s.read_db(10, 0, 32)
    c.read_tag('Palletizer.LayersDone', second // 7)
    if second in (8, 16, 40):
        m.write(104, 800 + second)                          # within 100..119: the set point of the fill level
    if second == 20:
        m.write(118, 800, 800, 65535, 65535)                # 118..121
at(30.4)
o = Modbus(office, filler)
o.ask(struct.pack('>BHHBH', 16, 100, 1, 2, 0), b'\x90\x03')  # illegal data value
o.tcp.close()
at(35.2)
p = S7(office, capper)
p.stop()
p.tcp.close()
at(45.1)
x = Modbus(stranger, filler)
x.ask(bytes.fromhex('2b0e0100'), bytes.fromhex('2b0e01010000030006') + b'Acme F' + b'\1\5FC-20' + b'\2\0041.07')
for first in range(0, 6000, 200):
    cap.wait(0.05)
    if first == 0:
        x.read(0, 10)
    else:
        x.ask(struct.pack('>BHH', 3, first, 10), b'\x83\x02')
x.tcp.close()
cap.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'demo', 'bottling-line.pcap'))
