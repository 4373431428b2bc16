"""The tests delete what they wrote, so they must never run with the settings of a shop."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """What a shop keeps, in the directory that its settings name."""
    file = tmp_path / "var" / "meiduo.sqlite3"
    file.parent.mkdir()
    file.touch()
    return file


def run_a_test(kept: Path, *options: str) -> subprocess.CompletedProcess:
    target = "tests/core/test_limits.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, target]
    shops = {
        "DJANGO_SETTINGS_MODULE": "meiduo.settings.dev",
        "REDIS_DATA_DIR": str(kept.parent),
        "SECRET_KEY": "a clone in which nobody has started the shop has none",
    }
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run(
        command, cwd=ROOT, env=inherited | shops, capture_output=True, text=True, check=False
    )


def test_exported_settings_are_not_the_tests(kept: Path) -> None:
    ran = run_a_test(kept)
    assert ran.returncode == 0, ran.stdout
    assert kept.exists()


def test_with_settings_of_a_shop_no_test_starts(kept: Path) -> None:
    ran = run_a_test(kept, "--ds", "meiduo.settings.dev")
    assert "Only with meiduo.settings.test" in ran.stdout
    assert "passed" not in ran.stdout
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
