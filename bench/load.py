"""A shop to measure, run as in production, and a client that measures it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
GRANIAN = "--interface wsgi --no-ws --workers 1 --blocking-threads 4 --workers-kill-timeout 3"


@contextmanager
def shop(**environment: str) -> Iterator[int]:
    """Run a web process with these variables on top of ours for as long as the block lasts; its port."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", *GRANIAN.split(), "--host", "127.0.0.1"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--port", str(port), "meiduo.wsgi:application"],
        cwd=ROOT,
        env={"SECRET_KEY": "bench", **os.environ, "DEBUG": "false", **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def milliseconds(port: int, paths: Iterable[str]) -> list[float]:
    """How long each request takes, one after the other on one connection; anything but a 200 is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    for path in paths:
        started = time.perf_counter()
        connection.request("GET", quote(path, safe="/?&=%"))
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"{path}: {answer.status}")
    connection.close()
    return times


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            milliseconds(port, ["/healthz"])
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The web process does not answer.")
