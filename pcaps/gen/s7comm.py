#!/usr/bin/env python3
"""s7comm.py: the captures in pcaps/s7comm that no stack at hand makes: every function legal, refused and broken, the
addressing syntaxes, downloads with the PLC's own jobs, NC services, data units that must be joined, transport
fragments, S7comm-plus, and other protocols on port 102."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Capture, Host, tpkt

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 's7comm')
H = bytes.fromhex
UNANSWERED = object()


def hosts():
    return Host('192.0.2.10', '02:00:5e:10:00:10'), Host('192.0.2.20', '02:00:5e:10:00:20')


def dt(data, eot=True):
    return tpkt(b'\x02\xf0' + (b'\x80' if eot else b'\0') + data)


def job(ref, param, data=b'', rosctr=1):
    return struct.pack('>BBHHHH', 0x32, rosctr, 0, ref, len(param), len(data)) + param + data


def ack(ref, param=b'', data=b'', error=0, rosctr=3):
    return struct.pack('>BBHHHHH', 0x32, rosctr, 0, ref, len(param), len(data), error) + param + data


def any_item(area, first, count, db=0, size=2):
    return struct.pack('>BBBBHHB', 0x12, 10, 0x10, size, count, db, area) + struct.pack('>I', first)[1:]


def spec(syntax, rest):
    return bytes([0x12, len(rest) + 1, syntax]) + rest


def value(data, size=4, code=0, last=True):
    length = len(data) * 8 if size in (3, 4, 5) else len(data)
    if size == 3:
        length = 1
    return struct.pack('>BBH', code, size, length) + data + (b'' if last or len(data) % 2 == 0 else b'\0')


class S7:
    """One connection. Jobs are numbered; an answer comes 8 ms after."""

    def __init__(self, cap, client, server, port=102, called='0102', setup=True, connect=True):
        self.tcp, self.ref = cap.tcp(client, server, port), 0
        if connect:
            tsaps = 'c0010ac1020100c202' + called
            self.tcp.client(tpkt(H('11e00000000100' + tsaps)))
            self.tcp.server(tpkt(H('11d00001000200' + tsaps)), 0.003)
        if setup:
            self.ask(H('f0000001000101e0'), b'', H('f0000001000100f0'))

    def ask(self, param, data=b'', answer=None, answer_data=b'', error=0, rosctr=3):
        self.ref += 1
        self.tcp.client(dt(job(self.ref, param, data)), 0.05)
        if answer is not None:
            self.tcp.server(dt(ack(self.ref, answer, answer_data, error, rosctr)), 0.008)

    def plc_asks(self, ref, param, answer, data=b''):
        self.tcp.server(dt(job(ref, param)), 0.004)
        self.tcp.client(dt(ack(ref, answer, data)), 0.004)

    def ud(self, group, sub, data, answer=UNANSWERED, error=0, unit=0, more=0, kind=4, param=b'', code=0xff):
        """A userdata request and its answer; None: with nothing in it."""
        self.ref += 1
        self.tcp.client(dt(job(self.ref, userdata(kind, group, sub, *param), units(data), 7)), 0.05)
        if answer is not UNANSWERED:
            self.tcp.server(dt(job(self.ref, userdata(kind + 4, group, sub, unit, more, error), units(answer, code), 7)), 0.008)

    def push(self, group, sub, data):
        self.tcp.server(dt(job(0, userdata(0, group, sub), units(data), 7)), 0.05)


def userdata(kind, group, sub, unit=None, more=0, error=0):
    head = H('000112')
    if unit is None:
        return head + bytes([4, 0x11, kind << 4 | group, sub, 0])
    return head + bytes([8, 0x12, kind << 4 | group, sub, 1, unit, more]) + struct.pack('>H', error)


def units(data, code=0xff):
    if data is None:
        return H('0a000000')
    return struct.pack('>BBH', code, 9, len(data)) + data


def write(cap, name):
    cap.write(os.path.join(OUT, name + '.pcap'))


def variables():
    cap = Capture('2026-03-02T08:00:00Z')
    s = S7(cap, *hosts())
    # The areas and sizes of S7ANY, one item each, and what is read.
    for area, first, count, db, size, reply in (
            (0x84, 8 * 20 + 3, 1, 10, 1, value(b'\1', 3, 0xff)), (0x84, 8 * 4, 6, 10, 2, value(H('010203040506'), 4, 0xff)),
            (0x85, 0, 2, 11, 3, value(b'ok', 4, 0xff)), (0x81, 0, 2, 0, 4, value(H('00010002'), 4, 0xff)),
            (0x82, 16, 1, 0, 5, value(H('fffe'), 5, 0xff)), (0x83, 800, 1, 0, 6, value(H('0000002a'), 4, 0xff)),
            (0x83, 800, 1, 0, 7, value(H('fffffffe'), 6, 0xff)), (0x83, 800, 2, 0, 8, value(H('3f8000003f000000'), 7, 0xff)),
            (0x80, 0, 1, 0, 9, value(H('2f00'), 4, 0xff)), (0x86, 0, 1, 0, 10, value(H('02932e00'), 4, 0xff)),
            (0x87, 0, 1, 0, 11, value(H('000003e8'), 4, 0xff)), (0x83, 0, 1, 0, 12, value(H('2100'), 4, 0xff)),
            (0x84, 0, 1, 12, 15, value(H('2603020800000002'), 9, 0xff)), (0x1d, 5, 2, 0, 0x1d, value(H('00100020'), 9, 0xff)),
            (0x1c, 7, 1, 0, 0x1c, value(H('0042'), 9, 0xff)), (0x03, 0, 4, 0, 2, value(H('00000000'), 4, 0xff)),
            (0x05, 0, 1, 0, 2, value(H('00'), 4, 0xff)), (0x06, 0, 1, 0, 4, value(H('0000'), 4, 0xff)),
            (0x07, 0, 1, 0, 4, value(H('0000'), 4, 0xff))):
        s.ask(H('0401') + any_item(area, first, count, db, size), b'', H('0401'), reply)
    # Several items: odd lengths are padded except the last; one of them does not exist.
    items = any_item(0x84, 0, 3, 1) + any_item(0x84, 0, 1, 999) + any_item(0x83, 8, 1) + any_item(0x81, 1, 1, 0, 1)
    s.ask(H('0404') + items, b'', H('0404'), value(H('aabbcc'), 4, 0xff, False) + H('0a000004') +
          value(H('dd'), 4, 0xff, False) + value(H('01'), 3, 0xff))
    s.ask(H('0503') + items[:36], value(H('aabbcc'), 4, 0, False) + value(H('00'), 4, 0, False) + value(H('dd'), 4),
          H('0503'), H('ff0aff'))
    # Refused as a whole, by a header with and without a parameter.
    s.ask(H('0502') + items[:24], value(H('aabbcc'), 4, 0, False) + value(H('00'), 4), H('0500'), b'', 0x8703)
    s.ask(H('0401') + any_item(0x84, 0, 500, 1), b'', b'', b'', 0x8500, 2)
    # The other addressing syntaxes.
    s.ask(H('0401') + spec(0xb0, H('02040005000a020006000c')), b'', H('0401'), value(H('010203040506'), 9, 0xff))
    s.ask(H('0402') + spec(0xb2, H('ff8a0e0003') + H('11223344') + H('2000000140000002')) +
          spec(0xb2, H('ff00000052') + H('55667788') + H('2000001e')), b'', H('0402'), value(H('0001'), 4, 0xff) + value(H('02'), 4, 0xff))
    s.ask(H('0403') + spec(0x82, H('41000100027f01')) + spec(0x83, H('60000200017401')) + spec(0x84, H('01000300011001')), b'',
          H('0403'), value(H('0000000000004059'), 9, 0xff) + value(H('00'), 9, 0xff, False) + value(H('31'), 9, 0xff))
    s.ask(H('0401') + spec(0xa2, H('0100000000') + H('03660001')), b'', H('0401'), value(H('00000000'), 4, 0xff))
    s.ask(H('0401') + spec(0x13, H('0000001234')), b'', H('0401'), value(H('00'), 4, 0xff))
    s.ask(H('0401') + spec(0x77, H('0102030405')), b'', H('0401'), H('06000000'))
    # Two requests, answered the other way round.
    s.tcp.client(dt(job(100, H('0401') + any_item(0x83, 0, 1))), 0.05)
    s.tcp.client(dt(job(101, H('0401') + any_item(0x83, 8, 1))), 0.001)
    s.tcp.server(dt(ack(101, H('0401'), value(H('02'), 4, 0xff))), 0.008)
    s.tcp.server(dt(ack(100, H('0401'), value(H('01'), 4, 0xff))), 0.001)
    # No request was seen; a function that nobody knows; services of the CPU.
    s.tcp.server(dt(ack(999, H('0401'), value(H('07'), 4, 0xff))), 0.05)
    s.ask(H('7f00'), b'', H('7f'), b'', 0x8100)
    s.ask(H('00'), b'', H('00'))
    write(cap, 'variables')


def broken():
    cap = Capture('2026-03-02T08:10:00Z')
    s = S7(cap, *hosts())
    s.ask(H('0402') + any_item(0x83, 0, 1), b'', H('0402'), value(H('01'), 4, 0xff))          # an item is missing
    s.ask(H('0400'), b'', H('0400'))                                                          # none at all
    s.ask(H('0401') + H('120a1002000100018300'), b'', H('0401'), H('ff04ffff00'))              # shorter than they say
    s.ask(H('0501') + any_item(0x83, 0, 4), H('0004ffff0102'), H('0501'), b'')
    s.ask(H('0401') + H('130a10020001000083000000'), b'', H('0401'), H('05000000'))            # no specification
    s.ask(H('0401') + H('12041002000183'), b'', H('0401'), H('05000000'))                     # S7ANY of another length
    s.ask(H('0401') + any_item(0x99, 0, 1), b'', H('0401'), H('05000000'))                    # no such area
    s.ask(H('0401') + any_item(0x83, 0, 0), b'', H('0401'), H('05000000'))                    # nothing of it
    s.tcp.client(dt(H('32010000007700ff0000') + H('0401')), 0.05)                             # parameter past the end
    s.tcp.client(dt(H('320100000078000200ff') + H('0401') + b'\0'), 0.05)                     # data past the end
    s.tcp.client(dt(job(0x79, H('0401') + any_item(0x83, 0, 1)) + H('0000')), 0.05)           # bytes behind the end
    s.tcp.client(dt(H('320100')), 0.05)                                                       # half a header
    s.tcp.client(dt(H('3209000000800002000004ff')), 0.05)                                     # no such kind of PDU
    s.tcp.client(dt(H('3207000000810004000000011204')), 0.05)                                 # userdata without its parameter
    s.ask(H('1d0000000000000009') + b'_0A', b'', b'', b'', 0xd201, 2)                         # a name that ends early
    s.ask(H('2800000000'), b'', b'', b'', 0x8500, 2)
    s.ask(H('290000000000ff50'), b'', b'', b'', 0x8500, 2)
    s.ud(4, 1, H('00'), H('0011'))                                                            # half a list id
    s.ud(4, 1, H('00110000'), H('00110000001c0003') + bytes(20))                              # a record that ends early
    write(cap, 'broken')


def blocks():
    cap = Capture('2026-03-02T08:20:00Z')
    s = S7(cap, *hosts())
    name = H('09') + b'_0A00010P'
    # A download: the station asks, then the PLC fetches the block.
    s.ask(H('1a00010000000000') + name + H('0d') + b'1000300000100', b'', H('1a'))
    s.plc_asks(0x100, H('1b00000000000000') + name, H('1b01'), H('000400fb') + H('70700101'))
    s.plc_asks(0x200, H('1b00000000000000') + name, H('1b00'), H('000400fb') + H('01020304'))
    s.plc_asks(0x300, H('1c00000000000000') + name, H('1c'))
    s.ask(pi('_INSE', H('0100') + b'0A00010P'), b'', H('28'))
    s.ask(pi('_INS2', H('0200') + b'0800001P' + b'0C00002P'), b'', H('28'))
    s.ask(H('1a00010000000000') + H('09') + b'_0800001P' + H('0d') + b'1000300000100', b'', b'', b'', 0xd242, 2)
    # An upload: the block is only known from its first request.
    s.ask(H('1d00000000000000') + H('09') + b'_0E00003A', b'', H('1d00010000000007') + H('07') + b'0000216')
    s.ask(H('1e00000000000007'), b'', H('1e01'), H('000400fb') + H('70700101'))
    s.ask(H('1e00000000000007'), b'', H('1e00'), H('000400fb') + H('70700101'))
    s.ask(H('1f00000000000007'), b'', H('1f'))
    s.ask(H('1e00000000000007'), b'', b'', b'', 0x8401, 2)
    s.ask(H('1d00000000000000') + H('09') + b'_0B00000A', b'', b'', b'', 0xd241, 2)
    s.ask(H('1d00000000000000') + H('0b') + b'_N_PART_MPF', b'', H('1d00010000000008') + H('07') + b'0000010')
    # Services.
    s.ask(pi('_DELE', H('0200') + b'0A00010B' + b'0E00003B'), b'', H('28'))
    s.ask(pi('_DELE', H('0100') + b'0A00099B'), b'', b'', b'', 0xd209, 2)
    s.ask(pi('_MODU', b'EP'), b'', H('28'))
    s.ask(pi('_GARB', b''), b'', H('28'))
    s.ask(pi('P_PROGRAM', b''), b'', H('28'))
    s.ask(pi('P_PROGRAM', b'C '), b'', H('28'))
    s.ask(pi('_N_F_DELE', H('0230 31 00') + H('0b') + b'_N_PART_MPF'), b'', H('28'))
    s.ask(pi('_N_LOGIN_', H('0230 31 00') + H('06') + b'SUNRIS' + H('00')), b'', H('28'))
    s.ask(pi('_N_WHAT__', H('0230 31 00')), b'', b'', b'', 0x8104, 2)
    s.ask(H('290000000000') + H('09') + b'P_PROGRAM', b'', H('29'))
    s.ask(H('290000000000') + H('09') + b'P_PROGRAM', b'', b'', b'', 0x8404, 2)
    s.tcp.server(dt(job(0, H('0100101000000000'), b'', 7)), 0.05)                             # the CPU tells that it stops
    write(cap, 'blocks')


def pi(service, argument):
    return H('28000000000000fd') + struct.pack('>H', len(argument)) + argument + bytes([len(service)]) + service.encode()


def szl(number, index, size, *records):
    return struct.pack('>HHHH', number, index, size, len(records)) + b''.join(r.ljust(size, b'\0') for r in records)


def tis(items, data=b'', head=20):
    body = struct.pack('>H', len(items)) + b''.join(items) + data
    return struct.pack('>HH', head, len(body)) + bytes(head) + body


def services():
    cap = Capture('2026-03-02T08:30:00Z')
    s = S7(cap, *hosts(), called='0203')
    order = b'6ES7 315-2EH14-0AB0 '
    module = szl(0x11, 0, 28, H('0001') + order + H('00c000030001'), H('0006') + order + H('00c000030001'),
                 H('0007') + b' ' * 20 + H('00c056030207'))
    s.ud(4, 1, H('00110000'), module)
    # A list in three data units.
    names = szl(0x1c, 0, 34, H('0001') + b'Line 3', H('0002') + b'Capper', H('0003') + b'Bottling', H('0004') + b'Original Siemens Equipment',
                H('0005') + b'S C-X4U421302009', H('0007') + b'CPU 315-2 PN/DP', H('0009') + H('002af600'))
    s.ud(4, 1, H('001c0000'), names[:100], 0, 0x31, 1)
    s.ud(4, 1, None, names[100:200], 0, 0x31, 1, param=(0x31,))
    s.ud(4, 1, None, names[200:], 0, 0x31, 0, param=(0x31,))
    s.ud(4, 1, H('01320004'), szl(0x132, 4, 40, H('0004000100030000000100020000')))
    s.ud(4, 1, H('04240000'), szl(0x424, 0, 20, H('515144ff08')))
    s.ud(4, 1, H('0f110000'), None, 0xd401)
    s.ud(3, 1, None, H('3038000130450000304300003041000230420008'))
    s.ud(3, 2, b'0A', H('00012205000a2205'))
    s.ud(3, 3, b'0A00010A', bytes(78))
    s.ud(3, 3, b'0C00099A', None, 0xd209)
    # Programmer commands: watched, modified, forced, reset.
    s.ud(1, 2, tis([H('010400000010'), H('71020005000c'), H('540100000003')]), None)
    s.push(1, 2, H('0004000a01000001') + H('0001ff09000401020304'))
    s.ud(1, 8, tis([H('020100000004'), H('720100050008'), H('100100000008')],
                   value(H('dead'), 9) + value(H('beef'), 9) + value(H('01'), 9, 0, False)), None)
    s.ud(1, 9, tis([H('210100000002')], value(H('ff'), 9, 0, False)), None)
    s.ud(1, 9, H('0001'), None, 0xd0a1)
    s.ud(1, 0x0c, H('0000'), None)
    s.ud(1, 9, H('0001'))
    for sub in (1, 3, 7, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x10, 0x13, 0x16):
        s.ud(1, sub, H('00140002') + bytes(20) + H('0802'), None)
    # Cyclic data.
    s.ud(2, 1, H('00020001') + any_item(0x84, 0, 2, 10) + any_item(0x83, 8 * 100, 1), H('0002') + value(H('0102'), 4, 0xff) + value(H('03'), 4, 0xff))
    s.push(2, 1, H('0002') + value(H('0103'), 4, 0xff) + value(H('04'), 4, 0xff))
    s.ud(2, 1, H('00010001') + any_item(0x84, 0, 2, 999), None, 0xd801)
    s.ud(2, 4, H('0005'), None)
    # Messages and alarms.
    s.ud(4, 2, H('8100') + b'HmiRtm  ' + H('0900'), H('02000901'))
    s.push(4, 3, H('4304ff84000000000000000094010921'))
    s.push(4, 5, H('2603020830000002') + H('0001') + spec(0x16, H('0060000001' + '0101')))
    s.push(4, 0x11, H('2603020830000002') + H('0001') + spec(0x16, H('0060000002' + '0101')))
    s.push(4, 0x16, H('2603020830000002') + H('0001') + spec(0x1c, H('0060000003' + '0101')))
    s.ud(4, 7, H('0002') + spec(0x15, H('0060000001')) + spec(0x15, H('0060000002')), H('0002ffff'))
    s.ud(4, 8, H('0001') + spec(0x15, H('0060000001')), H('0001ff'))
    s.ud(4, 0x0b, H('0801') + spec(0x19, H('0060000001' + '0101')), H('0801ff'))
    s.push(4, 0x0d, H('0001') + spec(0x15, H('0060000001')))
    s.ud(4, 0x13, H('0001') + spec(0x1a, H('00013400000004')), H('00010a000000'))
    # Clock, password, NC, blocks between PLCs, routed records, what nobody knows.
    s.ud(7, 1, None, H('00192603020830000002'))
    s.ud(7, 2, H('00192603020831000002'), None)
    s.ud(7, 4, H('00192603020832000002'), None, 0xdc01)
    s.ud(5, 1, H('64561064571165e6'), None)
    s.ud(5, 1, H('0000000000000000'), None, 0xd602)
    s.ud(0xf, 1, H('00') + b'_N_PART_MPF', H('00'), kind=7)
    s.ud(0xf, 6, H('00') + b'_N_PART_MPF', H('00'), kind=7)
    s.ud(6, 1, spec(0x13, H('0000001234')), None)
    s.ud(0, 3, H('00'), None, kind=6)
    s.ud(9, 9, H('00'), None, 0x8104)
    for mode in (2, 1, 6):
        s.tcp.server(dt(job(0, H('010010100000') + bytes([mode, 0]), b'', 7)), 0.05)
    write(cap, 'services')


def transport():
    cap = Capture('2026-03-02T08:40:00Z')
    client, server = hosts()
    s = S7(cap, client, server)
    whole = job(7, H('0401') + any_item(0x83, 0, 16))
    s.tcp.client(tpkt(H('02f000')), 0.05)                                                     # nothing in it
    for at in range(0, len(whole), 8):
        s.tcp.client(dt(whole[at:at + 8], at + 8 >= len(whole)))
    s.tcp.server(dt(ack(7, H('0401'), value(bytes(range(16)), 4, 0xff))[:14], False))
    s.tcp.server(dt(ack(7, H('0401'), value(bytes(range(16)), 4, 0xff))[14:]))
    two = dt(job(8, H('0401') + any_item(0x83, 0, 1))) + dt(job(9, H('0401') + any_item(0x83, 8, 1)))
    s.tcp.client(two, 0.05)
    s.tcp.server(dt(ack(8, H('0401'), value(b'\1', 4, 0xff))) + dt(ack(9, H('0401'), value(b'\2', 4, 0xff))), mss=11)
    s.tcp.client(dt(job(10, H('0401') + any_item(0x83, 0, 1))), 0.05)
    s.tcp.segment(1, dt(ack(10, H('0401'), value(b'\3', 4, 0xff))), seen=False)               # the answer is not in the capture
    s.tcp.ack(0)
    s.tcp.client(dt(job(11, H('0401') + any_item(0x83, 0, 1))), 0.5)
    s.tcp.server(dt(ack(11, H('0401'), value(b'\4', 4, 0xff))))
    s.tcp.client(tpkt(H('06800002000180')), 0.05)                                             # the end of the connection
    s.tcp.close()
    # On another port, and from the middle of a connection.
    other = S7(cap, client, server, 4102)
    other.ask(H('290000000000') + H('09') + b'P_PROGRAM', b'', H('29'))
    middle = S7(cap, client, server, setup=False, connect=False)
    middle.ask(H('0401') + any_item(0x84, 0, 2, 5), b'', H('0401'), value(H('0102'), 4, 0xff))
    # Others on port 102 say nothing here: MMS over session and presentation, and something without a transport.
    mms = cap.tcp(client, server, 102)
    mms.client(tpkt(H('11e00000000100c0010ac1020001c2020001')))
    mms.server(tpkt(H('11d00001000200c0010ac1020001c2020001')))
    mms.client(dt(H('0d1c05061301001602011402000233020001340200013102800002') + bytes(3)))
    mms.server(dt(H('0e0805061301001602') + bytes(2)))
    for n in range(4):
        mms.client(dt(H('01000100611130 0f020103a00aa008020101a003 8001') + bytes([n])))
        mms.server(dt(H('01000100611130 0f020103a00aa108020101a003 8001') + bytes([n])))
    web = cap.tcp(client, server, 102)
    web.client(b'GET / HTTP/1.1\r\nHost: plc\r\n\r\n')
    web.server(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    write(cap, 'transport')


def vlq(n):
    out = [n & 0x7f]
    while n > 0x7f:
        n >>= 7
        out.insert(0, n & 0x7f | 0x80)
    return bytes(out)


class Plus:
    def __init__(self, cap, client, server):
        self.tcp, self.seq, self.session = cap.tcp(client, server, 102), 0, 0x3c0
        tsaps = 'c0010ac1020600c20f' + b'SIMATIC-ROOT-ES'.hex()
        self.tcp.client(tpkt(H('1ee00000000100' + tsaps)))
        self.tcp.server(tpkt(H('1ed00001000200' + tsaps)), 0.003)

    @staticmethod
    def packet(version, body, last=True, digest=False):
        body = (b'\x20' + bytes(range(32)) if digest else b'') + body
        return bytes([0x72, version]) + struct.pack('>H', len(body)) + body + (bytes([0x72, version, 0, 0]) if last else b'')

    def request(self, func, body, version=2, session=None, flags=0x34, digest=False):
        self.seq += 1
        head = struct.pack('>BHHHHIB', 0x31, 0, func, 0, self.seq, self.session if session is None else session, flags)
        self.tcp.client(dt(self.packet(version, head + body, True, digest)), 0.05)

    def response(self, func, body, version=2, digest=False, opcode=0x32, seq=None):
        head = struct.pack('>BHHHHB', opcode, 0, func, 0, seq or self.seq, 0x34)
        self.tcp.server(dt(self.packet(version, head + body, True, digest)), 0.01)

    def ask(self, func, body, answer=b'\0', **kw):
        self.request(func, body, **kw)
        self.response(func, answer, kw.get('version', 2), kw.get('digest', False))


def named(rid, cls, name):
    return b'\xa1' + struct.pack('>I', rid) + vlq(cls) + H('0000') + H('a3816900 15') + bytes([len(name)]) + name


def plus():
    cap = Capture('2026-03-02T08:50:00Z')
    client, server = hosts()
    p = Plus(cap, client, server)
    text = b'1;6ES7 214-1HE30-0XB0 ;V2.2'
    p.ask(0x4ca, H('0000011d 00 04 00 00000000') + named(0xd3, 287, b'Session_1') + H('a2'),
          H('1102 8740 8707 a1 00000120 821f 0000 823f0015') + bytes([len(text)]) + text, version=1, session=0x120, flags=0x36)
    p.ask(0x542, struct.pack('>I', p.session) + H('010182320100'))
    p.ask(0x54c, H('00000000 01 06') + b'\0' + vlq(0x8a0e0005) + b'\2' + vlq(2550) + vlq(10), H('00 01 0003 002a 00'))
    p.ask(0x54c, H('00000000 01 06') + b'\0' + vlq(0x52) + b'\2' + vlq(3736) + vlq(4))
    p.ask(0x542, H('00000000 01 06') + b'\0' + vlq(0x8a0e0005) + b'\2' + vlq(2550) + vlq(10) + H('01 0003 002b'))
    p.ask(0x4ca, H('000003c0 00 04 00 00000000') + named(0x7fffc001, 1001, b'Subscription_1') + H('a2'))
    p.tcp.server(dt(p.packet(2, H('330000006a0400000000000101') + bytes(4))), 0.05)
    p.request(0x4f2, H('0000006a 01') + vlq(1053) + H('000700'))
    p.response(0x4f2, H('00000000'), opcode=2)
    p.ask(0x4bb, H('00000003 0001 0001 00'))
    p.ask(0x4bb, H('00000072 0001 0001 00'))
    # A download with its object in three packets.
    p.ask(0x556, H('020001 00') + named(0x7fffc001, 1700, b'DLTransaction') + H('a2'))
    p.seq += 1
    head = struct.pack('>BHHHHIB', 0x31, 0, 0x4ca, 0, p.seq, p.session, 0x34) + H('00000003 00 04 00 00000000')
    p.tcp.client(dt(p.packet(2, head + named(0x8a320001, 2647, b'Main') + bytes(100), False)), 0.05)
    p.tcp.client(dt(p.packet(2, bytes(range(100)), False)))
    p.tcp.client(dt(p.packet(2, bytes(range(50)))))
    p.response(0x4ca, b'\0')
    p.ask(0x560, H('00000000 00'))
    p.ask(0x560, H('00000000 00'))
    p.ask(0x4f2, H('00000034 01') + vlq(2167) + H('00 08 01'))                                # stop
    p.ask(0x4f2, H('00000034 01') + vlq(2167) + H('00 08 03'), vlq(0x7f) and H('c08895b080ef91fff4'))  # start, refused
    p.ask(0x4d4, H('8a0e0007 00'))
    p.ask(0x56b, H('00000034 00'))
    p.ask(0x586, H('00000032 20 04'), version=3, digest=True)
    p.ask(0x586, H('00000031 20 04'), H('00 00 14 003c 002000380100 002a') + b'6ES7 214-1HE30-0XB0 ' + b'S C-X1U234567890' +
          H('0002 56020200 0000 0000 0000 0101 001e'))
    p.request(0x666, H('00000000'))
    p.tcp.client(dt(p.packet(2, H('7f0102030405'))), 0.05)
    p.tcp.client(dt(p.packet(2, H('3100'))), 0.05)
    p.tcp.client(dt(H('720200ff31')), 0.05)
    p.tcp.server(dt(H('72fe0016') + bytes(12) + b'LOGOUT'), 0.05)
    p.tcp.client(dt(H('72ff0010')), 0.05)
    p.ask(0x4d4, struct.pack('>I', p.session) + b'\0')
    # A session that goes on in TLS.
    t = Plus(cap, client, server)
    t.ask(0x5b3, H('00'), version=1, session=0x120)
    t.tcp.client(dt(H('16030100050100000100')), 0.05)
    t.tcp.server(dt(H('16030300050200000100')), 0.01)
    t.tcp.client(dt(H('170303000501020304 05')), 0.01)
    write(cap, 'plus')


for make in (variables, broken, blocks, services, transport, plus):
    make()
