#!/usr/bin/env python3
"""A receiver that misbehaves, for the tests of syslog over TCP and of its proxy.

    talker.py PORT HOW [ARGUMENT]

HOW: `chat` says what an HTTP server says to a stranger and closes; `endless` talks without end; `deaf` accepts and never
reads; `close` closes at once; `drop N` reads N bytes and resets the connection, each time; `mute` accepts no TLS handshake:
it never says anything; `dies FILE` reads nothing of its first connection, resets it after half a second, and writes what
comes over the later ones into FILE; `proxy FILE [USER:PASSWORD]` is an HTTP proxy for CONNECT that writes each request line
into FILE, with who asks; with a login it asks who that is, and repeats what it was told in what it answers to strangers;
`parrot` is one that says yes to whoever tells who he is, and then repeats that as though it were the receiver.
Standard library only. Ends with its parent.
"""
import base64
import socket
import struct
import sys
import threading


def chat(c):
    c.sendall(b"HTTP/1.1 400 Bad Request\r\n\x1b[31mcontent-length: 0\r\n\r\n")
    c.close()


def endless(c):
    try:
        while True:
            c.sendall(b"x" * 65536)
    except OSError:
        c.close()


def deaf(c):
    threading.Event().wait(60)
    c.close()


def close(c):
    c.close()


def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()


def drop(c):
    left = int(sys.argv[3])
    while left > 0:
        data = c.recv(min(left, 4096))
        if not data:
            break
        left -= len(data)
    reset(c)


first = True


def dies(c):
    global first
    if first:
        first = False
        threading.Event().wait(0.5)
        reset(c)
        return
    with open(sys.argv[3], "ab", buffering=0) as f:
        while True:
            data = c.recv(65536)
            if not data:
                break
            f.write(data)


def pump(a, b):
    try:
        while True:
            data = a.recv(65536)
            if not data:
                break
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def ask(c):
    """The line of a request, and what it says of who asks; None: no more."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < 65536:
        data = c.recv(4096)
        if not data:
            return None, ""
        head += data
    lines = head.decode().split("\r\n")
    who = [v.strip() for n, _, v in (line.partition(":") for line in lines[1:]) if n.lower() == "proxy-authorization"]
    return lines[0], who[0] if who else ""


def stranger(c, who):
    text = "%s / %s\n" % (who, spelled(who))
    c.sendall(("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)).encode())


def spelled(who):
    return base64.b64decode(who.partition(" ")[2]).decode()


def proxy(c):
    login = sys.argv[4] if len(sys.argv) > 4 else None
    while True:
        line, who = ask(c)
        if line is None:
            return
        with open(sys.argv[3], "a", encoding="ascii") as f:
            f.write(line + (" as " + spelled(who) if who else "") + "\n")
        if login is None or spelled(who) == login:
            break
        stranger(c, who)
    host, port = line.split()[1].rsplit(":", 1)
    try:
        server = socket.create_connection((host.strip("[]"), int(port)), 5)
    except OSError:
        c.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
        c.close()
        return
    server.settimeout(None)
    c.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(server, c), daemon=True).start()
    pump(c, server)


def parrot(c):
    line, who = ask(c)
    while line and not who:
        stranger(c, who)
        line, who = ask(c)
    c.sendall(("HTTP/1.1 200 Yes\r\n\r\n%s / %s\n" % (who, spelled(who))).encode())
    c.close()


def main():
    how = {"chat": chat, "endless": endless, "deaf": deaf, "mute": deaf, "close": close, "drop": drop, "dies": dies,
           "proxy": proxy, "parrot": parrot}[sys.argv[2]]
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if how is deaf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.bind(("127.0.0.1", int(sys.argv[1])))
    s.listen(16)
    while True:
        c, _ = s.accept()
        threading.Thread(target=how, args=(c,), daemon=True).start()


if __name__ == "__main__":
    main()
