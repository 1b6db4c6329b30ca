"""receiver.py PORT CERT KEY CODE OUT: a receiver over HTTPS for the live tests. Each request is answered with the status
that stands in the file CODE; of those that it takes the lines go to OUT before it answers."""
import http.server
import ssl
import sys

PORT, CERT, KEY, CODE, OUT = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        with open(CODE) as f:
            code = int(f.read())
        if code == 200:
            with open(OUT, 'ab') as f:
                f.write(body if body.endswith(b'\n') else body + b'\n')
        said = b'' if code == 200 else b'{"error": "the receiver does not like it"}'
        self.send_response(code)
        self.send_header('Content-Length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', int(PORT)), Handler)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERT, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
