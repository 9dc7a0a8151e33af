"""One year of the whole nation, registered commune by commune, through the registry's rules."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.events.acceptance.receive import receive_batch
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.benchmarks.servers import BATCH
from tests.support.cloudevents import cloudevent, registration
from tests.support.national_map import national_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

YEAR = 2022
FIELDS = ("economy", "culture-society", "defense-security", "political-system")
BLOCKS = ("party", "government", "front", "armed-forces", "commune")
AHEAD = 4


@contextmanager
def appending(url: str) -> Iterator[Appender]:
    """Run the registry's appender on a log."""
    log = open_log(url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    yield appender
    appender.stop()
    log.close()


class NationalYear:
    """Registrations of 2022 in all communes, numbered; the national map comes before them."""

    def __init__(self, appender: Appender) -> None:
        self._appender = appender
        units = national_events()
        for start in range(0, len(units), BATCH):
            appender.submit(units[start : start + BATCH]).result()
        self._communes = [
            unit.subject.removeprefix("unit/")
            for unit in units
            if b'"level":"commune"' in unit.body and unit.type == "dvk.UnitOpened.v1"
        ]
        self.first = self.head
        """The position before the first registration."""
        self._numbers = iter(range(10**9))
        self.registered = 0

    @property
    def head(self) -> int:
        """Return the last position of the log."""
        return self._appender.log.head().position

    def groups(self, count: int) -> list[Sequence[ReceivedEvent]]:
        """Return the next registrations, validated, in groups of 500."""
        return [self.group(BATCH) for _ in range(count // BATCH)]

    def append(self, groups: Sequence[Sequence[ReceivedEvent]]) -> None:
        """Append groups, a few of them under way at a time."""
        under_way: deque = deque()
        for group in groups:
            under_way.append(self._appender.submit(group))
            if len(under_way) > AHEAD:
                under_way.popleft().result()
        for answer in under_way:
            answer.result()
        self.registered += sum(map(len, groups))

    def grow_to(self, registered: int) -> None:
        """Append until so many were registered in all."""
        while self.registered < registered:
            self.append(self.groups(min(20 * BATCH, registered - self.registered)))

    def group(self, size: int) -> Sequence[ReceivedEvent]:
        """Return the next registrations, validated."""
        events = [self._registration(number) for number in islice(self._numbers, size)]
        found = receive_batch(orjson.dumps(events), now_us=system_clock(), family=Family.REGISTRY)
        received = [event for event in found if isinstance(event, ReceivedEvent)]
        assert len(received) == len(found), found[0]
        return received

    def _registration(self, number: int) -> dict[str, object]:
        data = registration(
            f"{number}",
            self._communes[number * 7919 % len(self._communes)],
            plan_year=YEAR,
            field_code=FIELDS[number % 4],
            block_code=BLOCKS[number % 5],
            registration_kind="maintained" if number % 3 else "new",
            origin={"kind": "legacy", "ref": "phép đo"},
        )
        subject = f"registration/r-{number}"
        return cloudevent("ModelRegistered", data, id=f"nation-{number}", subject=subject)
