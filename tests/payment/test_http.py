"""A provider that answers without end holds nobody for ever, and fills no memory."""

import gzip
from collections.abc import Callable, Iterator
from socket import socket
from threading import Event, Thread

import pytest

from apps.payment.exceptions import Unknown
from apps.payment.gateways import http

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[socket], None]], str]]:
    """Where somebody listens who answers one request as a test says."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve(answer: Callable[[socket], None]) -> str:
            def once() -> None:
                line, _ = listener.accept()
                with line:
                    line.recv(65536)
                    try:
                        answer(line)
                    except OSError:
                        return

            Thread(target=once, daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}/"

        yield serve


@pytest.fixture
def client() -> http.Client:
    return http.Client(connect_timeout=1.0, read_timeout=1.0)


def test_an_answer_in_pieces(client: http.Client, answering: Callable) -> None:
    def pieces(line: socket) -> None:
        line.sendall(HEAD + b"Content-Length: 6\r\n\r\nab")
        line.sendall(b"cdef")

    answer = client.request("GET", answering(pieces))
    assert (answer.status, answer.body) == (200, b"abcdef")


def test_a_packed_answer(client: http.Client, answering: Callable) -> None:
    packed = gzip.compress(b"abc" * 100_000)
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    answer = client.request("GET", answering(lambda line: line.sendall(head + packed)))
    assert answer.body == b"abc" * 100_000


def test_nothing_listens_where_the_sandbox_should(client: http.Client) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        port = taken.getsockname()[1]
        with pytest.raises(Unknown, match=f":{port}/x: nothing listens there. .* SANDBOX_PORT"):
            client.request("GET", f"http://127.0.0.1:{port}/x?y=1")


def test_an_answer_cut_short(client: http.Client, answering: Callable) -> None:
    head = HEAD + b"Content-Length: 6\r\n\r\nab"
    with pytest.raises(Unknown):
        client.request("GET", answering(lambda line: line.sendall(head)))


def test_no_answer_in_time(answering: Callable) -> None:
    client = http.Client(connect_timeout=1.0, read_timeout=0.05)
    given_up = Event()
    url = answering(lambda line: given_up.wait(5))
    with pytest.raises(Unknown, match="ReadTimeoutError"):
        client.request("GET", url)
    given_up.set()


def test_drops_that_never_end(
    client: http.Client, answering: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comes well before the time-out of a read."""
    monkeypatch.setattr(http, "MOST_SECONDS", 0.2)
    given_up = Event()

    def drip(line: socket) -> None:
        line.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(100):
            line.sendall(b"a")
            if given_up.wait(0.05):
                return

    url = answering(drip)
    with pytest.raises(Unknown, match="TimeoutError"):
        client.request("GET", url)
    given_up.set()


@pytest.mark.parametrize("is_packed", [True, False])
def test_more_than_the_memory_is_for(
    client: http.Client, answering: Callable, monkeypatch: pytest.MonkeyPatch, is_packed: bool
) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1000)
    body = b"\0" * 1_000_000
    encoding = b""
    if is_packed:
        body, encoding = gzip.compress(body), b"Content-Encoding: gzip\r\n"
    head = HEAD + encoding + b"Content-Length: %d\r\n\r\n" % len(body)
    with pytest.raises(Unknown, match="more than 1000 bytes"):
        client.request("GET", answering(lambda line: line.sendall(head + body)))
