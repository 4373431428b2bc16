"""A server that receives webhooks, well or badly, on a real socket."""

import hashlib
import hmac
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Letter:
    path: str
    headers: Headers
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """As docs/webhooks.md has it, written anew: header, number, moment, body."""
        given = self.headers["Meiduo-Signature"].split(" ")
        content = b"%s.%s.%s" % (
            self.headers["Meiduo-Id"].encode(),
            self.headers["Meiduo-Timestamp"].encode(),
            self.body,
        )
        return f"v1={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}" in given


@dataclass
class Receiver:
    """``behave`` answers each letter; the next ones are answered as well as one can."""

    url: str = ""
    letters: list[Letter] = field(default_factory=list)
    behave: list[Callable[[Any], None]] = field(default_factory=list)
    connections: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])


@contextmanager
def receiving(*, certificate: str = "") -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            receiver.connections += 1

        def do_POST(self) -> None:  # noqa: N802  its name is given
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.letters.append(Letter(self.path, self.headers, body))
            (receiver.behave.pop(0) if receiver.behave else answer(200))(self)

        def log_message(self, *args: Any) -> None:
            pass

        @property
        def is_over(self) -> threading.Event:
            return receiver.is_over

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass  # whoever is hung up on

    with Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        receiver.url = f"{scheme}://127.0.0.1:{server.server_port}/hooks?shop=1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.is_over.set()
            server.shutdown()
            thread.join()


def answer(
    status: int, body: bytes = b"thanks", **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def silent(handler: Any) -> None:
    """Says nothing, and keeps the line open."""
    handler.is_over.wait(30)
    handler.close_connection = True


def resets(handler: Any) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def garbage(handler: Any) -> None:
    handler.wfile.write(b"\x00\xff\x80 this is no HTTP\r\n\r\n")
    handler.close_connection = True


def drips_headers(handler: Any) -> None:
    """One byte now and then, each in time: the answer never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.is_over.wait(0.02):
        handler.wfile.write(b"x")


def drips_body(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not handler.is_over.wait(0.02):
        handler.wfile.write(b"x")


def huge(handler: Any) -> None:
    """A gigabyte is announced; it goes on until somebody hangs up."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    while not handler.is_over.is_set():
        handler.wfile.write(b"x" * 65536)


def breaks_off(handler: Any) -> None:
    """After the status the line is cut."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthan")
    resets(handler)
