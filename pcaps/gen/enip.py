#!/usr/bin/env python3
"""enip.py: the captures in pcaps/enip that no stack makes: every command and service asked, answered, refused and broken,
engineering work on a controller, PCCC, answers out of order, directions that ports hide, class 1 data."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Capture, Host

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'enip')
SESSION = 0x00a1b2c3


def hosts():
    return Host('192.0.2.30', '02:00:5e:20:00:30'), Host('192.0.2.40', '02:00:5e:20:00:40')


def raw(text):
    return bytes.fromhex(text) if isinstance(text, str) else text


def encapsulated(command, data=b'', session=SESSION, status=0, context=0, options=0, length=None):
    data = raw(data)
    return struct.pack('<HHIIQI', command, len(data) if length is None else length, session, status, context, options) + data


def items(*list_of):
    return struct.pack('<H', len(list_of)) + b''.join(struct.pack('<HH', t, len(d)) + d for t, d in list_of)


def rr(cip, context, **more):
    return encapsulated(0x6f, struct.pack('<IH', 0, 10) + items((0, b''), (0xb2, raw(cip))), context=context, **more)


def unit(cip, connection, count):
    data = struct.pack('<H', count) + raw(cip)
    return encapsulated(0x70, struct.pack('<IH', 0, 0) + items((0xa1, struct.pack('<I', connection)), (0xb1, data)))


def path(*parts):
    """path(0x8e, 1) class and instance; path('Tag', [3]) a symbol with a member; a third number is the attribute."""
    out, kinds = b'', iter((0x20, 0x24, 0x30))
    for p in parts:
        if isinstance(p, str):
            out += struct.pack('BB', 0x91, len(p)) + p.encode() + (b'\0' if len(p) % 2 else b'')
        elif isinstance(p, list):
            out += b''.join(struct.pack('BB', 0x28, n) if n < 256 else struct.pack('<BBH', 0x29, 0, n) for n in p)
        else:
            k = next(kinds)
            out += struct.pack('BB', k, p) if p < 256 else struct.pack('<BBH', k + 1, 0, p)
    return out


def request(service, where, data=''):
    return struct.pack('BB', service, len(where) // 2) + where + raw(data)


def answer(service, data='', status=0, ext=()):
    return struct.pack('BBBB', service | 0x80, 0, status, len(ext)) + b''.join(struct.pack('<H', e) for e in ext) + raw(data)


def bundle(*services):
    at, offsets = 2 + 2 * len(services), b''
    for s in services:
        offsets += struct.pack('<H', at)
        at += len(s)
    return struct.pack('<H', len(services)) + offsets + b''.join(services)


def sent_on(message, route):
    route = raw(route)
    return request(0x52, path(6, 1), struct.pack('<BBH', 10, 14, len(message)) + message + (b'\0' if len(message) % 2 else b'') +
                   struct.pack('BB', len(route) // 2, 0) + route)


class Talk:
    """One connection with its session; unconnected messages are numbered by context, an answer comes 4 ms after."""

    def __init__(self, cap, client, server, port=44818, sport=None, handshake=True, session=True):
        self.tcp, self.context, self.count = cap.tcp(client, server, port, sport, handshake), 0x1000, 0
        self.up, self.down = 0x00790001, 0x80000014
        if session:
            self.tcp.client(encapsulated(0x65, '01000000', 0, context=1), 0.01)
            self.tcp.server(encapsulated(0x65, '01000000', SESSION, context=1), 0.002)

    def ask(self, cip, said=None):
        self.context += 1
        self.tcp.client(rr(cip, self.context), 0.05)
        if said is not None:
            self.tcp.server(rr(said, self.context), 0.004)

    def open(self, cls=2, large=False):
        width, size = ('<IIIIB', 0x42000fa0) if large else ('<IHIHB', 0x43f4)
        where = struct.pack('BBBBBB', 1, 0, 0x20, cls, 0x24, 1)
        self.ask(request(0x5b if large else 0x54, path(6, 1), struct.pack('<BBIIHHI', 10, 5, 0, self.down, 5, 77, 0xdeadbeef) +
                         b'\0\0\0\0' + struct.pack(width, 8000000, size, 8000000, size, 0xa3) + b'\x03' + where),
                 answer(0x5b if large else 0x54, struct.pack('<IIHHIIIBB', self.up, self.down, 5, 77, 0xdeadbeef, 8000000, 8000000, 0, 0)))

    def tell(self, cip, said=None):
        self.count += 1
        self.tcp.client(unit(cip, self.up, self.count), 0.05)
        if said is not None:
            self.tcp.server(unit(said, self.down, self.count), 0.003)

    def shut(self):
        self.ask(request(0x4e, path(6, 1), struct.pack('<BBHHI', 10, 5, 5, 77, 0xdeadbeef) + raw('0300010020022401')),
                 answer(0x4e, struct.pack('<HHIBB', 5, 77, 0xdeadbeef, 0, 0)))


def identity_item(vendor=1, product=166, major=32, minor=11, serial=0xc0ffee01, name='1769-L24ER-QB1B'):
    return (struct.pack('<H', 1) + struct.pack('>HHBBBB8x', 2, 44818, 192, 0, 2, 40) +
            identity(vendor, product, major, minor, serial, name) + b'\x03')


def identity(vendor=1, product=166, major=32, minor=11, serial=0xc0ffee01, name='1769-L24ER-QB1B'):
    return struct.pack('<HHHBBHIB', vendor, 14, product, major, minor, 0x3060, serial, len(name)) + name.encode()


def commands():
    """Every command of the encapsulation with its answer, a refusal, and a broken one."""
    cap, (hmi, plc) = Capture('2026-03-02T06:00:00Z'), hosts()
    t = Talk(cap, hmi, plc)
    for command, data, said in ((0x04, '', items((0x100, raw('01002000') + b'Communications\0\0'))),
                                (0x63, '', items((0x0c, identity_item()))), (0x64, '', '0000'),
                                (0x72, '000000000000', None), (0x73, '00000000', None), (0x00, 'cafe', None), (0xc8, '', None),
                                (0x01, '', None)):
        t.context += 1
        t.tcp.client(encapsulated(command, data, context=t.context), 0.05)
        if said is not None:
            t.tcp.server(encapsulated(command, said, context=t.context), 0.004)
    t.tcp.client(encapsulated(0xc8, '', context=9), 0.05)
    t.tcp.server(encapsulated(0xc8, '', status=1, context=9), 0.004)
    t.tcp.client(rr(request(0x0e, path(1, 1, 7)), 10, session=99), 0.05)
    t.tcp.server(encapsulated(0x6f, '', session=99, status=0x64, context=10), 0.004)
    t.tcp.client(encapsulated(0x65, '01000000ff', 0, context=11), 0.05)
    t.tcp.server(encapsulated(0x65, '01000000', 0, status=0x65, context=11), 0.004)
    t.tcp.client(encapsulated(0x6f, struct.pack('<IH', 0, 0) + raw('0200000000 00b200c800 0102'.replace(' ', '')), context=12), 0.05)
    t.tcp.client(encapsulated(0x63, items((0x0c, identity_item()[:20])), context=13), 0.05)
    t.tcp.client(encapsulated(0x66, ''), 0.05)
    t.tcp.close()
    # broadcast and its answers, one from a host that asked nobody; peers that both use the port
    everyone = Host('192.0.2.255', 'ff:ff:ff:ff:ff:ff')
    cap.udp(hmi, everyone, 50123, 44818, encapsulated(0x63, session=0))
    cap.udp(plc, hmi, 44818, 50123, encapsulated(0x63, items((0x0c, identity_item())), session=0), 0.01)
    drive = Host('192.0.2.41', '02:00:5e:20:00:41')
    cap.udp(drive, hmi, 44818, 50123, encapsulated(0x63, items((0x0c, identity_item(47, 1609, 1, 30, 0x00001234, 'NX102-9000'))),
                                                   session=0), 0.02)
    cap.udp(drive, plc, 44818, 44818, encapsulated(0x04, session=0))
    cap.udp(plc, drive, 44818, 44818, encapsulated(0x04, items((0x100, raw('01002000') + b'Communications\0\0')), session=0), 0.01)
    cap.write(os.path.join(OUT, 'commands.pcap'))


TAG = path('Program:Main', 'Recipe', [2], [300], 'Speed')

# Request, answer, refusal; broken: request and answer with bytes missing or too many.
SERVICES = [
    (request(0x4c, path('Level'), '0100'), answer(0x4c, 'ca0000002042'), answer(0x4c, '', 4, (0,))),
    (request(0x4c, TAG, '0200'), answer(0x4c, 'c300 0500 0600'.replace(' ', '')), answer(0x4c, '', 5)),
    (request(0x4d, path('Setpoint'), 'c4000100e8030000'), answer(0x4d), answer(0x4d, '', 0x0f)),
    (request(0x4d, path('Rec'), 'a002ce0f0100 01020304'.replace(' ', '')), answer(0x4d), answer(0x4d, '', 0xff, (0x2107,))),
    (request(0x4e, path('Bits'), '020003ff0000ff00'.replace('ff00', 'ff00')), answer(0x4e), answer(0x4e, '', 5)),
    (request(0x52, path('Big'), '640000000000'), answer(0x52, 'c400' + '2a000000' * 20, 6), answer(0x52, '', 0x13)),
    (request(0x53, path('Big'), 'c4006400 10000000 01000000'.replace(' ', '')), answer(0x53), answer(0x53, '', 0x15)),
    (request(0x55, path(0x6b, 0), '020001000200'), answer(0x55, '01000000' + '0500' + b'Level'.hex() + 'ca00', 6), answer(0x55, '', 8)),
    (request(0x4c, path(0x6c, 0x0f82), '000000006400'), answer(0x4c, '01020304'), answer(0x4c, '', 5)),
    (request(0x01, path(1, 1)), answer(0x01, identity()), answer(0x01, '', 8)),
    (request(0x0e, path(1, 1, 7)), answer(0x0e, '04' + b'L24E'.hex()), answer(0x0e, '', 0x14)),
    (request(0x03, path(1, 1), '030001000600 0700'.replace(' ', '')),
     answer(0x03, '0300 0100 0000 2f00 0600 0000 78563412 0700 1400'.replace(' ', ''), 0x0a), answer(0x03, '', 0x1c)),
    (request(0x05, path(1, 1), '00'), answer(0x05), answer(0x05, '', 0x0f)),
    (request(0x05, path(1, 1), '01'), answer(0x05), answer(0x05, '', 0x10)),
    (request(0x05, path(0x0f, 3)), answer(0x05), answer(0x05, '', 8)),
    (request(0x02, path(4, 100), '01'), answer(0x02), answer(0x02, '', 0x0e)),
    (request(0x10, path(4, 100, 3), '0102030405060708'), answer(0x10), answer(0x10, '', 0x0e)),
    (request(0x10, path(0xf5, 1, 5), 'c0a80164' + '00' * 18), answer(0x10), answer(0x10, '', 0x0c)),
    (request(0x10, path(0xf6, 1, 6), '0100'), answer(0x10), answer(0x10, '', 0x0e)),
    (request(0x04, path(0x8b, 1), '01000600 00aa5b7c0c4d0600'.replace(' ', '')), answer(0x04, '010006000000'), answer(0x04, '', 0x0f)),
    (request(0x10, path(0x43, 1, 1), '01'), answer(0x10), answer(0x10, '', 0x0e)),
    (request(0x4c, path(0x61, 1), '0470617373'), answer(0x4c), answer(0x4c, '', 0x0f)),
    (request(0x10, path(0x5e, 1, 4), '02'), answer(0x10), answer(0x10, '', 0x0f)),
    (request(0x10, path(0x39, 1, 12), '01'), answer(0x10), answer(0x10, '', 0x0f)),
    (request(0x08, path(5, 0)), answer(0x08, '0700'), answer(0x08, '', 2)),
    (request(0x09, path(0x68, 0x2020)), answer(0x09), answer(0x09, '', 0x0f)),
    (request(0x11, path(4, 0), '0a'), answer(0x11, '0164'), answer(0x11, '', 8)),
    (request(0x15, path(0x0f, 0)), answer(0x15), answer(0x15, '', 8)),
    (request(0x16, path(0x0f, 0)), answer(0x16), answer(0x16, '', 8)),
    (request(0x19, path(4, 100) + b'\x28\x02', '01'), answer(0x19), answer(0x19, '', 0x28)),
    (request(0x4b, path(0x37, 0xc8), '80'), answer(0x4b, '2000000080'), answer(0x4b, '', 0x02)),
    (request(0x4c, path(0x37, 0xc9), '0000010080' + '00'), answer(0x4c, '01000080'), answer(0x4c, '', 0x02)),
    (request(0x4f, path(0x44, 1), '00000a00cd01'), answer(0x4f, '00000a00'), answer(0x4f, '', 5)),
    (request(0x56, path(6, 1), '0500'), answer(0x56, '0000'), answer(0x56, '', 0x16)),
    (request(0x08, path(0xb2, 0), '0100'), answer(0x08, '21000000'), answer(0x08, '', 2)),
    (request(0x4b, path(0x350, 1), '0001'), answer(0x4b, '81'), answer(0x4b, '', 8)),
    (request(0x33, path(0x93, 9), '00'), answer(0x33), answer(0x33, '', 8)),
    (sent_on(request(0x01, path(1, 1)), '0103'), answer(0x01, identity(309, 83, 1, 2, 0xad77, 'MVI56')), answer(0x52, '0100', 1, (0x204,))),
    (sent_on(request(0x4d, path('Far'), 'c1000100ff'), '0100 1208 31302e312e312e39 0104'.replace(' ', '')), answer(0x4d),
     answer(0x52, '', 1, (0x312,))),
]


def services():
    """Every service whose class is known: once answered, once refused, once with a byte less each way."""
    cap, (hmi, plc) = Capture('2026-03-02T06:10:00Z'), hosts()
    t = Talk(cap, hmi, plc)
    for asked, said, refused in SERVICES:
        t.ask(asked, said)
        t.ask(asked, refused)
    for asked, said, refused in SERVICES:
        t.ask(asked[:-1], said[:-1] if len(said) > 4 else said + b'\0')
    t.tcp.close()
    cap.write(os.path.join(OUT, 'services.pcap'))


def bundles():
    """Multiple Service Packets: answered in parts, refused as a whole, nested, sent on, with offsets that lie."""
    cap, (hmi, plc) = Capture('2026-03-02T06:20:00Z'), hosts()
    router, t = path(2, 1), Talk(cap, hmi, plc)
    read, write = request(0x4c, path('A', [1]), '0100'), request(0x4d, path('B'), 'c30001000500')
    t.open()
    t.tell(request(0x0a, router, bundle(read, write, request(0x0e, path(1, 1, 7)))),
           answer(0x0a, bundle(answer(0x4c, 'c30007000000'), answer(0x4d, '', 0x0f), answer(0x0e, '0358313b')), 0x1e))
    t.tell(request(0x0a, router, bundle(read)), answer(0x0a, '', 8))
    t.tell(request(0x0a, router, bundle(request(0x0a, router, bundle(read, request(0x07, path(0x8e, 1)))))),
           answer(0x0a, bundle(answer(0x0a, bundle(answer(0x4c, 'c3000700'), answer(0x07))))))
    t.ask(sent_on(request(0x0a, router, bundle(read, write)), '0102'), answer(0x0a, bundle(answer(0x4c, 'c3000700'), answer(0x4d))))
    t.ask(request(0x0a, router, bundle(sent_on(request(0x06, path(0x8e, 1)), '0101'), read)),
          answer(0x0a, bundle(answer(0x06), answer(0x4c, 'c3000700'))))
    for data in ('0000', '02000600060001', '0100ff000102', 'ffff0400', '02000600', '0200080006000102'):
        t.tell(request(0x0a, router, data), answer(0x0a, data))
    deep = request(0x07, path(0x8e, 1))
    for _ in range(12):
        deep = request(0x0a, router, bundle(deep))
    t.tell(deep, answer(0x0a, '', 2))
    deep = request(0x07, path(0x8e, 1))
    for _ in range(12):
        deep = sent_on(deep, '0101')
    t.ask(deep, answer(0x52, '', 2))
    t.tell(request(0x0a, router, bundle(read, write)), answer(0x0a, bundle(answer(0x4c, 'c3000700'))))
    t.shut()
    t.tcp.close()
    cap.write(os.path.join(OUT, 'bundles.pcap'))


def engineering():
    """An engineering station locks, stops, loads and starts a controller; reads a program out; loads firmware in vain."""
    cap, (_, plc) = Capture('2026-03-02T06:30:00Z'), hosts()
    ews = Host('192.0.2.31', '02:00:5e:20:00:31')
    t = Talk(cap, ews, plc)
    ctl, lock = path(0x8e, 1), path(0x8e, 1) + path(0x74, 1)
    routine = path(0x68, 0x2024) + path(0x6d, 0x1baf)
    t.open(large=True)
    t.tell(request(0x4b, lock, '01'), answer(0x4b))
    t.tell(request(0x07, ctl), answer(0x07))
    t.tell(request(0x07, ctl), answer(0x07, '', 0x0b))
    t.tell(request(0x05, path(0x72, 1)), answer(0x05))
    t.tell(request(0x0a, path(2, 1), bundle(request(0x08, path(0x6a, 0x2024), '03000600c1000100'), request(0x08, path(0x6b, 0x2024), '0100'))),
           answer(0x0a, bundle(answer(0x08, '24200000'), answer(0x08, '24200000'))))
    t.tell(request(0x08, path(0x68, 0), '0100'), answer(0x08, '24200000'))
    for i in range(4):
        t.tell(request(0x50, routine, struct.pack('<IB', 64 * i, 64) + bytes(range(64))), answer(0x50))
    t.tell(request(0x04, path(0x68, 0x2024), '01001a000100'), answer(0x04, '01001a000000'))
    t.tell(request(0x4b, path(0x72, 1), '01'), answer(0x4b))
    t.tell(request(0x06, ctl), answer(0x06))
    t.tell(request(0x4c, lock), answer(0x4c))
    t.tell(request(0x4b, path(0x68, 0)), answer(0x4b, '24200000'))
    for i in range(3):
        t.tell(request(0x4f, routine, struct.pack('<IH', 64 * i, 64)), answer(0x4f, bytes(range(64)), 6 if i < 2 else 0))
    t.shut()
    t.ask(request(0x4b, path(0xa1, 1), '16ff1b0000000000'), answer(0x4b, '00007b145e01'))
    for i in range(5):
        t.ask(request(0x4d, path(0xa1, 1), struct.pack('<I', 350 * i) + bytes(64)),
              answer(0x4d, '000000000200') if i < 3 else answer(0x4d, '', 1, (0x0909,)))
    t.tcp.close()
    cap.write(os.path.join(OUT, 'engineering.pcap'))


PCCC = [
    ('0f', 'a2', '0207890000', '2a00'), ('0f', 'aa', '02078900000500', ''), ('0f', 'a1', '04088a03', '0000803f'),
    ('0f', 'a9', '04088a030000803f', ''), ('0f', 'ab', '0203850000ffff0100', ''), ('0f', 'a2', '0604ff00018601 02'.replace(' ', ''), '0102'),
    ('0f', '68', '00000100 0024 4e373a3100 0100'.replace(' ', ''), '42'), ('0f', '67', '00000100 0024 4e373a3100 42 0500'.replace(' ', ''), ''),
    ('0f', '00', '00000100 060702 0a00'.replace(' ', ''), ''), ('0f', '01', '0000010006070204', '0a00'), ('0f', '02', '060702ffff0100', ''),
    ('0f', '26', '060702ffff0100', ''), ('0f', '80', '01', ''), ('0f', '3a', '06', ''), ('0f', '41', '', ''), ('0f', '57', '', ''),
    ('0f', '50', '', ''), ('0f', '52', '', ''), ('0f', '53', '', ''), ('0f', '55', '', ''), ('0f', '11', '', ''), ('0f', '12', '', ''),
    ('0f', '0a', '', ''), ('0f', '8f', '', ''), ('0f', '81', '0703000 0'.replace(' ', '')[:8], '0100'), ('0f', '82', '0100', ''),
    ('0f', '88', '0206a2020789000008aa02078901000500', ''), ('0f', '88', '0101a3', ''), ('0f', '88', '02020102', ''), ('0f', 'a3', '0207890000', '00'), ('0f', 'a7', '0200', '00'), ('0f', 'af', '0200', ''),
    ('0f', '05', '', ''), ('0f', '06', '', ''), ('0f', '07', '', ''), ('0f', '17', '000004', '01020304'), ('0f', '18', '0000040102', ''),
    ('0f', '29', '', '00'), ('0f', '5e', '00', ''), ('0f', '79', '00', ''),
    ('06', '00', '01020304', '01020304'), ('06', '01', '', '00'), ('06', '02', '01', ''), ('06', '03', '', '00ee31470023001b000000fc00'),
    ('06', '04', '01', ''), ('06', '07', '', ''), ('06', '0a', '01', ''), ('06', '09', '', '01'), ('07', '00', '', ''), ('07', '01', '', ''),
    ('07', '03', '', ''), ('07', '04', '', ''), ('07', '05', '', ''), ('07', '06', '', ''),
    ('00', '', '10000500', ''), ('01', '', '100002', '0500'), ('02', '', '1000ff01', ''), ('05', '', '1000ff01', ''), ('08', '', '10000500', ''),
]


def pccc():
    """Each function of the processors before Logix: answered, refused by the processor; over DH+ too."""
    cap, (hmi, plc) = Capture('2026-03-02T06:40:00Z'), hosts()
    t, who, n = Talk(cap, hmi, plc), raw('074d0078563412'), 0

    def ask(command, function, data, said, sts=0):
        nonlocal n
        n += 1
        head, more = int(command, 16), b'\x0b' if sts == 0xf0 else b''
        t.ask(request(0x4b, path(0x67, 1), who + struct.pack('<BBH', head, 0, n) + raw(function + data)),
              answer(0x4b, who + struct.pack('<BBH', head | 0x40, sts, n) + more + raw(said)))

    for row in PCCC:
        ask(*row)
    for row in PCCC[:2] + PCCC[12:13]:
        ask(*row[:3], '', 0xf0)
        ask(*row[:3], '', 0x10)
    t.ask(request(0x4b, path(0x67, 1), '07'), answer(0x4b, '07'))
    t.ask(request(0x4b, path(0x67, 1), 'ff' + '00' * 8), answer(0x4b, '', 8))
    t.open(0xa6)
    t.tell(raw('0000010000000000') + raw('0f00010080 01'.replace(' ', '')), raw('0000000000000100') + raw('4f000100'))
    t.tell(raw('0000010000000000') + raw('0f000200aa02078900000700'), raw('0000000000000100') + raw('4f100200'))
    t.shut()
    t.tcp.close()
    cap.write(os.path.join(OUT, 'pccc.pcap'))


def order():
    """Requests in flight together and answered the other way round; a stream without its beginning; a lost segment; half of a
    connection; contexts that never change; two connections on one flow; no usual port; one that begins with an answer."""
    cap, (hmi, plc) = Capture('2026-03-02T06:50:00Z'), hosts()
    t = Talk(cap, hmi, plc)
    for i in range(3):
        t.tcp.client(rr(request(0x0e, path(0xf6, 1, i + 1)), 100 + i), 0.02)
    for i in (2, 0, 1):
        t.tcp.server(rr(answer(0x0e, struct.pack('<I', i)), 100 + i), 0.003)
    one, two = rr(request(0x4c, path('X'), '0100'), 7), rr(answer(0x4c, 'c3000100'), 7)
    for _ in range(3):
        t.tcp.client(one, 0.02)
        t.tcp.server(two, 0.003)
    t.tcp.client(one + rr(request(0x4d, path('Y'), 'c30001000100'), 8) + one[:30], 0.02)
    t.tcp.client(one[30:])
    t.tcp.server(two + rr(answer(0x4d), 8) + two, 0.004)
    t.tcp.segment(0, rr(request(0x4d, path('Lost'), 'c30001000100'), 9), seen=False)
    t.tcp.server(rr(answer(0x4d), 9), 0.004)
    t.tcp.client(rr(request(0x4d, path('After'), 'c30001000200'), 10), 0.3)
    t.tcp.server(rr(answer(0x4d), 10), 0.004)
    t.tcp.close()
    # picked up in the middle, off the port, beginning with an answer; two connections with the same counts
    m = Talk(cap, hmi, plc, port=50000, sport=40000, handshake=False, session=False)
    m.tcp.server(unit(answer(0x4c, 'c3000100'), 0xb1, 500))
    for i in range(3):
        m.tcp.client(unit(request(0x4c, path('P'), '0100'), 0xa0, 501 + i), 0.01)
        m.tcp.server(unit(answer(0x4c, 'c3000100'), 0xa1, 501 + i), 0.003)
        m.tcp.client(unit(request(0x4c, path('Q'), '0100'), 0xb0, 700 + i), 0.01)
        m.tcp.server(unit(answer(0x4c, 'c3000200'), 0xb1, 700 + i), 0.003)
    m.tcp.client(unit(request(0x4d, path('P'), 'c30001000300'), 0xa0, 900), 0.01)
    m.tcp.client(unit(request(0x4d, path('Q'), 'c30001000400'), 0xb0, 900), 0.01)
    m.tcp.server(unit(answer(0x4d), 0xb1, 900), 0.003)
    m.tcp.server(unit(answer(0x4d, '', 0x0f), 0xa1, 900), 0.003)
    # a client that is only heard, one that nobody answers
    deaf = Talk(cap, Host('192.0.2.32', '02:00:5e:20:00:32'), plc, handshake=False, session=False)
    deaf.ask(request(0x4d, path('Half'), 'c30001000100'))
    mute = Talk(cap, Host('192.0.2.33', '02:00:5e:20:00:33'), plc)
    mute.ask(request(0x07, path(0x8e, 1)))
    cap.write(os.path.join(OUT, 'order.pcap'))


def io():
    """A class 1 connection: opened over TCP, its data over UDP in both directions, closed; then data of nobody's."""
    cap, (hmi, plc) = Capture('2026-03-02T07:00:00Z'), hosts()
    t = Talk(cap, hmi, plc)
    t.open(4)
    for i in range(1, 4):
        for a, b, connection in ((hmi, plc, t.up), (plc, hmi, t.down)):
            cap.udp(a, b, 2222, 2222, items((0x8002, struct.pack('<II', connection, i)), (0xb1, struct.pack('<H', i) + b'\x01\0\0\0' + bytes(8))), 0.01)
    t.shut()
    t.tcp.close()
    cap.udp(plc, hmi, 2222, 2222, items((0x8002, struct.pack('<II', 0x1234, 1)), (0xb1, b'\x01\0')), 0.01)
    cap.udp(plc, hmi, 2222, 2222, items((0x8002, struct.pack('<I', 0x1234)), (0xb1, b'\x01\0')), 0.01)
    cap.udp(hmi, plc, 50124, 44818, rr(request(0x0e, path(1, 1, 7)), 3), 0.01)
    cap.udp(plc, hmi, 44818, 50124, rr(answer(0x0e, '04' + b'L24E'.hex()), 3), 0.01)
    cap.write(os.path.join(OUT, 'io.pcap'))


def broken():
    """Headers that are none, lengths that lie, text on the port, and what is said after each of them."""
    cap, (hmi, plc) = Capture('2026-03-02T07:10:00Z'), hosts()
    good = rr(request(0x4c, path('Good'), '0100'), 1)
    for bad in (encapsulated(0x6f, '', length=65512), encapsulated(0x6f, '', length=0xffff), encapsulated(0x65, '01000000', options=1),
                b'GET / HTTP/1.1\r\nHost: plc\r\n\r\n', bytes(24), encapsulated(0x70, raw('000000000000ffff') + bytes(80)),
                encapsulated(0x70, struct.pack('<IH', 0, 0) + items((0xa1, b'\1\0'), (0xb1, b'\1\0' + request(7, path(0x8e, 1))))),
                encapsulated(0x6f, struct.pack('<IH', 5, 0) + items((0, b''), (0xb2, request(7, path(0x8e, 1))))),
                encapsulated(0x6f, struct.pack('<IH', 0, 0) + items((0, b''), (0xb2, request(7, path(0x8e, 1)))) + b'left'),
                rr(b'\x4c\x20\x91\xff\x41', 2), rr(b'\x0e\x03\x20\x01\xe0\x01\x30\x07', 3), rr(request(0x4c, path('A\x01\x1b[2J'), '0100'), 4)):
        t = Talk(cap, hmi, plc)
        t.tcp.client(bad, 0.05)
        t.tcp.client(good, 0.05)
        t.tcp.server(rr(answer(0x4c, 'c3000100'), 1), 0.003)
        t.tcp.close()
    cap.write(os.path.join(OUT, 'broken.pcap'))


if __name__ == '__main__':
    os.makedirs(OUT, exist_ok=True)
    for make in (commands, services, bundles, engineering, pccc, order, io, broken):
        make()
