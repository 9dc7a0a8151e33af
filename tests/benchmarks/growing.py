"""A log of any length for measurements: the synthetic history, recorded without asking the rules.

The generator makes only what the rules accept, so deciding each event would measure nothing here;
what comes before its registration waits for it, as it would be parked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby, islice
from typing import TYPE_CHECKING

from services.console.datasets.synthetic.event_writer import EventWriter
from services.console.datasets.synthetic.history import Plan, history
from services.console.datasets.synthetic.territory import invented_territory, read_territory
from shared.clock import MICROSECONDS
from shared.eventlog.bulk_insert import insert
from shared.eventlog.dialects import dialect_for
from shared.eventlog.migrations import migrate
from shared.eventlog.protocol import START, Head
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent, link
from shared.events.payloads.registrations import ModelRegistered
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

YEARS = (2016, 2025)
SEED = 7
_EVENTS_A_REGISTRATION = 3
_BEFORE_ALL_US = 1_420_070_400 * MICROSECONDS  # 2015-01-01T00:00:00Z
_NOW_US = 1_798_761_600 * MICROSECONDS  # 2027-01-01T00:00:00Z: no day of the history is to come
_GROUP = 5_000


def append_synthetic(
    url: str,
    events: int,
    map_file: Path | None = None,
    *,
    years: tuple[int, int] = YEARS,
    registrations: int | None = None,
) -> Head:
    """Fill an empty log with a synthetic history of so many events; return its head.

    The history is that of `dvk generate` for the years stated, on the map of `map_file` or on
    one made up, cut off after `events`. On PostgreSQL the address is that of the owner.
    """
    plan = Plan(registrations or max(events // _EVENTS_A_REGISTRATION, 10), *years, SEED)
    dialect = dialect_for(url, None)
    migrate(dialect)
    made = islice(_received(plan, map_file), events)
    head, versions = START, Counter[str]()
    while group := list(islice(made, _GROUP)):
        recorded = []
        for family, event in group:
            head = _next(head, event)
            versions[event.subject] += 1
            recorded.append((family, _recorded(head, event), versions[event.subject]))
        with dialect.locked() as connection:
            _insert(connection, recorded)
    dialect.reader.dispose()
    dialect.writer.dispose()
    return head


def _received(plan: Plan, map_file: Path | None) -> Iterator[tuple[Family, ReceivedEvent]]:
    if map_file is None:
        land = invented_territory(EventWriter(None))
    else:
        with map_file.open("rb") as lines:
            land = read_territory(lines)
    known: set[str] = set()
    waiting: dict[str, list[tuple[Family, ReceivedEvent]]] = defaultdict(list)
    for line in history(plan, land):
        type_ = line.partition(b'"type":"')[2].partition(b'"')[0].decode()
        family = next(each for each in Family if each in CATALOGUE[type_].families)
        event = receive(line, now_us=_NOW_US, family=family)
        registration_id: str = getattr(event.payload, "registration_id", None) or ""
        if isinstance(event.payload, ModelRegistered):
            known.add(registration_id)
            yield family, event
            yield from waiting.pop(registration_id, ())
        elif registration_id and registration_id not in known:
            waiting[registration_id].append((family, event))
        else:
            yield family, event


def _next(head: Head, event: ReceivedEvent) -> Head:
    position, recorded_us = head.position + 1, max(head.recorded_us, event.time_us, _BEFORE_ALL_US)
    return Head(position, link(head.chain, position, recorded_us, event.digest), recorded_us)


def _recorded(head: Head, event: ReceivedEvent) -> RecordedEvent:
    recorded = RecordedEvent(
        position=head.position,
        key=event.key,
        type=event.type,
        subject=event.subject,
        recorded_us=head.recorded_us,
        digest=event.digest,
        chain=head.chain,
        body=event.body,
    )
    recorded.__dict__["payload"] = event.payload  # it was decoded already
    return recorded


def _insert(connection: Connection, recorded: list[tuple[Family, RecordedEvent, int]]) -> None:
    """Insert the events of every family in one transaction, which no service may do."""
    for family, group in groupby(recorded, lambda each: each[0]):
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.create_function("dvk_family", 0, lambda family=family: str(family))
        insert(connection, family, [(event, version) for _, event, version in group])
