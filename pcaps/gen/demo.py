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

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plant import Cip, Modbus, S7
from wire import Capture, Host

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


def at(seconds):
    cap.us = start + round(seconds * 1e6)


# The HMI's connections and its polling, once a second to each controller.
m, s, c = Modbus(cap, hmi, filler), S7(cap, hmi, capper), Cip(cap, hmi, palletizer)
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
o = Modbus(cap, office, filler)
o.ask(struct.pack('>BHHBH', 16, 100, 1, 2, 0), b'\x90\x03')  # illegal data value
o.tcp.close()
at(35.2)
p = S7(cap, office, capper)
p.stop()
p.tcp.close()
at(45.1)
x = Modbus(cap, stranger, filler)
x.ask(bytes.fromhex('2b0e0100'), bytes.fromhex('2b0e01010000030006') + b'Acme F' + b'\1\5FC-20' + b'\2\0041.07')
for first in range(0, 6000, 200):
    cap.wait(0.05)
    if first == 0:
        x.read(0, 10)
    else:
        x.ask(struct.pack('>BHH', 3, first, 10), b'\x83\x02')
x.tcp.close()
cap.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'demo', 'bottling-line.pcap'))
