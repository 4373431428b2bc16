"""The two ports of `make run`: read, and refused with one line when they will not do."""

import errno
import os
import re
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULTS = {"PORT": "8000", "SANDBOX_PORT": "8001"}


def chosen() -> dict[str, int]:
    """The port of each variable, from the environment, else .env, else the default."""
    from_file = _dotenv()
    texts = {
        name: os.environ.get(name) or from_file.get(name) or default
        for name, default in DEFAULTS.items()
    }
    for name, text in texts.items():
        if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
            raise SystemExit(
                f"{name}={text} is not a port: choose a number from 1 to 65535, "
                f"as in make run {name}={DEFAULTS[name]}"
            )
    ports = {name: int(text) for name, text in texts.items()}
    if ports["PORT"] == ports["SANDBOX_PORT"]:
        raise SystemExit(
            f"PORT and SANDBOX_PORT are both {ports['PORT']}: choose two different ones, "
            f"as in make run PORT={ports['PORT']} SANDBOX_PORT={_another(ports['PORT'])}"
        )
    return ports


def refuse_busy(ports: dict[str, int]) -> None:
    """Refuse a port that somebody listens on, or that may not be listened on."""
    for name, port in ports.items():
        reason = _why_not(port)
        if reason:
            raise SystemExit(
                f"Port {port} of 127.0.0.1 {reason}: free it, or choose another with {name}, "
                f"as in make run {name}={_another(port)}"
            )


def _dotenv() -> dict[str, str]:
    file = ROOT / ".env"
    if not file.exists():
        return {}
    line = re.compile(r"^\s*(?:export\s+)?(PORT|SANDBOX_PORT)\s*=\s*([^\s#]*)", re.MULTILINE)
    return {name: value.strip("'\"") for name, value in line.findall(file.read_text())}


def _why_not(port: int) -> str:
    with socket.socket() as caller:
        caller.settimeout(1)
        # Asked first: some systems let two servers bind, one to all addresses and one to this.
        if caller.connect_ex(("127.0.0.1", port)) == 0:
            return "is in use"
    with socket.socket() as server:
        # As servers do, so that connections which have just ended do not count.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError as error:
            return "is in use" if error.errno == errno.EADDRINUSE else f"refused ({error.strerror})"
    return ""


def _another(port: int) -> int:
    return port + 10 if 1024 <= port <= 65525 else 8010
