"""Start the shop: prepare it, run the Procfile under honcho, say where it is once it answers."""

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import environ
import ports
from honcho.environ import parse_procfile
from honcho.manager import KILL_WAIT, Manager
from honcho.printer import Printer
from honcho.process import Process

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PATIENCE_SECONDS = 60


class Voice(Printer):  # type: ignore[misc]
    """honcho's printer, which lets the shop end when nobody reads its output any more."""

    def write(self, message: Any) -> None:
        try:
            super().write(message)
        except OSError:  # the reader at the other end of a pipe has gone
            _hang_up()


class Follower(Process):  # type: ignore[misc]  # honcho has no annotations
    """A process whose helpers do not outlive it, and which does not outlive its manager."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        # A closed terminal tells the manager, and the manager tells us.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        threading.Thread(target=self._follow, daemon=True).start()
        super().run(events, ignore_signals)

    def _follow(self) -> None:
        manager = os.getppid()
        while os.getppid() == manager and (self._child is None or self._child.poll() is None):
            time.sleep(0.2)
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):  # all gone already
                os.killpg(self._child.pid, ending)
            time.sleep(KILL_WAIT)


class Shop(Manager):  # type: ignore[misc]
    """honcho's manager, which announces the shop and knows who stopped it."""

    def __init__(self, addresses: dict[str, int]) -> None:
        super().__init__(Voice(sys.stdout))
        self._process_ctor = Follower
        self._addresses = addresses
        self.stopping = False
        self.culprit = ""

    def terminate(self) -> None:
        """Stop everything, as soon as everything has started: honcho signals no earlier."""
        if not self.stopping:
            self.stopping = True
            self.culprit = next((n for n, p in self._processes.items() if "returncode" in p), "")
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        # honcho's loop asks this before it calls terminate() and counts down to SIGKILL.
        return self.stopping or super()._any_stopped()

    def _start(self) -> None:
        signal.signal(signal.SIGHUP, _hang_up)  # the terminal was closed
        super()._start()
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(map(_is_healthy, self._addresses.values())):
            if time.monotonic() > deadline:
                sys.stderr.write("The shop does not answer; the lines above say why.\n")
                return
            time.sleep(0.1)
        if not self.stopping:
            sys.stdout.write(_where(**self._addresses))
            sys.stdout.flush()


def _hang_up(*_: object) -> None:
    """Nobody listens: fall silent, for writing would fail, and stop as Ctrl-C does."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(silence, descriptor)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    # Until honcho takes over, to be told to stop is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.chdir(ROOT)
    environ.Env.read_env(ROOT / ".env")
    addresses = ports.chosen()
    os.environ.update({name: str(port) for name, port in addresses.items()})
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with one_at_a_time():
        prepare()
        shop = Shop(addresses)
        for name, command in processes().items():
            shop.add_process(name, command)
        shop.loop()
    if shop.culprit:
        raise SystemExit(f"{shop.culprit} stopped by itself, so everything was stopped.")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Refuse a second shop on the same data."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    with (VAR / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                "The shop of this directory runs already: stop it with Ctrl-C where it was started."
            ) from None
        yield


def prepare() -> None:
    (ROOT / "media").mkdir(exist_ok=True)
    sys.stdout.write("Preparing keys, database and demo shop…\n")
    sys.stdout.flush()
    # In a session of its own, so that Ctrl-C reaches this process alone, which stops it.
    done = subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "bin" / "prepare.py"], start_new_session=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)  # it has said why


def processes() -> dict[str, str]:
    """The Procfile's commands, without our own Redis when REDIS_URL names another."""
    commands = dict(parse_procfile((ROOT / "Procfile").read_text()).processes)
    if os.environ.get("REDIS_URL"):
        del commands["redis"]
    return commands


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):  # not there yet
        return False
    finally:
        connection.close()


def _where(*, PORT: int, SANDBOX_PORT: int) -> str:  # noqa: N803
    return (
        f"API docs  http://127.0.0.1:{PORT}/api/docs/\n"
        f"Admin     http://127.0.0.1:{PORT}/admin/\n"
        f"Sandbox   http://127.0.0.1:{SANDBOX_PORT}/\n"
        "Logins    demo_buyer (mobile 13800000001) / meiduo-demo-1, "
        "demo_operator / meiduo-demo-2\n"
        "          demo_service, demo_warehouse, demo_finance, demo_catalogue, demo_manager "
        "/ meiduo-demo-3\n"
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
