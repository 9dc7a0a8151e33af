"""A service as a process on the servers of a measurement."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.e2e.dvk_command import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 300
OFFSETS = {"reporting": 0, "registry": 1, "evaluation": 2}


@dataclass(frozen=True)
class Service:
    """A running service: where it listens, and its process."""

    port: int
    pid: int


@contextmanager
def loaded_service(name: str, database_url: str, redis_url: str | None) -> Iterator[Service]:
    """Run a service until the end of a measurement; it is ready when this begins."""
    first = free_ports()
    port = first + OFFSETS[name]
    with tempfile.TemporaryDirectory(prefix="dvk-bench-") as home:
        given = {"DATABASE_URL": database_url, "DVK_HOME": home, "DVK_PORT": f"{first}"}
        if redis_url is not None:
            given["REDIS_URL"] = redis_url
        words = Path(home, "words")
        with words.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{name}"],
                env={**os.environ, "DVK_LOG_LEVEL": "warning", **given},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _ready(port):
                assert process.poll() is None, words.read_text("utf-8")
                assert time.monotonic() < deadline, words.read_text("utf-8")
                time.sleep(0.1)
            yield Service(port, process.pid)
        finally:
            process.terminate()
            process.wait()


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
