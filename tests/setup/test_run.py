"""The process manager: what dies takes everything with it, and nothing is left."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from honcho.environ import parse_procfile

ROOT = Path(__file__).resolve().parents[2]

# A shop of two sleepers, one of them with a helper that holds on to its output.
SHOP = """
import run
shop = run.Shop({{"PORT": 9, "SANDBOX_PORT": 9}})
shop.add_process("short", {short!r})
shop.add_process("long", "sleep 600 & exec sleep 601")
shop.loop()
print("culprit:", shop.culprit)
"""


def start(short: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", SHOP.format(short=short)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "bin")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def group_of_long(shop: subprocess.Popen) -> int:
    assert shop.stdout is not None
    for line in shop.stdout:
        if started := re.search(r"long started \(pid=(\d+)\)", line):
            return int(started[1])
    raise AssertionError("never started")


def assert_gone(group: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process group {group} is still there")


def test_one_that_ends_stops_all_and_is_named() -> None:
    shop = start("sleep 0.3; exit 0")
    group = group_of_long(shop)
    output, _ = shop.communicate(timeout=15)
    assert "culprit: short" in output
    assert_gone(group)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_nobody_is_blamed(ending: signal.Signals) -> None:
    shop = start("exec sleep 600")
    group = group_of_long(shop)
    shop.send_signal(ending)
    shop.send_signal(ending)
    output, _ = shop.communicate(timeout=15)
    assert output.endswith("culprit: \n")
    assert "Traceback" not in output
    assert_gone(group)


def test_a_closed_terminal_leaves_nothing() -> None:
    shop = start("exec sleep 600")
    group = group_of_long(shop)
    # The terminal hangs up on everybody in its group, and nobody reads what they still have to say.
    children = Path(f"/proc/{shop.pid}/task/{shop.pid}/children").read_text().split()
    assert shop.stdout is not None
    shop.stdout.close()
    for pid in (shop.pid, *map(int, children)):
        os.kill(pid, signal.SIGHUP)
    shop.wait(timeout=15)
    assert_gone(group)


def test_output_that_nobody_reads_any_more_ends_it() -> None:
    shop = start("sleep 1; echo still here; exec sleep 600")
    group = group_of_long(shop)
    assert shop.stdout is not None
    shop.stdout.close()
    shop.wait(timeout=15)
    assert_gone(group)


def test_a_killed_manager_leaves_nothing() -> None:
    shop = start("exec sleep 600")
    group = group_of_long(shop)
    shop.kill()
    assert_gone(group)
    shop.communicate(timeout=15)


def test_the_procfile_names_what_run_starts() -> None:
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    assert set(processes) == {
        "redis", "web", "worker", "notifier", "indexer", "exporter", "beat", "sandbox",
    }  # fmt: skip


def test_help_lists_every_target() -> None:
    # This may run under make itself, which would say which directory it enters.
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (declared,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == declared.split()


def test_the_example_environment_names_every_variable() -> None:
    read = "".join(file.read_text() for file in (ROOT / "meiduo").rglob("*.py"))
    read += (ROOT / "sandbox" / "config.py").read_text()
    variables = set(re.findall(r"""env\.\w+\(\s*"([A-Z_]+)"|environ, "([A-Z_]+)\"""", read))
    named = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {first or second for first, second in variables} - named == set()
