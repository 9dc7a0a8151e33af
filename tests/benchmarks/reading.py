"""F5: the national summary at any position, asked at a steady rate, beside /healthz."""

from __future__ import annotations

import asyncio
import random
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import orjson

from services.registry.state import RegistryDecider
from shared.clock import system_clock
from shared.eventlog.appender import Appender
from shared.eventlog.sql import open_log
from shared.events.door import receive_batch
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.benchmarks.ground import BATCH
from tests.benchmarks.measuring import Line, percentile, rss_mib
from tests.benchmarks.serving import Service, loaded_service
from tests.benchmarks.wire import Connection, at_a_rate
from tests.support.cloudevents import cloudevent, registration
from tests.support.national_map import national_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.ground import Ground, Size

A_SECOND = 200
YEAR = 2022
BY = "&by=unit&by=field&by=block&by=registration_kind"
FIELDS = ("economy", "culture-society", "defense-security", "political-system")
BLOCKS = ("party", "government", "front", "armed-forces", "commune")
KINDS = ("new", "maintained")
SEED = 20221231


def lines(ground: Ground, size: Size) -> list[Line]:
    """Fill a ledger on the national map, then ask for its year."""
    registered = size.of(20_000, 1_000_000)
    url = ground.new_database()
    head, first = fill(url, registered)
    with loaded_service("reporting", url, None) as service:
        return asyncio.run(_asked(service, size, first, head, registered))


def fill(url: str, registered: int) -> tuple[int, int]:
    """Append the national map and registrations of one year; return the head and their first."""
    with appending(url) as appender:
        for start in range(0, len(units := national_events()), BATCH):
            appender.submit(units[start : start + BATCH]).result()
        communes = [
            unit.subject.removeprefix("unit/")
            for unit in units
            if b'"level":"commune"' in unit.body and unit.type == "dvk.UnitOpened.v1"
        ]
        first = appender.log.head().position
        for start in range(0, registered, BATCH):
            numbers = range(start, min(start + BATCH, registered))
            events = [_registration(n, communes[n * 7919 % len(communes)]) for n in numbers]
            appender.submit(_received(events)).result()
        return appender.log.head().position, first


@contextmanager
def appending(url: str) -> Iterator[Appender]:
    """Run the registry's appender on a log."""
    log = open_log(url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    yield appender
    appender.stop()
    log.close()


def _registration(number: int, unit_id: str) -> dict[str, object]:
    data = registration(
        f"{number}",
        unit_id,
        plan_year=YEAR,
        field_code=FIELDS[number % 4],
        block_code=BLOCKS[number % 5],
        registration_kind=KINDS[number % 3 == 0],
        origin={"kind": "legacy", "ref": "phép đo"},
    )
    return cloudevent(
        "ModelRegistered", data, id=f"f5-{number}", subject=f"registration/r-{number}"
    )


def _received(events: list[dict[str, object]]) -> list[ReceivedEvent]:
    found = receive_batch(orjson.dumps(events), now_us=system_clock(), family=Family.REGISTRY)
    assert all(isinstance(event, ReceivedEvent) for event in found), found[0]
    return [event for event in found if isinstance(event, ReceivedEvent)]


async def _asked(
    service: Service, size: Size, first: int, head: int, registered: int
) -> list[Line]:
    async with Connection(service.port) as client:
        while b'"equal":false' in (await client.get("/completeness")).body:
            await asyncio.sleep(0.2)
        started = perf_counter()
        answer = await client.get(f"/summaries/national?year={YEAR}")
        cold = perf_counter() - started
        assert orjson.loads(answer.body)["measures"]["registered"] == registered, answer.body[:300]
        chance = random.Random(SEED)
        at_work = [chance.randint(first, head) for _ in range(A_SECOND * size.of(4, 20))]
        tables = [
            f"/summaries/national?year={YEAR}&map=current{BY}&known_at={p}" for p in at_work[:40]
        ]
        await client.get(tables[0])
        in_tables = []
        health = []
        for path in tables:
            for asked, seconds in ((path, in_tables), ("/healthz", health)):
                started = perf_counter()
                assert (await client.get(asked)).status == 200
                seconds.append(perf_counter() - started)
    now = [("GET", f"/summaries/national?year={YEAR}&known_at={p}", b"") for p in at_work]
    plain, bare = [], []
    for _ in range(size.rounds):
        plain += await at_a_rate(service.port, now, A_SECOND)
        bare += await at_a_rate(service.port, [("GET", "/healthz", b"")] * len(now), A_SECOND)
    memory = f"{registered:,} registrations, {rss_mib(service.pid):.0f} MiB"
    return [
        Line("F5", f"national summary at a random position, {A_SECOND}/s, p99",
             percentile(plain, 0.99) * 1000, percentile(bare, 0.99) * 1000, "ms",
             "/healthz at the same rate", at_most=3,
             notes=(f"median {percentile(plain, 0.5) * 1000:.1f} ms", memory)),
        Line("F5", "the same with units and three tables on the current map, one after another, median",
             percentile(in_tables, 0.5) * 1000, percentile(health, 0.5) * 1000, "ms",
             "/healthz, one after another", at_most=10),
        Line("F5", "a cold year: the first summary", cold, 1, "s", "one second", at_most=1),
    ]  # fmt: skip
