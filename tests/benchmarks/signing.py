"""F10: what trust costs: the import of signed events, a single one over HTTP, and the rights."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.trust.signing import signed_events
from shared.vocabulary import Family
from tests.benchmarks.importing import imported
from tests.benchmarks.measuring import Line, alternately, percentile
from tests.benchmarks.servers import COMMUNES, json_of, land, received
from tests.benchmarks.serving import loaded_service
from tests.benchmarks.wire import Connection, at_a_rate
from tests.support.cloudevents import cloudevent, registration
from tests.support.trusted import REALM, authorized, began, key_added, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.events.envelope import ReceivedEvent
    from tests.benchmarks.servers import Ground, Size

PUBLISHER = "p-vn"
TOGETHER = 480
"""Events of a request: fifteen batches of 32 that were signed together."""
BATCH_TYPE = "application/cloudevents-batch+json"
SINGLES_A_SECOND = 200
AUTHORITY_US = 3.0
MORE_MS = 0.3


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Measure the import with and without signatures, the rights alone, then single events."""
    events = size.of(9_600, 48_000)
    numbers = count(step=events)

    def signed_import() -> float:
        batches = list(batches_of(next(numbers), events, signed=True))
        return imported(ground.new_database(), batches, trusted())

    def unsigned_import() -> float:
        batches = list(batches_of(next(numbers), events, signed=False))
        return imported(ground.new_database(), batches)

    ours, peer = alternately(signed_import, unsigned_import, size.rounds)
    yield Line("F10", "import of events signed in batches of 32", ours, peer, "events/s",
               "the same without signatures", at_least=0.85)  # fmt: skip
    yield _rights(ground, size)
    yield asyncio.run(_singles(ground, size))


def trusted() -> list[ReceivedEvent]:
    """Return the events that give one publisher a key and a right over the country."""
    return [began(), authorized(PUBLISHER, "vn"), key_added(PUBLISHER)]


def batches_of(first: int, events: int, *, signed: bool, size: int = TOGETHER) -> Iterator[bytes]:
    """Yield new registrations in JSON; signed, each 32 of a batch have one signature."""
    for start in range(first, first + events, size):
        yield json.dumps(_events(range(start, start + size), signed=signed)).encode()


def _events(numbers: Iterable[int], *, signed: bool) -> list[dict[str, Any]]:
    source = f"/publishers/{PUBLISHER}"
    events = [
        cloudevent("ModelRegistered", registration(f"{n}", f"c{n % COMMUNES}"), source=source)
        for n in numbers
    ]
    return signed_events(events, key_of(PUBLISHER), REALM) if signed else events


def _rights(ground: Ground, size: Size) -> Line:
    """Decide the same events on a log that began trust and on one that did not."""
    count_of = size.of(5_000, 20_000)
    raw = list(batches_of(0, count_of, signed=True))
    events = [event for each in raw for event in received(each)]
    with_trust, without = (_Deciding(ground, more) for more in (trusted(), []))
    pairs = [(with_trust.decided(events), without.decided(events)) for _ in range(size.rounds)]
    cost = median(ours - peer for ours, peer in pairs)
    return Line(
        "F10",
        "key and right of an event, of the decision's processor time",
        cost,
        AUTHORITY_US,
        "µs an event",
        "the bar",
        at_most=1,
        notes=(f"deciding without trust {median(peer for _, peer in pairs):.1f} µs",),
    )


class _Deciding:
    """A decider at the head of a log of its own."""

    def __init__(self, ground: Ground, more: Sequence[ReceivedEvent]) -> None:
        self._log = open_log(ground.new_database(), family=Family.REGISTRY)
        self._decider = RegistryDecider()
        appender = Appender(self._log, self._decider)
        appender.start()
        appender.submit([*land(), *more]).result()
        appender.stop()

    def decided(self, events: Sequence[ReceivedEvent]) -> float:
        """Decide events without appending them; return microseconds an event."""
        decider, now_us = self._decider, system_clock()
        decider.load(self._log, decider.missing(events))
        began_at = process_time()
        for event in events:
            decider.decide(event, now_us)
        return (process_time() - began_at) / len(events) * 1e6


async def _singles(ground: Ground, size: Size) -> Line:
    """Send single events to two services at once in turn, one that began trust and one not."""
    each = SINGLES_A_SECOND * size.of(2, 10)
    slowest: dict[bool, list[float]] = {True: [], False: []}
    with (
        loaded_service("registry", ground.new_database(), None) as signed,
        loaded_service("registry", ground.new_database(), None) as unsigned,
    ):
        ports = {True: signed.port, False: unsigned.port}
        for trust, port in ports.items():
            async with Connection(port) as client:
                # Each by itself: a signature is checked by what was accepted before it.
                for first in (land(), *([each] for each in (trusted() if trust else []))):
                    answer = await client.post("/events", json_of(first), BATCH_TYPE)
                    assert answer.body.count(b'"accepted"') == len(first), answer.body[:500]
        for turn in range(size.rounds + 1):
            for trust, port in ports.items():
                start = turn * each + 10**8
                raw = [part[1:-1] for part in batches_of(start, each, signed=trust, size=1)]
                posted = [("POST", "/events", body) for body in raw]
                took = await at_a_rate(port, posted, SINGLES_A_SECOND, expected=201)
                if turn:  # both begin warm
                    slowest[trust].append(percentile(took, 0.99) * 1000)
    ours, peer = median(slowest[True]), median(slowest[False])
    return Line(
        "F10",
        f"a signed single event over HTTP at {SINGLES_A_SECOND}/s, more than an unsigned one, p99",
        ours - peer,
        MORE_MS,
        "ms",
        "the bar",
        at_most=1,
        notes=(f"signed {ours:.2f} ms, unsigned {peer:.2f} ms",),
    )
