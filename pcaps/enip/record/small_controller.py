#!/usr/bin/env python3
"""small_controller.py ADDRESS: enough of a controller for real clients to talk to. Sessions, connections, Unconnected Send,
Multiple Service Packet, a few tags, tag list, identity, wall clock, ListIdentity, one class 1 connection. Refuses the rest."""
import socket
import struct
import sys
import threading
import time

SESSION = 0x00020004
TAGS = {b'Setpoint': (0xc4, b'\xe8\x03\0\0'), b'Level': (0xca, struct.pack('<f', 42.5)), b'Run': (0xc1, b'\1'),
        b'Recipe': (0xc3, struct.pack('<10h', *range(10))), b'Program:Main.Step': (0xc3, b'\7\0')}
IDENTITY = struct.pack('<HHHBBHI', 1, 14, 166, 32, 11, 0x3060, 0xc0ffee42) + b'\x0f1756-L85E LOGIX'
connections = {}


def items(*list_of):
    return struct.pack('<H', len(list_of)) + b''.join(struct.pack('<HH', t, len(d)) + d for t, d in list_of)


def answer(service, status=0, data=b'', ext=()):
    return struct.pack('BBBB', service | 0x80, 0, status, len(ext)) + b''.join(struct.pack('<H', e) for e in ext) + data


def parse(path):
    """Symbol (with its members) and the list of (kind, number) of the logical segments."""
    name, numbers, i = [], [], 0
    while i < len(path):
        kind = path[i]
        if kind == 0x91:
            n = path[i + 1]
            name.append(path[i + 2:i + 2 + n])
            i += 2 + n + n % 2
        elif kind & 3 == 0:
            numbers.append((kind & 0x1c, path[i + 1]))
            i += 2
        else:
            numbers.append((kind & 0x1c, struct.unpack_from('<H', path, i + 2)[0]))
            i += 4
    return b'.'.join(name), numbers


def forward_open(data, peer):
    up, down, serial, vendor, originator = struct.unpack_from('<IIHHI', data, 2)
    up = 0x00a10000 + len(connections) + 1
    connections[serial, vendor, originator] = (up, down)
    if data[35] == 2 and data[36:].find(b'\x20\x04') >= 0 or b'\x20\x04' in data[36:]:
        threading.Thread(target=produce, args=(peer, down), daemon=True).start()
    return struct.pack('<IIHHI', up, down, serial, vendor, originator) + data[22:26] + data[22:26] + b'\0\0'


def produce(peer, down):
    for n in range(1, 9):
        time.sleep(0.05)
        udp2222.sendto(items((0x8002, struct.pack('<II', down, n)), (0xb1, struct.pack('<H', n) + bytes([n] * 6))), (peer, 2222))


def cip(message, peer):
    service, words = message[0], message[1]
    path, data = message[2:2 + 2 * words], message[2 + 2 * words:]
    name, numbers = parse(path)
    cls = next((n for k, n in numbers if k == 0), None)
    if cls == 6 and service == 0x52:
        return cip(data[4:4 + struct.unpack_from('<H', data, 2)[0]], peer)
    if cls == 6 and service == 0x54:
        return answer(service, 0, forward_open(data, peer))
    if cls == 6 and service == 0x4e:
        serial, vendor, originator = struct.unpack_from('<HHI', data, 2)
        return answer(service, 0, struct.pack('<HHIBB', serial, vendor, originator, 0, 0))
    if service == 0x0a:
        count, = struct.unpack_from('<H', data)
        at = list(struct.unpack_from('<%dH' % count, data, 2)) + [len(data)]
        parts = [cip(data[a:b], peer) for a, b in zip(at, at[1:])]
        offsets, where = b'', 2 + 2 * count
        for p in parts:
            offsets += struct.pack('<H', where)
            where += len(p)
        return answer(service, 0x1e if any(p[2] for p in parts) else 0, struct.pack('<H', count) + offsets + b''.join(parts))
    if cls == 1 and service == 0x01:
        return answer(service, 0, IDENTITY)
    if cls == 0x8b and service == 0x0e:
        return answer(service, 0, struct.pack('<7I', 2026, 3, 2, 6, 0, 0, 0))
    if cls == 0x8b and service == 0x10:
        return answer(service)
    if cls == 0x6b and service == 0x55:
        mine = [(i + 1, n, t) for i, (n, (t, v)) in enumerate(sorted(TAGS.items())) if not n.startswith(b'Program')]
        return answer(service, 0, b''.join(struct.pack('<IH', i, len(n)) + n + struct.pack('<H', t) for i, n, t in mine))
    if name in TAGS and service in (0x4c, 0x52):
        kind, value = TAGS[name]
        member = next((n for k, n in numbers if k == 8), 0)
        size = 2 if kind == 0xc3 else len(value)
        return answer(service, 0, struct.pack('<H', kind) + value[member * size:(member + struct.unpack_from('<H', data)[0]) * size])
    if name in TAGS and service == 0x4d:
        if name == b'Run':
            return answer(service, 0x0f)
        TAGS[name] = (TAGS[name][0], data[4:])
        return answer(service)
    if name and service in (0x4c, 0x4d, 0x52, 0x53):
        return answer(service, 0x05, b'', (0,))
    return answer(service, 0x08)


def reply(command, session, context, data, peer):
    if command == 0x65:
        return 0, SESSION, data
    if command == 0x63:
        return 0, session, items((0x0c, struct.pack('<H', 1) + struct.pack('>HH4s8x', 2, 44818, socket.inet_aton(sys.argv[1])) +
                                  IDENTITY + b'\3'))
    if command == 0x6f:
        said = cip(data[16:], peer)
        return 0, session, data[:6] + items((0, b''), (0xb2, said))
    if command == 0x70:
        up, = struct.unpack_from('<I', data, 12)
        down = next((d for u, d in connections.values() if u == up), 0)
        return 0, session, data[:6] + items((0xa1, struct.pack('<I', down)), (0xb1, data[20:22] + cip(data[22:], peer)))
    return 1, session, b''


def serve(conn, peer):
    data = b''
    while True:
        more = conn.recv(4096)
        if not more:
            return
        data += more
        while len(data) >= 24 and len(data) >= 24 + struct.unpack_from('<H', data, 2)[0]:
            command, length, session, _, context, _ = struct.unpack_from('<HHIIQI', data)
            body, data = data[24:24 + length], data[24 + length:]
            if command in (0x00, 0x66):
                continue
            status, session, said = reply(command, session, context, body, peer)
            conn.sendall(struct.pack('<HHIIQI', command, len(said), session, status, context, 0) + said)


def browse(udp):
    while True:
        data, peer = udp.recvfrom(2048)
        if data[:2] == b'\x63\0':
            _, _, said = reply(0x63, 0, 0, b'', peer)
            udp.sendto(struct.pack('<HHIIQI', 0x63, len(said), 0, 0, 0, 0) + said, peer)


udp2222 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp2222.bind((sys.argv[1], 2222))
udp44818 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp44818.bind(('', 44818))
threading.Thread(target=browse, args=(udp44818,), daemon=True).start()
listener = socket.create_server((sys.argv[1], 44818))
while True:
    c, (ip, _) = listener.accept()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(c, ip), daemon=True).start()
