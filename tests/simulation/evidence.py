"""What is laid before the checker: durable tables as plain rows, notebooks, streams, and answers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import RECORDED_MAP, SummaryQuery
from tests.simulation.histories import YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.simulation.ledger import Durable
    from tests.simulation.publishers import Note
    from tests.simulation.world import Simulation

SERVICES = ("registry", "evaluation", "reporting")
TABLES = ("unit", "field,registration_kind", "tier", "award_form,recipient_kind")


class Row(NamedTuple):
    """A row of the log, as its table has it."""

    position: int
    source: str
    event_id: str
    subject: str
    version: int
    recorded_us: int
    digest: bytes
    chain: bytes
    body: bytes


class Waiting(NamedTuple):
    """An event that waits on the desk of a service, and for what: pairs of kind and id."""

    service: str
    source: str
    event_id: str
    waiting_for: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Evidence:
    """Everything at rest."""

    log: Sequence[Row]
    parked: Sequence[Waiting]
    refused: Sequence[tuple[str, str]]
    """(source, id) of what was refused by a rule."""
    notes: Sequence[Note]
    journal: Sequence[Sequence[tuple[str, tuple[Any, ...]]]]
    """Every transaction of Redis that changed something."""
    streams: Mapping[str, Sequence[tuple[bytes, Mapping[bytes, bytes]]]]
    top: str
    """The last id that the stream of the log has given, "0-0" where there is none."""
    completeness: Mapping[str, Mapping[str, Any]]
    """By process of reporting."""
    summaries: Mapping[tuple[str, int], Mapping[str, Any]]
    """By process of reporting and year."""
    quarantined: Sequence[str]


def evidence_of(simulation: Simulation) -> Evidence:
    """Gather what the checker looks at."""
    reporting = {
        actor.name: actor.process
        for actor in simulation.actors
        if actor.process is not None and actor.process.projection is not None
    }
    pinned = {name: process.projection.pin() for name, process in reporting.items()}
    names = ["dvk:events", *(f"dvk:intake:{service}" for service in SERVICES)]
    streams = {name: simulation.redis.xrange(name) for name in names}
    # Its own connection, plain sqlite3: nothing between the file and the checker.
    durable = simulation.durable
    log, parked, refused = _of_memory(durable) if durable.memory else _of_file(durable)
    return Evidence(
        log=log,
        parked=parked,
        refused=refused,
        notes=[note for publisher in simulation.publishers for note in publisher.notes],
        journal=simulation.server.journal,
        streams=streams,
        top=_top(simulation),
        completeness={name: reads.completeness() for name, (reads, _) in pinned.items()},
        summaries={
            (name, year): reads.summary(
                SummaryQuery(None, year, "dan_van_kheo", RECORDED_MAP, read_by(TABLES)), as_of
            )
            for name, (reads, as_of) in pinned.items()
            for year in YEARS
        },
        quarantined=[
            f"{each.read_model} {each.subject}: {each.reason}"
            for process in reporting.values()
            for each in process.projection.now.runner.quarantined()
        ],
    )


def _top(simulation: Simulation) -> str:
    try:
        return str(simulation.redis.xinfo_stream("dvk:events")["last-generated-id"].decode())
    except Exception:  # noqa: BLE001  there is no such stream
        return "0-0"


_Found = tuple[list[Row], list[Waiting], list[tuple[str, str]]]


def _of_file(durable: Durable) -> _Found:
    with closing(sqlite3.connect(durable.log_path)) as connection:
        log = connection.execute(
            "SELECT position, source, event_id, subject, stream_version, recorded_us, digest, "
            "chain, body FROM log_events ORDER BY position"
        )
        rows = [Row(*row) for row in log]
        return rows, list(_parked(connection)), list(_refused(connection))


def _parked(connection: sqlite3.Connection) -> Iterator[Waiting]:
    for service in SERVICES:
        for number, source, event_id, body in connection.execute(
            f"SELECT number, source, event_id, body FROM {service}_parked ORDER BY number"  # noqa: S608  a name of ours
        ).fetchall():
            waits = connection.execute(
                f"SELECT kind, id FROM {service}_waits WHERE number = ?",  # noqa: S608  a name of ours
                (number,),
            )
            yield Waiting(service, source, event_id, tuple(waits.fetchall()), body)


def _refused(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        yield from connection.execute(f"SELECT source, event_id FROM {service}_refused")  # noqa: S608  a name of ours


def _of_memory(durable: Durable) -> _Found:
    assert durable.memory is not None
    store = durable.memory.store
    seen: dict[str, int] = {}
    rows = []
    for event in store.events:
        seen[event.subject] = version = seen.get(event.subject, 0) + 1
        rows.append(
            Row(
                *(event.position, *event.key, event.subject, version),
                *(event.recorded_us, event.digest, event.chain, event.body),
            )
        )
    desks = [(family.value, desk) for family, desk in store.desks.items()]
    parked = [
        Waiting(name, *item.event.key, tuple(map(tuple, item.waiting_for)), item.event.body)
        for name, desk in desks
        for item in desk.parked.values()
    ]
    return rows, parked, [tuple(item.key) for _, desk in desks for item in desk.refused]
