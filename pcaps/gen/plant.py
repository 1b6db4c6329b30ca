"""plant.py: the three protocols as an HMI and its controllers speak them, over wire.py."""
import struct

from wire import tpkt


class Modbus:
    def __init__(self, cap, client, server):
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

    def __init__(self, cap, client, server):
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

    def read_many(self, items):
        """Several items in one job: (db, first, count), answers with a fill byte behind odd lengths."""
        param, data = b'', b''
        for n, (db, first, count) in enumerate(items):
            param += struct.pack('>BBBBHHB', 0x12, 10, 0x10, 2, count, db, 0x84) + struct.pack('>I', first * 8)[1:]
            data += struct.pack('>BBH', 0xff, 4, count * 8) + bytes(count)
            if count % 2 and n + 1 < len(items):
                data += b'\0'
        self.ask(bytes([4, len(items)]) + param, b'', bytes([4, len(items)]), data)

    def write_db(self, db, first, values):
        item = struct.pack('>BBBBHHB', 0x12, 10, 0x10, 2, len(values), db, 0x84) + struct.pack('>I', first * 8)[1:]
        self.ask(b'\5\1' + item, struct.pack('>BBH', 0, 4, len(values) * 8) + values, b'\5\1', b'\xff')

    def stop(self):
        self.ask(b'\x29' + bytes(5) + b'\x09P_PROGRAM', b'', b'\x29', b'')


class Cip:
    """EtherNet/IP session with unconnected messages."""

    def __init__(self, cap, client, server):
        self.tcp, self.session, self.context = cap.tcp(client, server, 44818), 0x0b021500, 0
        self.encap(0x65, b'\1\0\0\0', b'\1\0\0\0', first=True)

    def encap(self, command, body, answer, first=False):
        self.context += 1
        for way, data in ((0, body), (1, answer)):
            session = 0 if first and way == 0 else self.session
            self.tcp.say(way, struct.pack('<HHIIQI', command, len(data), session, 0, self.context, 0) + data,
                         0.002 if way == 0 else 0.005)
        self.tcp.ack(0)

    @staticmethod
    def tag(service, name):
        padded = name.encode() + b'\0' * (len(name) % 2)
        return struct.pack('<BBBB', service, 1 + len(padded) // 2, 0x91, len(name)) + padded

    def ask(self, request, reply):
        def items(data):
            return struct.pack('<IHHHHHH', 0, 5, 2, 0, 0, 0xb2, len(data)) + data

        self.encap(0x6f, items(request), items(reply))

    def read_tag(self, name, value):
        self.ask(self.tag(0x4c, name) + b'\1\0', struct.pack('<BBBBHi', 0xcc, 0, 0, 0, 0xc4, value))

    def write_tag(self, name, value):
        self.ask(self.tag(0x4d, name) + struct.pack('<HHi', 0xc4, 1, value), bytes((0xcd, 0, 0, 0)))

    def read_tags(self, names):
        """A Multiple Service Packet (Volume 1, A-4) of tag reads, to the Message Router."""
        def packed(parts):
            at, offsets = 2 + 2 * len(parts), []
            for part in parts:
                offsets.append(at)
                at += len(part)
            return struct.pack('<%dH' % (len(parts) + 1), len(parts), *offsets) + b''.join(parts)

        asks = [self.tag(0x4c, n) + b'\1\0' for n in names]
        says = [struct.pack('<BBBBHi', 0xcc, 0, 0, 0, 0xc4, i) for i, _ in enumerate(names)]
        self.ask(b'\x0a\2\x20\2\x24\1' + packed(asks), b'\x8a\0\0\0' + packed(says))
