#!/usr/bin/env python3
"""polling.py: pcaps/mixed/polling.pcap, what controllers hear all day: reads by the thousand and now and then a
write. Several shapes of conversation for each protocol. The benchmark plays it many times over."""
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plant import Cip, Modbus, S7
from wire import Capture, Host

cap = Capture('2026-03-02T06:00:00Z')
hmi = Host('192.168.2.10', '02:02:02:00:00:0a')


def plc(n):
    return Host('192.168.1.%d' % n, '02:01:01:00:00:%02x' % n)


# Modbus: a fast reader of one block, one of many small blocks with bits, one that writes set points.
m = Modbus(cap, hmi, plc(10))
for i in range(16):
    m.read(100, 20)
m.tcp.close()
m = Modbus(cap, hmi, plc(11))
for i in range(6):
    m.read(0, 2)
    m.read(400 + i, 1)
    m.ask(struct.pack('>BHH', 1, 0, 24), b'\1\3\x5a\xa5\x0f')
    m.ask(struct.pack('>BHH', 4, 10, 8), struct.pack('>BB8H', 4, 16, *range(8)))
m.tcp.close()
m = Modbus(cap, hmi, plc(12))
for i in range(8):
    m.read(0, 125)
    m.write(40 + i % 4, 1000 + i)
    m.ask(struct.pack('>BHH', 6, 44, i), struct.pack('>BHH', 6, 44, i))
m.tcp.close()
# S7comm: one block, four items in a job, and writes.
s = S7(cap, hmi, plc(20))
for i in range(16):
    s.read_db(10, 0, 64)
s.tcp.close()
s = S7(cap, hmi, plc(21))
for i in range(10):
    s.read_many([(10, 0, 32), (11, 4, 7), (12, 0, 100), (20, i, 2)])
    s.write_db(20, 10, struct.pack('>H', i))
s.tcp.close()
# CIP: single tags, Multiple Service Packets, writes; class 1 data both ways over UDP.
c = Cip(cap, hmi, plc(30))
for i in range(12):
    c.read_tag('Line.Speed', i)
    c.read_tag('Program:Main.State', i)
c.tcp.close()
c = Cip(cap, hmi, plc(31))
for i in range(8):
    c.read_tags(['Tank%d.Level' % n for n in range(6)])
    c.write_tag('Recipe.Setpoint', i)
c.tcp.close()
io = plc(32)
for i in range(24):
    for way, (src, dst, conn) in enumerate(((hmi, io, 0x11000001), (io, hmi, 0x22000002))):
        data = struct.pack('<HI', i, way) + bytes(32)
        cap.udp(src, dst, 2222, 2222, struct.pack('<HHHIIHH', 2, 0x8002, 8, conn, i, 0xb1, len(data)) + data, after=0.01)
cap.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'mixed', 'polling.pcap'))
