"""Two PostgreSQL servers behind one address, and publishing that goes on while one takes over."""

import itertools
import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.dvk_command import DVK, environment
from tests.faults.databases import PostgresCluster
from tests.faults.ledger import Ledger
from tests.faults.publishers import OverHttp
from tests.faults.scripts import Event, registering
from tests.support.data_centre import address_of
from tests.support.postgres_server import PostgresServer

LIVES = 6_000
"""So many registrations `dvk publish` sends: longer than a server needs to take over by hand."""


class TwoHosts(PostgresCluster):
    """Two servers, of which `server` takes writes now; the services are given both."""

    def __init__(self, server: PostgresServer, other: PostgresServer) -> None:
        super().__init__(server)
        self._hosts = f"@127.0.0.1:{server.port},127.0.0.1:{other.port}/"

    def of(self, service: str) -> Mapping[str, str]:
        """Return the address of the service's role on both."""
        before, _, after = address_of(self.server, service).partition("@")
        return {"DATABASE_URL": before + self._hosts + after.partition("/")[2]}


@dataclass
class TimedPublisher(OverHttp):
    """A publisher that notes when it was answered."""

    moments: list[float] = field(default_factory=list)

    def _note(self, event: Event, item: Mapping[str, Any]) -> None:
        super()._note(event, item)
        self.moments.append(time.monotonic())

    def away(self, since: float) -> float:
        """Return the longest time without an answer since a moment, in seconds."""
        last = max((moment for moment in self.moments if moment <= since), default=since)
        moments = [last, *(moment for moment in self.moments if moment > since)]
        return max(after - before for before, after in itertools.pairwise(moments))


@contextmanager
def timed(ledger: Ledger) -> Iterator[TimedPublisher]:
    """Let a publisher work whose answers are timed."""
    publisher = TimedPublisher(
        "timed", "registry", registering, addresses=ledger.addresses("registry")
    )
    try:
        publisher.start()
        yield publisher
    finally:
        publisher.ask_to_end()
        publisher.close()


@contextmanager
def publishing(ledger: Ledger, home: Path) -> Iterator["DvkPublish"]:
    """Let `dvk publish` send a file of registrations; what runs still ends with the test."""
    events = [event for life in range(LIVES) for event in registering("file", life)]
    file = home / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    with (home / "publish.log").open("wb") as log:
        process = subprocess.Popen(
            [DVK, "publish", str(file)],
            env=environment(home, ledger.port),
            stdout=log,
            stderr=log,
        )
        try:
            yield DvkPublish(process, events, home / "publish.log")
        finally:
            process.kill()
            process.wait()


@dataclass
class DvkPublish:
    """A running `dvk publish` with the events that it sends."""

    process: "subprocess.Popen[bytes]"
    events: Sequence[Event]
    log: Path

    def runs(self) -> bool:
        """Say whether it has not ended."""
        return self.process.poll() is None

    def ended_well(self, seconds: float = 240) -> None:
        """Wait for its end; fail unless it is exit 0."""
        assert self.process.wait(seconds) == 0, self.log.read_text("utf-8")[-2_000:]

    def keys(self) -> set[tuple[str, str]]:
        """Return source and id of each of its events."""
        return {(event["source"], event["id"]) for event in self.events}
