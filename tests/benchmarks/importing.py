"""F2 and F2b: a large file through validation, decision and log, beside bare COPY; and over HTTP."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.eventlog.sql import open_log
from shared.trust.signature_check import SignatureCheck
from shared.vocabulary import Family
from tests.benchmarks.measuring import Line, alternately, percentile
from tests.benchmarks.servers import BATCH, json_of, land, received, registrations_json, settle
from tests.benchmarks.serving import loaded_service
from tests.benchmarks.wire import Connection, at_a_rate
from tests.support.databases import psycopg_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.events.envelope import ReceivedEvent
    from tests.benchmarks.servers import Ground, Size

AHEAD = 8
"""So many batches are validated while earlier ones are decided and written."""
SINGLES_A_SECOND = 200


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Measure the import beside COPY, then the same over HTTP beside the import."""
    events = size.of(20_000, 100_000)
    copied = _Copied(ground, events)
    numbers = count(step=events)

    def ours() -> float:
        return imported(ground.new_database(), list(registrations_json(next(numbers), events)))

    one, bare = alternately(ours, copied.again, size.rounds)
    yield Line("F2", "import: validate, decide, append", one, bare, "events/s",
               "bare COPY, same table and indexes", at_least=0.25)  # fmt: skip
    over_http, single_p99, health_p99 = asyncio.run(_over_http(ground, size, events))
    yield Line("F2b", "the same over HTTP, batches of 500, one client", over_http, one, "events/s",
               "the import", at_least=0.3)  # fmt: skip
    yield Line("F2b", f"single events over HTTP at {SINGLES_A_SECOND}/s, p99", single_p99 * 1000,
               health_p99 * 1000, "ms", "/healthz at the same rate", at_most=5)  # fmt: skip


def imported(url: str, batches: Iterable[bytes], more: Sequence[ReceivedEvent] = ()) -> float:
    """Import batches into a new log; return events a second, from bytes to the last commit.

    The log begins with a country and with `more`. Signatures are checked if trust has begun.
    """
    log = open_log(url, family=Family.REGISTRY)
    decider = RegistryDecider()
    appender = Appender(log, decider)
    appender.start()
    first = [*land(), *more]
    appender.submit(first).result()
    check = SignatureCheck(lambda: decider.authority, lambda: None)
    events = 0
    under_way: deque = deque()
    started = perf_counter()
    for raw in batches:
        sent = check.check(received(raw)) if more else received(raw)
        events += len(sent)
        under_way.append(appender.submit(sent))
        if len(under_way) > AHEAD:
            under_way.popleft().result()
    for answer in under_way:
        answer.result()
    seconds = perf_counter() - started
    appender.stop()
    assert log.head().position == events + len(first)
    log.close()
    return events / seconds


class _Copied:
    """The rows of one import, as COPY gives and takes them."""

    def __init__(self, ground: Ground, events: int) -> None:
        self._ground = ground
        self._events = events
        url = ground.new_database()
        imported(url, registrations_json(500_000_000, events))
        with (
            psycopg.connect(psycopg_address(url)) as connection,
            connection.cursor() as cursor,
            cursor.copy("COPY log_events TO STDOUT (FORMAT BINARY)") as rows,
        ):
            self._rows = b"".join(bytes(part) for part in rows)

    def again(self) -> float:
        """Copy them into a new log; return events a second."""
        url = self._ground.new_database()
        open_log(url, family=None).close()
        with psycopg.connect(psycopg_address(url)) as connection:
            started = perf_counter()
            with (
                connection.cursor() as cursor,
                cursor.copy("COPY log_events FROM STDIN (FORMAT BINARY)") as copy,
            ):
                copy.write(self._rows)
            connection.commit()
            return self._events / (perf_counter() - started)


async def _over_http(ground: Ground, size: Size, events: int) -> tuple[float, float, float]:
    with loaded_service("registry", ground.new_database(), None) as service:
        async with Connection(service.port) as client:
            await client.post("/events", json_of(land()), "application/cloudevents-batch+json")
            started = perf_counter()
            for raw in registrations_json(0, events):
                answer = await client.post("/events", raw, "application/cloudevents-batch+json")
                assert answer.status == 200, answer
                assert answer.body.count(b'"accepted"') == BATCH, answer.body[:500]
            rate = events / (perf_counter() - started)
        settle(ground.postgres_url)
        seconds = size.of(4, 20)
        singles = [raw[1:-1] for raw in registrations_json(10**8, SINGLES_A_SECOND * seconds, 1)]
        posted = [("POST", "/events", raw) for raw in singles]
        asked = [("GET", "/healthz", b"")] * len(posted)
        single = await at_a_rate(service.port, posted, SINGLES_A_SECOND, expected=201)
        health = await at_a_rate(service.port, asked, SINGLES_A_SECOND)
        return rate, percentile(single, 0.99), percentile(health, 0.99)
