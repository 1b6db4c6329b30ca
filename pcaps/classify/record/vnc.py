"""vnc.py CLIENT SERVER: opens an RFB session without a password and asks for one picture."""
import socket
import struct
import sys

s = socket.create_connection((sys.argv[2], 5900), timeout=5, source_address=(sys.argv[1], 0))
s.sendall(s.recv(12))                                   # the version, as the server says it
count = s.recv(1)[0]
assert 1 in s.recv(count)                               # security: none
s.sendall(b'\x01')
assert s.recv(4) == b'\0\0\0\0'
s.sendall(b'\x01')                                      # shared
s.recv(4096)
s.sendall(struct.pack('>BBHHHH', 3, 0, 0, 0, 16, 16))
s.recv(4096)
s.close()
