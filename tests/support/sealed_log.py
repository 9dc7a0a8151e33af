"""A log in SQL with its sealer: it grows without rules, and each step is made by the test."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from services.sealer.sealer import Sealer
from shared.eventlog.dialects import dialect_for
from shared.eventlog.seal_store import SealedCheckpoint, SealStore
from shared.eventlog.sql import open_log
from shared.events.envelope import link
from shared.events.recorded import RecordedEvent
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.trust.tiles import entry
from shared.vocabulary import Family
from tests.support.cloudevents import unit

ORIGIN = "ledger.example/log"
KEY = SecretKey.from_seed(bytes(range(32)))
START_US = 1_767_225_600_000_000
_names = count(1)


class SealedLog:
    """A log at an address, its seals, and one sealer with a memory of its own."""

    def __init__(self, url: str, folder: Path, origin: str = ORIGIN) -> None:
        self.url = url
        self.folder = folder
        self.now_us = START_US
        self.log = open_log(url, family=Family.REGISTRY)
        self.store = SealStore(dialect_for(url, None), origin)
        self.sealer = self.another()

    def another(self, folder: Path | None = None, key: SecretKey = KEY) -> Sealer:
        """Return another sealer of the same log, as after a start."""
        memory = CheckpointMemory(folder or self.folder)
        return Sealer(self.store, memory, key, clock=lambda: self.now_us)

    def grow(self, by: int, name: str = "Xã Bình Văn") -> None:
        """Append some events, each with a subject of its own."""
        with self.log.append_session() as session:
            head = session.head()
            position, chain = head.position, head.chain
            events = []
            for _ in range(by):
                received = unit(f"s{next(_names)}", name=name)
                position += 1
                recorded_us = START_US + position
                chain = link(chain, position, recorded_us, received.digest)
                events.append(
                    RecordedEvent(
                        position, received.key, received.type, received.subject, recorded_us,
                        received.digest, chain, received.body,
                    )
                )  # fmt: skip
            session.insert([(event, 1) for event in events])

    def sealed(self, by: int) -> SealedCheckpoint:
        """Append some events, and return the checkpoint over them."""
        self.grow(by)
        assert self.sealer.step() == by
        last = self.store.last()
        assert last is not None
        return last

    def tamper(self, *statements: str) -> None:
        """Change the database as its superuser, past every trigger and grant."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for name in connection.execute(text(named)).scalars().all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def rewrite(self, since: int) -> None:
        """Exchange all events from a position on for others, with digests and chains that fit."""
        head = self.log.head().position
        self.tamper(f"DELETE FROM log_events WHERE position >= {since}")  # noqa: S608
        self.grow(head - since + 1, name="Xã khác")

    def leaf(self, position: int) -> bytes:
        """Return the entry of an event, from its record."""
        (event,) = self.log.read(position - 1, 1)
        return entry(event.position, event.recorded_us, event.digest)

    def close(self) -> None:
        self.log.close()
        self.store.close()


@cache
def go_program(name: str) -> Path:
    """Return a program that verifies with Go's own libraries, or skip the test loudly."""
    packages = Path("/usr/share/gocode")
    if not shutil.which("go") or not (packages / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("NOT VERIFIED BY GO: needs go and golang-golang-x-mod-dev")
    program = Path(mkdtemp()) / name
    source = Path(__file__).with_name("go") / f"{name}.go"
    environment = {**os.environ, "GOPATH": str(packages), "GO111MODULE": "off"}
    built = subprocess.run(
        ["go", "build", "-o", program, source],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return program


def asked_of_go(**question: Any) -> dict[str, Any]:
    """Return the verdict of Go's libraries; bytes are sent as base64."""

    def written(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if isinstance(value, dict):
            return {name: written(each) for name, each in value.items()}
        return [written(each) for each in value] if isinstance(value, list) else value

    done = subprocess.run(
        [go_program("verify_log")],
        check=False,
        input=json.dumps(written(question)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
