"""What `bin/setup` refuses, each with one line, and what it repairs."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("PORT", "SANDBOX_PORT", "PYTHON")


def set_up(
    *arguments: str, checkout: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [checkout / "bin" / "setup", *arguments],
        env={**inherited, "PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(*arguments: str, checkout: Path = ROOT, **environment: str) -> str:
    """The one line on stderr of a set-up that must fail."""
    done = set_up(*arguments, checkout=checkout, **environment)
    assert done.returncode == 1
    lines: list[str] = done.stderr.splitlines()
    assert len(lines) == 1
    return lines[0]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone, so far as set-up can see, whose requirements are none."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_busy_port(variable: str, busy_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free_port = server.getsockname()[1]
    environment = {"PORT": str(free_port), "SANDBOX_PORT": str(free_port), variable: str(busy_port)}
    line = refusal("--ports", checkout=ROOT, **environment)
    assert f"Port {busy_port} of 127.0.0.1 is in use" in line
    assert f"make run {variable}=" in line


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65536", "80 80", "٨٠٠٠"])
def test_bad_port(port: str) -> None:
    assert f"PORT={port} is not a port" in refusal("--ports", PORT=port)


def test_one_port_for_two() -> None:
    assert "are both 8155" in refusal("--ports", PORT="8155", SANDBOX_PORT="8155")


def test_port_from_dotenv(checkout: Path, busy_port: int) -> None:
    (checkout / ".env").write_text(f"export PORT='{busy_port}'\n")
    assert f"Port {busy_port} " in refusal("--ports", checkout=checkout)


def test_old_python(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9;; *) exit 1;; esac\n')
    old.chmod(0o755)
    assert "is Python 3.9, and the shop needs 3.11" in refusal(PYTHON=str(old))


def test_no_python() -> None:
    assert "There is no python-of-nobody here" in refusal(PYTHON="python-of-nobody")


def test_no_ensurepip(checkout: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None\n")
    assert "apt install python3-venv" in refusal(checkout=checkout, PYTHONPATH=str(hidden))


def test_unreachable_index(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("no-such-package-of-ours==1.0\n")
    line = refusal(
        "requirements.txt",
        checkout=checkout,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="1",
    )
    assert line.startswith("http://127.0.0.1:9/simple could not be reached")


def test_cut_off_installation_is_made_anew_and_a_whole_one_is_kept(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    (checkout / ".venv" / "pyvenv.cfg").write_text(f"version = {version}\n")
    (checkout / "var").mkdir()
    (checkout / "var" / "setup.unfinished").touch()
    said = set_up("requirements.txt", checkout=checkout).stdout
    assert "Making .venv" in said
    assert "Installing requirements.txt" in said

    before = time.monotonic()
    assert set_up("requirements.txt", checkout=checkout).stdout == ""
    assert time.monotonic() - before < 2
