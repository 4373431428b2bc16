"""Workers in processes of their own, to be killed with SIGKILL at a moment that a test chooses."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

STOPPED = "stopped\n"


@contextmanager
def workers(module: str, directory: Path, **environment: str) -> Iterator[Callable[..., Any]]:
    """Start ``python -m module ARGUMENTS`` on this test's rows, any number of times; none outlives the block."""
    database = directory / "shop.sqlite3"
    started: list[subprocess.Popen] = []

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", module, *arguments]
        env = os.environ | environment | {"DATABASE_URL": shared_database(database)}
        started.append(
            subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=env, stdout=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.communicate()


def shared_database(copy: Path) -> str:
    """This test's database, as another process finds it; SQLite's lies in our memory and is copied, once."""
    if connection.vendor != "sqlite":
        its = connection.settings_dict
        return f"{connection.vendor}://{its['USER']}:{its['PASSWORD']}@{its['HOST']}:{its['PORT']}/{its['NAME']}"
    if not copy.exists():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
    return f"sqlite:///{copy}"


def kill_at(stopped: subprocess.Popen) -> None:
    """Kill a worker as soon as it says that it is where it should die."""
    assert stopped.stdout
    assert stopped.stdout.readline() == STOPPED
    kill(stopped)


def kill(worker: subprocess.Popen) -> None:
    worker.kill()
    assert worker.wait(timeout=30) == -signal.SIGKILL


def last_words(worker: subprocess.Popen) -> Any:
    """What a worker that came to its end said there."""
    out, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, "the audit, or the job"
    return json.loads(out.splitlines()[-1])


# --- In the worker -----------------------------------------------------------------------------


def stop() -> None:
    """Say so, and wait for the end."""
    sys.stdout.write(STOPPED)
    sys.stdout.flush()
    signal.pause()


def stop_before(place: Any, name: str, nth: int) -> None:
    """Stop where ``place.name`` is called for the ``nth`` time."""
    real, calls = getattr(place, name), count(1)

    def stopping(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            stop()
        return real(*args, **kwargs)

    setattr(place, name, stopping)


def say(words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
