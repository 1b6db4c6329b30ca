#!/usr/bin/env python3
"""recut.py MODE IN OUT: the same conversation, cut differently into packets.

  bytes       every TCP segment becomes segments of one byte
  reorder     TCP segments are cut in a few pieces; pieces that follow each other come out of order
  mirror      every IP packet twice: other TTL and MACs, every third copy in another VLAN
  retransmit  every TCP segment twice, at once or a little later, as a sender would resend it
  boundaries  TCP segments again in other pieces: parts of two, a longer one over a shorter one

What was said stays the same; only where and when does not. pcap and pcapng, Ethernet, SLL, SLL2, raw and
loopback frames, IPv4 and IPv6 with VLAN tags; what is not TCP (or for `mirror` not IP) stays as it is.
Checksums are made right. The same input gives the same output.
"""
import random
import struct
import sys

MAX_SEGMENT = 1400


class Frame:
    """One captured packet, taken apart as far as re-cutting needs it."""

    def __init__(self, ts, link, data, wire):
        self.ts, self.link, self.data, self.wire = ts, link, data, wire
        self.ip = self.tcp = self.payload = None
        if wire == len(data):
            self.parse()

    def parse(self):
        d, at, kind = self.data, 0, None
        if self.link == 1 and len(d) >= 14:
            at, kind = 14, struct.unpack_from('>H', d, 12)[0]
            while kind in (0x8100, 0x88a8, 0x9100) and len(d) >= at + 4:
                kind = struct.unpack_from('>H', d, at + 2)[0]
                at += 4
        elif self.link == 113 and len(d) >= 16:
            at, kind = 16, struct.unpack_from('>H', d, 14)[0]
        elif self.link == 276 and len(d) >= 20:
            at, kind = 20, struct.unpack_from('>H', d, 0)[0]
        elif self.link in (0, 108) and len(d) >= 4:
            at, kind = 4, 0
        elif self.link in (12, 14, 101, 228, 229):
            at, kind = 0, 0
        if kind == 0 and len(d) > at:
            kind = {4: 0x0800, 6: 0x86dd}.get(d[at] >> 4)
        if kind == 0x0800 and len(d) >= at + 20 and d[at] >> 4 == 4:
            hlen, total = (d[at] & 15) * 4, struct.unpack_from('>H', d, at + 2)[0]
            if struct.unpack_from('>H', d, at + 6)[0] & 0x3fff or total < hlen or at + total > len(d):
                return
            proto, l4, end = d[at + 9], at + hlen, at + total
        elif kind == 0x86dd and len(d) >= at + 40 and d[at] >> 4 == 6:
            proto, l4 = d[at + 6], at + 40
            end = l4 + struct.unpack_from('>H', d, at + 4)[0]
            if end > len(d):
                return
        else:
            return
        self.ip, self.v6, self.l4, self.end, self.proto = at, kind == 0x86dd, l4, end, proto
        if proto != 6 or l4 + 20 > end:
            return
        off = (d[l4 + 12] >> 4) * 4
        if off < 20 or l4 + off > end:
            return
        self.tcp = l4
        self.seq = struct.unpack_from('>I', d, l4 + 4)[0]
        self.flags = d[l4 + 13]
        self.payload = d[l4 + off:end]
        src, dst = (d[at + 8:at + 24], d[at + 24:at + 40]) if self.v6 else (d[at + 12:at + 16], d[at + 16:at + 20])
        self.key = (src, dst, d[l4:l4 + 4], self.data[12:at] if self.link == 1 else b'')

    def is_data(self):
        """A plain data segment: one that may be cut at will."""
        return self.tcp is not None and len(self.payload) > 0 and not self.flags & 0x27

    def with_payload(self, offset, payload, ident):
        """A segment like this one with other bytes, `offset` after the start of its own."""
        d, off = self.data, (self.data[self.l4 + 12] >> 4) * 4
        head = bytearray(d[:self.l4 + off])
        struct.pack_into('>I', head, self.l4 + 4, (self.seq + offset) & 0xffffffff)
        if self.v6:
            struct.pack_into('>H', head, self.ip + 4, off + len(payload))
        else:
            struct.pack_into('>H', head, self.ip + 2, self.l4 - self.ip + off + len(payload))
            struct.pack_into('>H', head, self.ip + 4, ident & 0xffff)
        return self.like(checked(head + payload, self.ip, self.v6, self.l4))

    def like(self, data):
        return Frame(self.ts, self.link, bytes(data), len(data))


def checksum(data):
    if len(data) % 2:
        data = bytes(data) + b'\0'
    s = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def checked(data, ip, v6, l4):
    """The IPv4 header checksum and the TCP checksum made right."""
    d = bytearray(data)
    length = len(d) - l4
    if v6:
        pseudo = bytes(d[ip + 8:ip + 40]) + struct.pack('>IHBB', length, 0, 0, 6)
    else:
        struct.pack_into('>H', d, ip + 10, 0)
        struct.pack_into('>H', d, ip + 10, checksum(d[ip:l4]))
        pseudo = bytes(d[ip + 12:ip + 20]) + struct.pack('>BBH', 0, 6, length)
    struct.pack_into('>H', d, l4 + 16, 0)
    struct.pack_into('>H', d, l4 + 16, checksum(pseudo + bytes(d[l4:])))
    return d


def read_pcap(raw):
    order, nano = {b'\xd4\xc3\xb2\xa1': ('<', 1000), b'\xa1\xb2\xc3\xd4': ('>', 1000),
                   b'\x4d\x3c\xb2\xa1': ('<', 1), b'\xa1\xb2\x3c\x4d': ('>', 1)}[raw[:4]]
    link, at, out = struct.unpack_from(order + 'I', raw, 20)[0] & 0xffff, 24, []
    while at + 16 <= len(raw):
        sec, sub, cap, wire = struct.unpack_from(order + '4I', raw, at)
        out.append(Frame(sec * 10**9 + sub * nano, link, raw[at + 16:at + 16 + cap], wire))
        at += 16 + cap
    return out


def read_pcapng(raw):
    at, out, order, links = 0, [], '<', []
    while at + 12 <= len(raw):
        kind = raw[at:at + 4]
        if kind == b'\n\r\r\n':
            order, links = ('<' if raw[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'), []
        kind, size = struct.unpack_from(order + '2I', raw, at)
        if kind == 1:
            unit, opt = 1000, at + 16
            while opt + 4 <= at + size - 4:
                code, length = struct.unpack_from(order + '2H', raw, opt)
                if code == 0:
                    break
                if code == 9:
                    unit = 10**9 // (2 ** (raw[opt + 4] & 127) if raw[opt + 4] & 128 else 10 ** raw[opt + 4])
                opt += 4 + (length + 3) // 4 * 4
            links.append((struct.unpack_from(order + 'H', raw, at + 8)[0], unit))
        elif kind == 6:
            iface, hi, lo, cap, wire = struct.unpack_from(order + '5I', raw, at + 8)
            link, unit = links[iface]
            out.append(Frame((hi << 32 | lo) * unit, link, raw[at + 28:at + 28 + cap], wire))
        at += size
    return out


def write(path, frames):
    """A pcapng with one interface a link type, nanoseconds."""
    links = sorted({f.link for f in frames})
    with open(path, 'wb') as out:
        out.write(struct.pack('<IIIHHqI', 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28))
        for link in links:
            out.write(struct.pack('<IIHHIHHB3xHHI', 1, 32, link, 0, 262144, 9, 1, 9, 0, 0, 32))
        for f in frames:
            size = 32 + (len(f.data) + 3) // 4 * 4
            out.write(struct.pack('<7I', 6, size, links.index(f.link), f.ts >> 32, f.ts & 0xffffffff, len(f.data), f.wire))
            out.write(f.data + bytes(-len(f.data) % 4) + struct.pack('<I', size))


def pieces(frame, sizes, ident):
    out, at = [], 0
    for n in sizes:
        out.append(frame.with_payload(at, frame.payload[at:at + n], ident + len(out)))
        at += n
    return out


def mode_bytes(frames, rnd):
    for f in frames:
        if f.is_data():
            yield from pieces(f, [1] * len(f.payload), rnd.randrange(65536))
        else:
            yield f


def cuts(n, rnd):
    """Sizes of two to four pieces of n bytes."""
    at = sorted({0, n, *(rnd.randrange(1, n) for _ in range(3) if n > 1)})
    return [b - a for a, b in zip(at, at[1:])]


def mode_reorder(frames, rnd):
    begun, run, key = set(), [], None

    def flush():
        # Bytes before the first that a sensor sees of a conversation are not its to miss.
        head = 0 if not run or key in begun else 1
        tail = run[head:]
        rnd.shuffle(tail)
        out = run[:head] + tail
        if run:
            begun.add(key)
        run.clear()
        return out

    for f in frames:
        if not f.is_data() or f.key != key or len(run) > 8:
            yield from flush()
        if f.is_data():
            key = f.key
            run.extend(pieces(f, cuts(len(f.payload), rnd), rnd.randrange(65536)))
        else:
            if f.tcp is not None and f.flags & 2:
                begun.add(f.key)
            yield f
    yield from flush()


def mode_mirror(frames, rnd):
    for i, f in enumerate(frames):
        yield f
        if f.ip is None:
            continue
        d, ip = bytearray(f.data), f.ip
        ttl = ip + (7 if f.v6 else 8)
        d[ttl] = d[ttl] - 1 if d[ttl] > 1 else 64
        if not f.v6:
            hlen = (d[ip] & 15) * 4
            struct.pack_into('>H', d, ip + 10, 0)
            struct.pack_into('>H', d, ip + 10, checksum(d[ip:ip + hlen]))
        if f.link == 1:
            d[:12] = b'\x02\x00\x5e\x00\x00\x01\x02\x00\x5e\x00\x00\x02'
            if i % 3 == 2:
                d[12:12] = struct.pack('>HH', 0x8100, 999)
        copy = f.like(d)
        later = frames[i + 1].ts if i + 1 < len(frames) else f.ts + 300000
        copy.ts = max(f.ts, min(f.ts + 300000, later))
        yield copy


def mode_retransmit(frames, rnd):
    late = []
    for f in frames:
        if f.tcp is not None and f.flags & 7:
            late = [x for x in late if x[1].key != f.key]
        yield f
        for x in late:
            x[0] -= 1
        for x in [x for x in late if x[0] <= 0]:
            x[1].ts = f.ts
            yield x[1]
        late = [x for x in late if x[0] > 0]
        if f.is_data():
            again = f.with_payload(0, f.payload, rnd.randrange(65536))
            wait = rnd.choice((0, 0, 1, 3))
            if wait:
                late.append([wait, again])
            else:
                yield again


def mode_boundaries(frames, rnd):
    last = {}
    for f in frames:
        if not f.is_data():
            yield f
            continue
        ident, n = rnd.randrange(60000), len(f.payload)
        before = last.get(f.key)
        if n > 1 and rnd.random() < 0.5:            # a short one, then a longer one over it
            yield f.with_payload(0, f.payload[:rnd.randrange(1, n)], ident)
        yield f.with_payload(0, f.payload, ident + 1)
        if before and (before.seq + len(before.payload)) & 0xffffffff == f.seq:
            back = rnd.randrange(1, len(before.payload) + 1)
            fore = rnd.randrange(1, n + 1)
            if back + fore <= MAX_SEGMENT:          # the end of the one before and the start of this one
                yield f.with_payload(-back, before.payload[len(before.payload) - back:] + f.payload[:fore], ident + 2)
        elif n > 1:
            at = rnd.randrange(1, n)                # the end of this one alone
            yield f.with_payload(at, f.payload[at:], ident + 2)
        last[f.key] = f


def main(argv):
    modes = {k[5:]: v for k, v in globals().items() if k.startswith('mode_')}
    if len(argv) != 3 or argv[0] not in modes:
        sys.exit(__doc__)
    with open(argv[1], 'rb') as f:
        raw = f.read()
    frames = read_pcapng(raw) if raw[:4] == b'\n\r\r\n' else read_pcap(raw)
    write(argv[2], list(modes[argv[0]](frames, random.Random(1))))


if __name__ == '__main__':
    main(sys.argv[1:])
