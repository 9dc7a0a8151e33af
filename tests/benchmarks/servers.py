"""The servers that everybody is measured on: PostgreSQL that waits for the disk, and Redis."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from shared.clock import system_clock
from shared.events.acceptance.receive import receive_batch
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country, registration, unit
from tests.support.databases import new_database, psycopg_address
from tests.support.postgres_server import own_postgres_server
from tests.support.redis_server import own_redis_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROVINCES, COMMUNES = 5, 200
BATCH = 500
SEGMENTS = 60


@dataclass(frozen=True)
class Size:
    """How much is measured: `quick` answers within two minutes in all."""

    quick: bool

    def of(self, quick: int, full: int) -> int:
        """Return the number for this size."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        """Return how often each way is measured."""
        return 2 if self.quick else 3


@dataclass(frozen=True)
class Ground:
    """One PostgreSQL with fsync, one Redis with its append-only file."""

    postgres_url: str
    redis_url: str
    new_database: Callable[[], str]


@contextmanager
def ground() -> Iterator[Ground]:
    """Run the servers for one measurement."""
    with ExitStack() as stack:
        postgres = stack.enter_context(own_postgres_server(fsync=True))
        _run_in(postgres.url)
        redis = stack.enter_context(own_redis_server())
        yield Ground(
            postgres.url, redis.url, lambda: stack.enter_context(new_database(postgres.url))
        )


def _run_in(url: str) -> None:
    """Let the server have the segments of its journal that it would reuse after some hours.

    A new one makes a file of 16 MB for each 16 MB that are written, and everybody waits for that.
    """
    with psycopg.connect(psycopg_address(url), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET min_wal_size = '1GB'")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(SEGMENTS):
            connection.execute("SELECT pg_logical_emit_message(true, '', '')")
            connection.execute("SELECT pg_switch_wal()")
    settle(url)


def settle(url: str) -> None:
    """Let the server write to the disk what it has put off: what is measured next owes nothing for it."""
    with psycopg.connect(psycopg_address(url), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def land() -> list[ReceivedEvent]:
    """Return a country with a few provinces and communes."""
    provinces = [unit(f"p{n}") for n in range(PROVINCES)]
    communes = [unit(f"c{n}", f"p{n % PROVINCES}", "commune") for n in range(COMMUNES)]
    return [country(), *provinces, *communes]


def json_of(events: Sequence[ReceivedEvent]) -> bytes:
    """Return events as a batch that can be sent."""
    return b"[%b]" % b",".join(event.body for event in events)


def registrations_json(first: int, count: int, size: int = BATCH) -> Iterator[bytes]:
    """Yield new registrations as batches of CloudEvents, as a province sends them."""
    for start in range(first, first + count, size):
        numbers = range(start, min(start + size, first + count))
        events = [
            cloudevent("ModelRegistered", registration(f"{n}", f"c{n % COMMUNES}")) for n in numbers
        ]
        yield json.dumps(events, ensure_ascii=False).encode()


def registrations(first: int, count: int) -> list[ReceivedEvent]:
    """Return new registrations as they come from the door."""
    return [event for raw in registrations_json(first, count) for event in received(raw)]


def received(raw: bytes) -> Sequence[ReceivedEvent]:
    """Return the events of a batch, all of which keep the contract."""
    found = receive_batch(raw, now_us=system_clock(), family=Family.REGISTRY)
    return [event for event in found if isinstance(event, ReceivedEvent)]
