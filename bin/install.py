"""Make .venv and install pinned requirements into it, unless that is done: `bin/setup FILE...`

Runs before anything is installed, so it needs the standard library only. Whatever stands in the
way is one line that says what to do, and exit status 1.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ports

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "constraints.txt"
# One file per installed requirements file, holding the fingerprint of what was installed.
STAMPS = VENV / "installed"
# There while .venv is written to: whoever finds it knows that the last installation was cut off.
UNFINISHED = ROOT / "var" / "setup.unfinished"
PIP_LOG = ROOT / "var" / "install.log"

UNREACHABLE = re.compile("connection broken|ConnectionError|Could not fetch URL|timed out")
MEGABYTES_NEEDED = 500


def main(arguments: list[str]) -> None:
    # To be told to stop is as good as Ctrl-C: pip is stopped first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = [argument for argument in arguments if argument != "--ports"]
    if "--ports" in arguments:
        ports.refuse_busy(ports.chosen())
    try:
        with one_at_a_time():
            make_venv()
            for name in names:
                install(ROOT / name)
    except OSError as error:
        raise SystemExit(f"Cannot write in {ROOT}: {error}") from None


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another set-up of this checkout: two pips at once would spoil each other's work."""
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    with (ROOT / "var" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """Make .venv, or make it anew when it is broken, half-installed or another Python's."""
    if PYTHON.exists() and not UNFINISHED.exists() and _python_of_venv() == sys.version_info[:2]:
        return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SystemExit(
                f"This Python has no {module} module: install it (Debian, Ubuntu: "
                "apt install python3-venv) or name another Python: make run PYTHON=python3.12"
            )
    if shutil.disk_usage(ROOT).free < MEGABYTES_NEEDED * 1_000_000:
        raise SystemExit(f"The disk of {ROOT} is full: set-up needs {MEGABYTES_NEEDED} MB of it.")
    _say(f"Making .venv with Python {sys.version.split()[0]}…")
    UNFINISHED.touch()
    made = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    UNFINISHED.unlink()
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SystemExit(f"Python could not make .venv: {_last_line(made.stdout)}")


def install(requirements: Path) -> None:
    """Install one requirements file at the pinned versions, unless its stamp says it is there."""
    files = _with_included(requirements)
    if all(map(_is_installed, files)):
        return
    if "mysqlclient" in requirements.read_text():
        _refuse_missing_headers()
    _say(f"Installing {requirements.name}; the first time takes a minute…")
    UNFINISHED.touch()
    # fmt: off
    pip = _run([
        str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check",
        "--constraint", str(CONSTRAINTS), "--requirement", str(requirements),
    ])
    # fmt: on
    UNFINISHED.unlink()
    if pip.returncode:
        raise SystemExit(_why_pip_failed(requirements, pip.stdout))
    STAMPS.mkdir(exist_ok=True)
    for file in files:
        _stamp(file).write_text(_fingerprint(file))


def _with_included(requirements: Path) -> list[Path]:
    included = re.findall(r"^-r\s+(\S+)", requirements.read_text(), re.MULTILINE)
    return [requirements, *(ROOT / name for name in included)]


def _is_installed(requirements: Path) -> bool:
    stamp = _stamp(requirements)
    return stamp.exists() and stamp.read_text() == _fingerprint(requirements)


def _stamp(requirements: Path) -> Path:
    return STAMPS / requirements.name


def _fingerprint(requirements: Path) -> str:
    return hashlib.sha256(_text_of(requirements) + CONSTRAINTS.read_bytes()).hexdigest()


def _text_of(requirements: Path) -> bytes:
    """A requirements file and those that it names by ``-r``."""
    text = requirements.read_bytes()
    named = re.findall(rb"^-r (\S+)", text, re.MULTILINE)
    return b"".join([text, *(_text_of(requirements.parent / name.decode()) for name in named)])


def _python_of_venv() -> tuple[int, ...]:
    version = re.search(r"^version\S* = (\d+)\.(\d+)", (VENV / "pyvenv.cfg").read_text(), re.M)
    return (int(version[1]), int(version[2])) if version else ()


def _refuse_missing_headers() -> None:
    """mysqlclient is compiled here; what its compiler would say fills a page."""
    asked = ("mysqlclient", "mariadb", "libmariadb")
    has_headers = shutil.which("pkg-config") and any(
        _run(["pkg-config", "--exists", name]).returncode == 0 for name in asked
    )
    if not has_headers and "MYSQLCLIENT_CFLAGS" not in os.environ:
        raise SystemExit(
            "mysqlclient needs the MySQL headers: install them (Debian, Ubuntu: "
            "apt install default-libmysqlclient-dev pkg-config build-essential)"
        )


def _why_pip_failed(requirements: Path, output: str) -> str:
    PIP_LOG.write_text(output)
    if "No space left on device" in output:
        return f"The disk is full: free some space for {VENV}, then try again."
    if UNREACHABLE.search(output):
        indexes = re.search(r"^Looking in indexes: (.+)$", output, re.MULTILINE)
        tried = indexes[1] if indexes else "Python's package index"
        return (
            f"{tried} could not be reached: check the network, "
            f"or name a mirror with PIP_INDEX_URL, then try again (pip's output: {PIP_LOG})"
        )
    return f"pip could not install {requirements.name}: {_last_line(output)} (all of it: {PIP_LOG})"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    # A dead index is retried for seconds, not minutes.
    environment = {"PIP_RETRIES": "2", **os.environ}
    return subprocess.run(  # noqa: S603
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["it said nothing"])[-1].strip()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        raise SystemExit(130) from None
