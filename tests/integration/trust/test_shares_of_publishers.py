"""Once trust began a publisher has a quarter of the queue and of the bodies in hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.registry.decider import RegistryDecider
from shared.appending import parked_room
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.errors import Unavailable
from shared.telemetry.metrics import Metrics
from shared.trust.signature_check import SignatureCheck, unchecked
from shared.vocabulary import Family
from shared.web.publishing import events_api
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from tests.contract.eventlog.test_appending import send
from tests.contract.eventlog.test_room_for_parked_events import registry_of, waits
from tests.support.http_clients import BATCHED, STRUCTURED
from tests.support.memory_log import MemoryEventLog
from tests.support.publisher_streams import registers
from tests.support.trusted import taken
from tests.support.two_provinces import ledger

GOOD, LATER = 200, 429


def some(publisher: str, first: int, count: int = 2) -> list[dict[str, Any]]:
    unit = publisher.replace("p-", "") + "1"
    return [registers(str(n), unit, publisher) for n in range(first, first + count)]


def door_of(appender: Appender, signatures: SignatureCheck) -> httpx.ASGITransport:
    """Return the routes for publishers before an appender."""
    app = new_app(
        title="Test", title_vi="Thử", description="", family=Family.REGISTRY, metrics=Metrics()
    )
    router = events_api.events_router(
        family=Family.REGISTRY,
        appender=appender,
        log=appender.log,
        clock=system_clock,
        signatures=signatures,
    )
    add_routes(app, router)
    return httpx.ASGITransport(app, raise_app_exceptions=False)


class SlowRegistry:
    """A registry that began trust and appends only when it is asked to."""

    def __init__(self, **limits: int) -> None:
        log = ledger().log.as_family(Family.REGISTRY)
        self.appender = Appender(log, RegistryDecider(), **limits)  # type: ignore[arg-type]
        self.appender.catch_up()
        signatures = SignatureCheck(lambda: self.appender.decider.authority, self.appender.catch_up)
        self._transport = door_of(self.appender, signatures)
        self._sent: list[asyncio.Task[httpx.Response]] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
            self._client = client
            yield

    async def send(self, events: Sequence[dict[str, Any]], padding: int = 0) -> Any:
        """Send a batch; return the answer, None while it waits to be appended."""
        body = json.dumps(events) + " " * padding
        sending = self._client.post("/events", content=body, headers=BATCHED)
        self._sent.append(asyncio.create_task(sending))
        before = self.appender.waiting
        while not self._sent[-1].done() and self.appender.waiting == before:
            await asyncio.sleep(0)
        return self._sent[-1].result() if self._sent[-1].done() else None

    async def answered(self) -> list[int]:
        """Append all that waits, and return the statuses of all answers in order."""
        self.appender.step()
        return [(await each).status_code for each in self._sent]


async def test_a_publisher_with_a_quarter_of_the_queue_has_to_come_again_and_no_other() -> None:
    slow = SlowRegistry(queue_limit=16)
    async with slow.running():
        assert await slow.send(some("p-a", 0)) is None
        assert await slow.send(some("p-a", 2)) is None
        refused = await slow.send(some("p-a", 4))
        assert refused is not None, "it is appended"
        assert (refused.status_code, refused.json()["code"]) == (LATER, "publisher_busy")
        assert refused.headers["retry-after"] == "1"
        assert await slow.send(some("p-b", 0)) is None
        assert await slow.answered() == [GOOD, GOOD, LATER, GOOD]
        assert await slow.send(some("p-a", 4)) is None, "what is answered makes room"
        assert await slow.answered() == [GOOD, GOOD, LATER, GOOD, GOOD]


async def test_a_publisher_with_a_quarter_of_the_bodies_has_to_come_again_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events_api, "BODIES_BYTES", 80_000)
    slow = SlowRegistry()
    async with slow.running():
        assert await slow.send(some("p-a", 0), padding=15_000) is None
        refused = await slow.send(some("p-a", 2), padding=15_000)
        assert refused is not None, "it is appended"
        assert (refused.status_code, refused.json()["code"]) == (LATER, "publisher_busy")
        assert await slow.send(some("p-b", 0), padding=15_000) is None
        assert await slow.answered() == [GOOD, LATER, GOOD]
        assert await slow.send(some("p-a", 2), padding=15_000) is None
        assert await slow.answered() == [GOOD, LATER, GOOD, GOOD]


async def test_over_http_a_publisher_with_its_share_of_parked_events_may_send_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parked_room, "PARKED_MOST_OF_ONE", 1)
    registry = registry_of(MemoryEventLog().as_family(Family.REGISTRY))
    send(registry, waits("a0"))
    registry.start()
    door = door_of(registry, unchecked())
    async with httpx.AsyncClient(transport=door, base_url="http://test") as client:
        for publisher, status in (("a", 429), ("b", 202)):
            answer = await client.post(
                "/events", content=waits("next", publisher).body, headers=STRUCTURED
            )
            assert answer.status_code == status
            assert answer.headers.get("retry-after") == ("60" if status == 429 else None)
    registry.stop()


def test_bytes_of_records_are_shared_as_events_are() -> None:
    slow = SlowRegistry(queue_bytes=16_000)
    events = [taken(each) for each in some("p-a", 0, 12)]
    fitting = 4_000 // len(events[0].body)
    assert 0 < fitting < 12
    for event in events[:fitting]:
        slow.appender.submit([event])
    with pytest.raises(Unavailable, match="publisher_busy"):
        slow.appender.submit([events[fitting]])
    slow.appender.submit([taken(each) for each in some("p-b", 0)])


def test_a_batch_larger_than_a_share_is_admitted_when_its_publisher_holds_nothing() -> None:
    slow = SlowRegistry(queue_limit=8)
    future = slow.appender.submit([taken(each) for each in some("p-a", 0, 5)])
    slow.appender.step()
    assert len(future.result(0)) == 5


def test_before_trust_one_publisher_may_fill_the_queue() -> None:
    slow = SlowRegistry(queue_limit=4)
    slow.appender.decider.authority.trust = None
    for number in range(4):
        slow.appender.submit([taken(each) for each in some("p-a", number, 1)])
    with pytest.raises(Unavailable, match="too_busy"):
        slow.appender.submit([taken(each) for each in some("p-a", 4, 1)])
