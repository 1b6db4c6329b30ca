"""forward_live.py: the receivers of forward_live.sh, and the lines that it prints.

    receive up|hanging HTTP-PORT SYSLOG-PORT    takes all it gets, or accepts and never reads nor answers
    head; row CASE SENT RATE CPU STATUS DB      CPU in hundredths of a second, STATUS a file with a status a line"""
import http.server
import json
import socket
import sqlite3
import sys
import threading

COLUMNS = ('sinks', 'packets/s', 'sent', 'lost', 'ns CPU each', 'revisions', 'delivered', 'waiting', 'queued', 'median ms', '99 % ms', 'max ms')


class Taking(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


def read(peer):
    while peer.recv(65536):
        pass


def accept(server, reads, kept):
    while True:
        peer = server.accept()[0]
        kept.append(peer)
        if reads:
            threading.Thread(target=read, args=(peer,), daemon=True).start()


def receive(mode, http_port, syslog_port):
    kept = []                           # nobody closes them
    syslog = socket.create_server(('127.0.0.1', int(syslog_port)))
    threads = [threading.Thread(target=accept, args=(syslog, mode == 'up', kept))]
    if mode == 'up':
        threads.append(threading.Thread(target=http.server.ThreadingHTTPServer(('127.0.0.1', int(http_port)), Taking).serve_forever))
    else:
        threads.append(threading.Thread(target=accept, args=(socket.create_server(('127.0.0.1', int(http_port))), False, kept)))
    for thread in threads:
        thread.start()
    print('listening', flush=True)


def line(cells):
    print(f'{cells[0]:<10}' + ''.join(f'{cell:>12}' for cell in cells[1:]), flush=True)


def row(case, sent, rate, cpu, status, path):
    """Latency: from a packet to the commit of the revision that it made."""
    states = [json.loads(text) for text in open(status, encoding='utf-8') if text.endswith('}\n')]
    last = states[-1]
    loss = last['interfaces'][0]['loss']
    lost = sum(loss[k] for k in ('ring', 'adapter', 'handoff', 'findings', 'alerts'))
    lost += max(0, int(sent) - last['interfaces'][0]['packets'] - loss['ring'] - loss['adapter'])
    db = sqlite3.connect(path)
    late = sorted((stored - ts) / 1e6 for ts, stored in db.execute("SELECT ts_ns, stored_ns FROM outbox WHERE ts_ns"))
    sinks = last.get('sinks', [])
    line((case, rate, sent, lost, int(cpu) * 10000000 // int(sent), len(late),
          '/'.join(str(s['sent']) for s in sinks) or '-', '/'.join(str(s['waiting']) for s in sinks) or '-',
          max(s['database']['queued'] for s in states), *(f'{late[min(len(late) - 1, int(len(late) * q))]:.0f}' for q in (0.5, 0.99, 1))))


def main():
    what, *arguments = sys.argv[1:]
    if what == 'head':
        line(COLUMNS)
    else:
        {'receive': receive, 'row': row}[what](*arguments)


if __name__ == '__main__':
    main()
