"""rdp.py serve ADDRESS | ask CLIENT SERVER: the opening of an RDP connection (MS-RDPBCGR 2.2.1.1 and 2.2.1.2): an
X.224 connection request with a cookie and a negotiation request, the confirmation that chooses plain RDP security,
and a few bytes each way."""
import socket
import struct
import sys


def tpkt(body):
    return struct.pack('>BBH', 3, 0, 4 + len(body)) + body


cookie = b'Cookie: mstshash=operator\r\n'
wants = struct.pack('<BBHI', 1, 0, 8, 0)
gives = struct.pack('<BBHI', 2, 0, 8, 0)
request = tpkt(bytes([6 + len(cookie + wants), 0xe0, 0, 0, 0, 0, 0]) + cookie + wants)
confirm = tpkt(bytes([6 + len(gives), 0xd0, 0, 0, 0x12, 0x34, 0]) + gives)

if sys.argv[1] == 'serve':
    with socket.create_server((sys.argv[2], 3389)) as s:
        c, _ = s.accept()
        c.recv(1000)
        c.sendall(confirm)
        c.recv(1000)
        c.sendall(tpkt(b'\x02\xf0\x80' + bytes(40)))
        c.recv(1)
        c.close()
else:
    c = socket.create_connection((sys.argv[3], 3389), timeout=5, source_address=(sys.argv[2], 0))
    c.sendall(request)
    c.recv(1000)
    c.sendall(tpkt(b'\x02\xf0\x80' + bytes(60)))
    c.recv(1000)
    c.close()
