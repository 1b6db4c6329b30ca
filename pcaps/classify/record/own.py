"""own.py serve ADDRESS | ask CLIENT SERVER: a protocol that nobody else speaks, two messages long."""
import socket
import sys

if sys.argv[1] == 'serve':
    with socket.create_server((sys.argv[2], 7777)) as s:
        c, _ = s.accept()
        c.recv(100)
        c.sendall(bytes(range(200, 240)))
        c.recv(1)
        c.close()
else:
    c = socket.create_connection((sys.argv[3], 7777), timeout=5, source_address=(sys.argv[2], 0))
    c.sendall(bytes(range(160, 190)))
    c.recv(100)
    c.close()
