"""The shop's notify address: a real HTTP server whose answers a test writes down beforehand."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl

WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    body: bytes = b"success"
    status: int = 200
    location: str = ""
    held_by: threading.Event | None = None


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def fields(self) -> dict[str, str]:
        """Of a form."""
        pairs = parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        return dict(pairs)


class Receiver:
    """Answers ``answers`` in turn, then ``success``; what it got is in ``take()``."""

    def __init__(self, *answers: Answer) -> None:
        self._received: queue.Queue[Received] = queue.Queue()
        script = iter(answers)
        received = self._received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = next(script, Answer())
                received.put(Received(self.path, dict(self.headers.items()), body))
                if answer.held_by is not None:
                    answer.held_by.wait(WAIT_SECONDS)
                self.send_response(answer.status)
                if answer.location:
                    self.send_header("Location", answer.location)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST  # noqa: N815  # a redirect that is followed must be seen

            def log_message(self, *args: object) -> None:
                """Not into the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify/"

    def take(self) -> dict[str, str]:
        """The next notice's fields; waits for it."""
        return self.take_whole().fields

    def take_whole(self) -> Received:
        return self._received.get(timeout=WAIT_SECONDS)

    def is_empty(self) -> bool:
        return self._received.empty()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
