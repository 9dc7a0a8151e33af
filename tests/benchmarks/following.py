"""F6: from an accepted event to the summary that shows it, beside one bare hop over Redis."""

from __future__ import annotations

import asyncio
import json
import threading
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
from redis import Redis

from tests.benchmarks.measuring import Line, percentile
from tests.benchmarks.servers import COMMUNES, json_of, land
from tests.benchmarks.serving import loaded_service
from tests.benchmarks.wire import Connection
from tests.support.cloudevents import cloudevent, registration

if TYPE_CHECKING:
    from tests.benchmarks.servers import Ground, Size
    from tests.benchmarks.serving import Service

BATCH = "application/cloudevents-batch+json"
A_SECOND, AT_ONCE = 1_000, 10
OK = 200
LOOK_SECONDS = 0.005


def lines(ground: Ground, size: Size) -> list[Line]:
    """Publish steadily over HTTP, and ask the summary all the time which position it shows."""
    seconds = size.of(4, 20)
    url = ground.new_database()
    hops = bare_hops(ground.redis_url, 2_000)
    with (
        loaded_service("registry", url, ground.redis_url) as registry,
        loaded_service("reporting", url, ground.redis_url) as reporting,
    ):
        waits = asyncio.run(_visible(registry, reporting, seconds))
    hops += bare_hops(ground.redis_url, 2_000)
    return [
        Line("F6", f"accepted → in the summary, {A_SECOND:,} events/s, p99",
             percentile(waits, 0.99) * 1000, percentile(hops, 0.99) * 1000, "ms",
             "one hop XADD → XREADGROUP, p99", at_most=100,
             notes=(f"median {percentile(waits, 0.5) * 1000:.1f} ms", f"{len(waits):,} events"))
    ]  # fmt: skip


def bare_hops(redis_url: str, count: int) -> list[float]:
    """Send entries one by one to a reader that waits for them; return the seconds of each."""
    seconds: list[float] = []
    arrived = threading.Semaphore(0)
    with (
        Redis.from_url(redis_url, protocol=2) as sender,
        Redis.from_url(redis_url, protocol=2) as reader,
    ):
        sender.delete("bare")
        sender.xgroup_create("bare", "hop", mkstream=True)

        def read() -> None:
            for _ in range(count):
                ((_, [(entry, fields)]),) = reader.xreadgroup(
                    "hop", "one", {"bare": ">"}, count=1, block=10_000
                )
                seconds.append(perf_counter() - float(fields[b"at"]))
                reader.xack("bare", "hop", entry)
                arrived.release()

        thread = threading.Thread(target=read)
        thread.start()
        for _ in range(count):
            sender.xadd("bare", {"at": repr(perf_counter())})
            arrived.acquire()
        thread.join()
        sender.delete("bare")
    return seconds


async def _visible(registry: Service, reporting: Service, seconds: int) -> list[float]:
    accepted: dict[int, float] = {}
    shown_at: dict[int, float] = {}
    async with Connection(registry.port) as client:
        await client.post("/events", json_of(land()), BATCH)
    ended = asyncio.Event()

    async def watch() -> None:
        shown = len(land())
        async with Connection(reporting.port) as client:
            while not (ended.is_set() and shown >= max(accepted)):
                answer = await client.get("/summaries/national?year=2022")
                moment = perf_counter()
                position = orjson.loads(answer.body)["known_at"]["position"]
                shown_at.update(dict.fromkeys(range(shown + 1, position + 1), moment))
                shown = position
                # Who asks without a pause takes the processor from what brings the figure up.
                await asyncio.sleep(LOOK_SECONDS)

    async with Connection(reporting.port) as client:
        while (await client.get("/summaries/national?year=2022")).status != OK:
            await asyncio.sleep(0.1)  # until the country is there
    watching = asyncio.create_task(watch())
    async with Connection(registry.port) as client:
        started = perf_counter()
        for number in range(seconds * A_SECOND // AT_ONCE):
            await asyncio.sleep(max(started + number * AT_ONCE / A_SECOND - perf_counter(), 0))
            answer = await client.post("/events", _batch(number * AT_ONCE), BATCH)
            moment = perf_counter()
            items = orjson.loads(answer.body)["items"]
            accepted.update((int(item["position"]), moment) for item in items)
    ended.set()
    await watching
    # What was seen before its own answer arrived took no time at all.
    return [max(shown_at[position] - moment, 0.0) for position, moment in accepted.items()]


def _batch(first: int) -> bytes:
    return json.dumps(
        [
            cloudevent("ModelRegistered", registration(f"{n}", f"c{n % COMMUNES}"))
            for n in range(first, first + AT_ONCE)
        ],
        ensure_ascii=False,
    ).encode()
