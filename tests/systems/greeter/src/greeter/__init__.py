"""A server that greets: `/` says for how long it has been running, `/health` that it does."""

import datetime
import http.server
import signal
import sys

import humanize

STARTED = datetime.datetime.now()


class Greeter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "ok\n")
        if self.path == "/":
            running = humanize.precisedelta(datetime.datetime.now() - STARTED)
            return self.answer(200, f"Hello, for {running} now\n")
        self.answer(404, "not found\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("greeting on port 8080")
    http.server.ThreadingHTTPServer(("", 8080), Greeter).serve_forever()
