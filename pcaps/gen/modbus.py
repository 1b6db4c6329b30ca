#!/usr/bin/env python3
"""modbus.py: the captures in pcaps/modbus that no stack makes: each function legal, refused and broken, UMAS, ids that
lie, directions that ports hide, headers that are none. Examples are those of the standard where it has some."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Capture, Host

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'modbus')


def hosts():
    return Host('192.0.2.10', '02:00:5e:10:00:10'), Host('192.0.2.20', '02:00:5e:10:00:20')


def adu(txn, pdu, unit=1, protocol=0, length=None):
    pdu = bytes.fromhex(pdu) if isinstance(pdu, str) else pdu
    return struct.pack('>HHHB', txn, protocol, len(pdu) + 1 if length is None else length, unit) + pdu


def write(cap, name):
    cap.write(os.path.join(OUT, name + '.pcap'))


class Talk:
    """One connection; requests are numbered, an answer comes 5 ms after."""

    def __init__(self, cap, client, server, port=502, sport=None, handshake=True):
        self.tcp, self.txn = cap.tcp(client, server, port, sport, handshake), 0

    def ask(self, pdu, answer=None, unit=1, txn=None):
        self.txn += 1
        self.tcp.client(adu(self.txn, pdu, unit), 0.1)
        if answer is not None:
            self.tcp.server(adu(self.txn if txn is None else txn, answer, unit), 0.005)


# Function: request, response, and a broken PDU of each side where that differs (MAP, section 6).
FUNCTIONS = [
    ('0100130013', '0103cd6b05', '01001300', '0104cd6b05'),
    ('0200c40016', '0203acdb35', '0200c407d1', '0203acdb3500'),
    ('03006b0003', '0306022b00000064', '03006b0000', '0305022b000000'),
    ('0400080001', '0402000a', '04ffff0002', '0404000a0000'),
    ('0500acff00', '0500acff00', '0500ac0100', '0500ac'),
    ('0600010003', '0600010003', '06000100', '0600010004'),
    ('07', '076d', '0700', '07'),
    ('080000a537', '080000a537', '0800050000', '080000'),
    ('0b', '0bffff0108', '0b00', '0bffff'),
    ('0c', '0c080000010801212000', '0c00', '0c0900000108012120'),
    ('0f0013000a02cd01', '0f0013000a', '0f0013000a03cd0100', '0f0013'),
    ('100001000204000a0102', '1000010002', '100001000304000a0102', '1000010002ff'),
    ('11', '110809ff50554d502d37', '1100', '110909ff50554d502d37'),
    ('140e0600040001000206000300090002', '140c05060dfe0020050633cd0040', '14080600040001000206', '140c05060dfe0020050533cd0040'),
    ('150d0600040007000306af04be100d', '150d0600040007000306af04be100d', '150d0600040007000406af04be100d', '150d05'),
    ('16000400f20025', '16000400f20025', '16000400f2', '16000400f200250000'),
    ('1700030006000e00030600ff00ff00ff', '170c00fe0acd00010003000d00ff', '1700030006000e00030500ff00ff00', '170a00fe0acd00010003000d'),
    ('1804de', '180006000201b81284', '1804', '180006000301b81284'),
    ('2b0e0100', '2b0e01010000030007' + b'Example'.hex() + '0104' + b'EX-1'.hex() + '0204' + b'V1.2'.hex(), '2b0e0500',
     '2b0e01010000030009' + b'Example'.hex()),
    ('2b0d112233', '2b0d112233', '2b', '2b'),
]


def functions():
    cap = Capture('2026-03-02T07:00:00Z')
    client, server = hosts()
    talk = Talk(cap, client, server)
    for request, response, bad_request, bad_response in FUNCTIONS:
        code = int(request[:2], 16)
        talk.ask(request, response)
        talk.ask(request, '%02x02' % (code | 0x80))
        talk.ask(bad_request, '%02x03' % (code | 0x80))
        talk.ask(request, bad_response)
    for sub in [1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20]:
        data = {1: 'ff00', 3: '0a00'}.get(sub, '0000')
        talk.ask('08%04x%s' % (sub, data), None if sub == 4 else '08%04x%s' % (sub, data))
    talk.ask('0600010003', '8605')                          # acknowledged: done later
    talk.ask('0600010003', '862a')                          # no such exception
    # device identification in two steps: more follows
    talk.ask('2b0e0200', '2b0e0282ff0402' + '0007' + b'Example'.hex() + '0104' + b'EX-1'.hex())
    talk.ask('2b0e0204', '2b0e0282000003' + '0407' + b'Example'.hex() + '0506' + b'EX-1/C'.hex() + '0606' + b'Well 3'.hex())
    for code in (0, 9, 13, 42, 65, 72, 100, 110, 111, 125):  # not decoded
        talk.ask('%02x0102' % code, '%02x01' % (code | 0x80))
    talk.ask('4100', '4100')
    talk.tcp.close()
    write(cap, 'functions')


UMAS = [
    ('0002', '00fe10ff5a01010000007002000027000900080000000000' + '0e' + b'140 CPU 311 10'.hex() + '00'),
    ('000100', '00fefd0001040000320000000000' + '00'),
    ('000300', '00fe' + '00' * 18 + '020c3b0c0e01de07' * 2 + '08000000' + '08' + b'Project'.hex() + '0000'),
    ('0004', '00fe02828006b0d56f1b'),
    ('0006', '00fe00'),
    ('000a00545454', '00fe00545454'),
    ('0010434c00000f' + b'USER-714E74F21B'.hex(), '00fe01'),
    ('0112', '01fe'),
    ('0120001300640000000400', '01fe00040001020304'),
    ('0121001300640000000400' + '0a0b0c0d', '01fe'),
    ('0122b0d56f1b01' + '01120001080000', '01fe3412'),
    ('0123b0d56f1b01' + '01120001080000' + 'ff', '01fe'),
    ('012400', '01fe0102'), ('01250001', '01fd8001'), ('012602dd00000000000000000000', '01fe00'),
    ('01300001', '01fefb03'), ('013100010100' + '0400' + '41505800', '01fe'), ('01320001', '01fe'),
    ('013300010000', '01fefb03'), ('013400010100', '01fe01fb034150'), ('013500010100', '01fe'), ('0136', '01fe'),
    ('0138' + 'aa' * 8, '01fd8301'), ('0141ff00', '01fe'), ('0140ff00', '01fe'), ('0142ff00', '01fe'), ('0143', '01fe'),
    ('0150150001', '01fe00'), ('0152', '01fe'), ('0158', '01fe'), ('0160', '01fe'), ('0165', '01fe'), ('0170', '01fe'),
    ('017101', '01fe'), ('0173', '01fe'), ('0139', '01fe'), ('0111', '01fe'),
    ('01150001', '01fe00'),                                 # a code that nobody has explained
    ('01', '01'), ('0002', '00aa'),                         # broken
]


def umas():
    cap = Capture('2026-03-02T07:10:00Z')
    client, server = hosts()
    talk = Talk(cap, client, server)
    for request, response in UMAS:
        talk.ask('5a' + request, '5a' + response, 0)
    talk.ask('5a0141ff00', 'da01', 0)                       # refused by the Modbus layer
    block = bytes.fromhex('5a013100010200f003') + bytes(range(256)) * 3 + bytes(240)
    talk.ask(block, '5a01fe', 0)                            # longer than Modbus allows
    talk.tcp.server(adu(900, '5a00fe00', 0))                # an answer to nothing
    talk.tcp.close()
    write(cap, 'umas')


def order():
    """Ids that lie, answers out of order, sixteen requests before the first answer."""
    cap = Capture('2026-03-02T07:20:00Z')
    client, server = hosts()
    talk = Talk(cap, client, server)
    # two requests in one segment, answered in the other order
    talk.tcp.client(adu(1, '0300000001') + adu(2, '0300640002'), 0.1)
    talk.tcp.server(adu(2, '030411112222'), 0.003)
    talk.tcp.server(adu(1, '03023333'), 0.002)
    # sixteen in flight, answers in one segment
    talk.tcp.client(b''.join(adu(100 + i, '03%04x0001' % (i * 10)) for i in range(16)), 0.1)
    talk.tcp.server(b''.join(adu(100 + i, '0302%04x' % i) for i in range(16)), 0.02)
    # an answer that does not fit, one to nothing, one twice
    talk.tcp.client(adu(200, '0300000004'), 0.1)
    talk.tcp.server(adu(200, '03020001'), 0.004)
    talk.tcp.server(adu(201, '03020001'), 0.004)
    talk.tcp.client(adu(202, '0600010002'), 0.1)
    talk.tcp.server(adu(202, '0600010003'), 0.004)          # another value than was asked for
    # the same id on two units behind a gateway
    talk.tcp.client(adu(300, '0300000001', 1) + adu(300, '0300320001', 2), 0.1)
    talk.tcp.server(adu(300, '0302bbbb', 2) + adu(300, '0302aaaa', 1), 0.01)
    # an exception of one of two
    talk.tcp.client(adu(301, '0300000001') + adu(302, '0400000001'), 0.1)
    talk.tcp.server(adu(302, '8402') + adu(301, '03020007'), 0.01)
    talk.tcp.close()
    # a device that answers with id 0 always
    zero = Talk(cap, client, server)
    for i in range(1, 4):
        zero.tcp.client(adu(i, '03%04x%04x' % (i * 16, i)), 0.02)
    for i in (2, 1, 3):
        zero.tcp.server(adu(0, '03%02x' % (2 * i) + '00%02x' % i * i), 0.01)
    zero.ask('0600050001', '0600050001', txn=0)
    zero.ask('0600060001', '8602', txn=0)
    zero.tcp.close()
    # a device that repeats one id
    same = Talk(cap, client, server)
    for i in range(4):
        same.ask('03%04x0001' % (i * 100), '0302%04x' % i, txn=0x4d42)
    same.tcp.close()
    write(cap, 'order')


def direction():
    """Who asks, where ports and handshakes do not say or say it wrongly."""
    cap = Capture('2026-03-02T07:30:00Z')
    client, server = hosts()
    odd = Talk(cap, client, server, 1502)                   # another port, whole
    odd.ask('0300000002', '030400010002')
    odd.ask('0600010003', '0600010003')
    odd.ask('0600010003', '8602')
    odd.tcp.close()
    late = Talk(cap, client, server, 1503, handshake=False)  # another port, begun before the capture
    late.tcp.server(adu(7, '03020001'), 0.05)
    late.ask('0600010003', '0600010003')
    late.ask('0300000001', '03020001')
    # port 502 opens the connection and asks: the answers come from the other port
    turned = Talk(cap, client, server, 4446, sport=502)
    for i in range(5):
        turned.ask('03%04x0001' % i, '0302%04x' % i)
    turned.ask('0600010003', '0600010003')
    turned.tcp.close()
    # port 502 opens the connection and refuses what nobody asked
    push = Talk(cap, server, client, 4447, sport=502)
    for i in range(3):
        push.tcp.client(adu(1, '8106', 10), 0.1)
    push.tcp.client(adu(1, '2a000000', 10), 0.1)
    push.tcp.close()
    # UDP, on the usual port and off it
    for port in (502, 1502):
        cap.udp(client, server, 50002, port, adu(1, '0300000002'), 0.1)
        cap.udp(server, client, port, 50002, adu(1, '030400010002'), 0.005)
        cap.udp(client, server, 50002, port, adu(2, '0500acff00') + adu(3, '0500ad0000'), 0.1)
        cap.udp(server, client, port, 50002, adu(2, '0500acff00'), 0.005)
        cap.udp(server, client, port, 50002, adu(3, '8504'), 0.005)
    write(cap, 'direction')


def broken():
    """Headers that are none, and what comes after them."""
    cap = Capture('2026-03-02T07:40:00Z')
    client, server = hosts()
    talk = Talk(cap, client, server)
    for i in range(3):
        talk.ask('03%04x0001' % i, '03020001')
    talk.tcp.client(adu(2, '0300000001', length=34820), 0.1)  # impossible length
    talk.ask('0300000001', '03020002')
    talk.tcp.client(adu(3, '0300000001', protocol=1), 0.1)  # another protocol id
    talk.ask('0300000001', '03020003')
    talk.tcp.client(adu(4, '03', length=1), 0.1)            # a length without a function
    talk.ask('0300000001', '03020004')
    talk.tcp.client(b'GET / HTTP/1.0\r\n\r\n', 0.1)
    talk.ask('0300000001', '03020005')
    # a hole: the segment with the rest of one PDU was not captured
    talk.tcp.segment(0, adu(50, '100000000204000100')[:9], after=0.1)
    talk.tcp.segment(0, adu(50, '10000000020400010002')[9:] + adu(51, '0300000001'), seen=False)
    talk.tcp.ack(1)
    talk.ask('0300000001', '03020006')
    for i in range(24):                                     # enough for the hole to be given up
        talk.ask('03%04x0001' % i, '0302%04x' % i)
    talk.tcp.close()
    write(cap, 'broken')


for make in (functions, umas, order, direction, broken):
    make()
