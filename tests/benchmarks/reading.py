"""F5: the national summary at any position, asked at a steady rate, beside /healthz."""

from __future__ import annotations

import asyncio
import random
from time import perf_counter
from typing import TYPE_CHECKING

import orjson

from tests.benchmarks.filling import YEAR
from tests.benchmarks.measuring import Line, percentile, rss_mib
from tests.benchmarks.wire import Connection, at_a_rate

if TYPE_CHECKING:
    from tests.benchmarks.servers import Size
    from tests.benchmarks.serving import Service

A_SECOND = 200
BY = "&by=unit&by=field&by=block&by=registration_kind"
SEED = 20221231


async def asked(service: Service, size: Size, first: int) -> list[Line]:
    """Ask the national summary at random positions behind one, in several ways."""
    async with Connection(service.port) as client:
        while b'"equal":false' in (await client.get("/completeness")).body:
            await asyncio.sleep(0.2)
        started = perf_counter()
        answer = await client.get(f"/summaries/national?year={YEAR}")
        cold = perf_counter() - started
        shown = orjson.loads(answer.body)
        head, registered = shown["known_at"]["position"], shown["measures"]["registered"]
        assert registered == head - first, answer.body[:300]
        chance = random.Random(SEED)
        at_work = [chance.randint(first, head) for _ in range(A_SECOND * size.of(4, 20))]
        tables = [
            f"/summaries/national?year={YEAR}&map=current{BY}&known_at={p}" for p in at_work[:40]
        ]
        await client.get(tables[0])
        in_tables = []
        health = []
        for path in tables:
            for one, seconds in ((path, in_tables), ("/healthz", health)):
                started = perf_counter()
                assert (await client.get(one)).status == 200
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
