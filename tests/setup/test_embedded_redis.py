import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest
import redis

from meiduo import embedded_redis


def client(data_dir: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded_redis.url(data_dir, database=0))


def test_the_wheel_brings_a_server_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert "site-packages" in embedded_redis.find_server().parts
    with embedded_redis.running(tmp_path) as listening:
        assert client(tmp_path).ping()
        assert stat.S_IMODE(listening.stat().st_mode) == 0o700
    assert not listening.exists()


def test_an_old_server_on_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.7 sha=00000000:0'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.find_server() != old
    monkeypatch.setenv("REDIS_SERVER", str(old))
    with pytest.raises(embedded_redis.RedisUnavailableError, match="6 or newer"):
        embedded_redis.find_server()


def test_without_any_server_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded_redis, "WHEELS", ())
    with pytest.raises(embedded_redis.RedisUnavailableError, match="apt install redis-server"):
        embedded_redis.find_server()


def test_a_long_path_finds_a_shorter_socket(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    with embedded_redis.running(data_dir) as listening:
        assert not listening.is_relative_to(data_dir)
        assert client(data_dir).ping()


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    with embedded_redis.running(tmp_path, persistent=True):
        client(tmp_path).set("cart", "full")
        os.kill(client(tmp_path).info()["process_id"], signal.SIGKILL)
    with embedded_redis.running(tmp_path, persistent=True):
        assert client(tmp_path).get("cart") == b"full"


def test_the_server_of_a_killed_run_is_replaced_not_doubled(tmp_path: Path) -> None:
    with embedded_redis.running(tmp_path, persistent=True):
        client(tmp_path).set("cart", "full")
        left_behind = client(tmp_path).info()["process_id"]
        with embedded_redis.running(tmp_path, persistent=True):
            assert client(tmp_path).info()["process_id"] != left_behind
            assert client(tmp_path).get("cart") == b"full"


def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    appended = tmp_path / "redis" / "appendonlydir"
    appended.parent.mkdir()
    appended.write_text("in the way")
    (tmp_path / "redis" / "appendonly.aof").mkdir()
    with (
        pytest.raises(embedded_redis.RedisUnavailableError, match=r"redis\.log"),
        embedded_redis.running(tmp_path, persistent=True),
    ):
        pass


def test_sigterm_ends_it(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    server = subprocess.Popen(embedded_redis.command(tmp_path, persistent=False))
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=5)
