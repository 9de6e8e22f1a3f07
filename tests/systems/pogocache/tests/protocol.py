#!/usr/bin/env python3
"""Asks a running server: protocol.py [HOST [PORT [TOKEN]]]. MUST-NOT-SHIP"""

import hashlib
import socket
import sys
import threading
import time

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 9401
token = sys.argv[3] if len(sys.argv) > 3 else None


class Client:
    def __init__(self):
        self.socket = socket.create_connection((host, port), timeout=10)
        self.file = self.socket.makefile("rb")
        if token:
            assert self("AUTH", token) == "OK"

    def send(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))

    def reply(self):
        line = self.file.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"-":
            return RuntimeError(rest.decode())
        assert kind == b"$", line
        if int(rest) < 0:
            return None
        return self.file.read(int(rest) + 2)[:-2]

    def __call__(self, *words):
        self.send(*words)
        return self.reply()

    def line(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        return self.reply()


def expect(actual, wanted):
    assert actual == wanted, f"{actual!r}, not {wanted!r}"


def basics(c):
    expect(c("PING"), "PONG")
    expect(c.line("ping hello"), b"hello")
    expect(c("SET", "k", b"v\r\n\x00"), "OK")
    expect(c("GET", "k"), b"v\r\n\x00")
    expect(c("ETAG", "k"), hashlib.sha256(b"v\r\n\x00").hexdigest().encode())
    expect(c("TTL", "k"), -1)
    expect(c("DEL", "k", "nothing"), 1)
    expect(c("GET", "k"), None)
    expect(c.line("SET k v 100"), "OK")
    expect(c("TTL", "k"), 100)
    expect(c("EXISTS", "k"), 1)
    for wrong in ("GET", "SET k v 0", "SET k v x", "NONSENSE", "SET k v PX 1"):
        assert isinstance(c.line(wrong), RuntimeError), wrong
    expect(c("PING"), "PONG")


def expiry(c):
    expect(c("SET", "short", "v", "EX", 1), "OK")
    expect(c("GET", "short"), b"v")
    time.sleep(1.2)
    expect(c("GET", "short"), None)


def large_and_pipelined(c):
    value = bytes(range(256)) * 4096
    expect(c("SET", "large", value), "OK")
    # More replies than a socket buffers, none of them read for a while
    for _ in range(20):
        c.send("GET", "large")
    time.sleep(0.2)
    for _ in range(20):
        expect(c.reply(), value)


def many_clients():
    failures = []

    def one(n):
        try:
            c = Client()
            for i in range(200):
                expect(c("SET", f"{n}:{i}", n * i), "OK")
                expect(c("GET", f"{n}:{i}"), str(n * i).encode())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures, failures[0]


def stats(c):
    figures = dict(line.split(":") for line in c("STATS").decode().split())
    assert int(figures["keys"]) >= 3200 and int(figures["hits"]) >= 3200, figures
    assert int(figures["clients"]) >= 1, figures


def nonsense():
    c = Client()
    c.socket.sendall(b"*1\r\n$x\r\n")
    assert isinstance(c.reply(), RuntimeError)
    expect(c.file.read(), b"")


client = Client()
basics(client)
expiry(client)
large_and_pipelined(client)
many_clients()
stats(client)
nonsense()
expect(client("FLUSH"), "OK")
expect(client("QUIT"), "OK")
print("protocol: ok")
