"""wire.py - writes captures from a script: hosts, TCP conversations, datagrams. Python 3 standard library only.

    cap = Capture('2026-03-02T05:58:00Z')
    hmi, plc = Host('192.168.2.10', '00:1c:06:00:00:10'), Host('192.168.1.10', '00:80:f4:00:00:10')
    c = cap.tcp(hmi, plc, 502)              # handshake
    c.client(request)                       # from hmi, split at the MSS
    c.server(answer, after=0.004)           # seconds after what went before
    cap.wait(1.0)
    c.close()
    cap.udp(hmi, plc, 40000, 2222, payload)
    cap.write('pcaps/x/y.pcap')

Time only moves with `after` and wait(); cap.us (microseconds since 1970) may be set for a second line of action:
frames are sorted by time when they are written. The same script gives the same bytes.
"""
import calendar
import ipaddress
import struct
import time
import zlib

MSS = 1460
GAP = 0.0003            # seconds between two packets when nothing is said

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Host:
    """One network interface: address, MAC, and what its packets have in common."""

    def __init__(self, ip, mac, vlan=(), ttl=64):
        self.ip = ipaddress.ip_address(ip)
        self.mac = bytes.fromhex(mac.replace(':', ''))
        self.vlan = (vlan,) if isinstance(vlan, int) else tuple(vlan)
        self.ttl, self.ident, self.port = ttl, 1, 49152

    def next_ident(self):
        self.ident = (self.ident + 1) & 0xffff
        return self.ident

    def next_port(self):
        self.port += 1
        return self.port


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    s = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ip_packet(src, dst, proto, body, at):
    """An IP packet; at: where the checksum of the upper layer stands in its body (None: it has none)."""
    pseudo = src.ip.packed + dst.ip.packed
    if src.ip.version == 6:
        pseudo += struct.pack('>IHBB', len(body), 0, 0, proto)
    else:
        pseudo += struct.pack('>BBH', 0, proto, len(body))
    if at is not None:
        body = body[:at] + struct.pack('>H', checksum(pseudo + body) or 0xffff) + body[at + 2:]
    if src.ip.version == 6:
        return struct.pack('>IHBB', 6 << 28, len(body), proto, src.ttl) + src.ip.packed + dst.ip.packed + body
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(body), src.next_ident(), 0x4000, src.ttl, proto, 0)
    head += src.ip.packed + dst.ip.packed
    return head[:10] + struct.pack('>H', checksum(head)) + head[12:] + body


def ethernet(src, dst, packet):
    tags = b''.join(struct.pack('>HH', 0x8100, v) for v in (src.vlan or dst.vlan))
    kind = 0x86dd if src.ip.version == 6 else 0x0800
    return (dst.mac + src.mac + tags + struct.pack('>H', kind) + packet).ljust(60, b'\0')


class Tcp:
    """One TCP connection as a mirror port sees it."""

    def __init__(self, cap, client, server, sport, dport, handshake):
        self.cap, self.end, self.ports = cap, (client, server), (sport, dport)
        seed = '%s %d %s %d' % (client.ip, sport, server.ip, dport)
        self.seq = [zlib.crc32(seed.encode()), zlib.crc32(seed[::-1].encode())]
        if handshake:
            self.segment(0, b'', SYN)
            self.segment(1, b'', SYN | ACK)
            self.segment(0, b'', ACK)

    def packet(self, way, payload, flags, seq=None):
        """The frame of one segment; nothing moves on."""
        src, dst = self.end[way], self.end[1 - way]
        options = b'\x02\x04' + struct.pack('>H', MSS) if flags & SYN else b''
        ack = self.seq[1 - way] if flags & ACK else 0
        head = struct.pack('>HHIIBBHHH', self.ports[way], self.ports[1 - way],
                           (self.seq[way] if seq is None else seq) & 0xffffffff, ack & 0xffffffff,
                           (5 + len(options) // 4) << 4, flags, 64240, 0, 0)
        return ethernet(src, dst, ip_packet(src, dst, 6, head + options + payload, 16))

    def segment(self, way, payload, flags=PSH | ACK, after=GAP, seen=True):
        """One segment; seen=False: it was on the wire and the capture does not have it."""
        self.cap.wait(after)
        if seen:
            self.cap.frame(self.packet(way, payload, flags))
        self.seq[way] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    def again(self, way, payload, back, after=GAP):
        """Bytes sent once more, from `back` bytes before the end of what this side has sent."""
        self.cap.wait(after)
        self.cap.frame(self.packet(way, payload, PSH | ACK, self.seq[way] - back))

    def say(self, way, data, after=GAP, mss=MSS):
        for at in range(0, len(data), mss):
            self.segment(way, data[at:at + mss], PSH | ACK, after if at == 0 else GAP)

    def client(self, data, after=GAP, mss=MSS):
        self.say(0, data, after, mss)

    def server(self, data, after=GAP, mss=MSS):
        self.say(1, data, after, mss)

    def ack(self, way):
        self.segment(way, b'', ACK)

    def close(self):
        self.segment(0, b'', FIN | ACK)
        self.segment(1, b'', FIN | ACK)
        self.segment(0, b'', ACK)

    def reset(self, way=1):
        self.segment(way, b'', RST | ACK)


class Capture:
    def __init__(self, start='2026-03-02T06:00:00Z', link=1):
        self.us = calendar.timegm(time.strptime(start, '%Y-%m-%dT%H:%M:%SZ')) * 1000000
        self.link, self.frames = link, []

    def wait(self, seconds):
        self.us += round(seconds * 1e6)

    def frame(self, data, wire=None):
        """A frame as it is; wire: its length on the wire when the capture cut it."""
        self.frames.append((self.us, len(self.frames), data, wire or len(data)))

    def tcp(self, client, server, dport, sport=None, handshake=True):
        return Tcp(self, client, server, sport or client.next_port(), dport, handshake)

    def udp(self, src, dst, sport, dport, data, after=GAP):
        self.wait(after)
        head = struct.pack('>HHHH', sport, dport, 8 + len(data), 0)
        self.frame(ethernet(src, dst, ip_packet(src, dst, 17, head + data, 6)))

    def write(self, path):
        with open(path, 'wb') as out:
            out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, self.link))
            for us, _, data, wire in sorted(self.frames, key=lambda f: f[:2]):
                out.write(struct.pack('<IIII', us // 1000000, us % 1000000, len(data), wire) + data)


def tpkt(cotp):
    """RFC 1006 around a COTP TPDU."""
    return struct.pack('>BBH', 3, 0, 4 + len(cotp)) + cotp
