"""The quarantine: subjects that a read model cannot fold, with reasons; others are folded on.

Decisions of operators about them are kept for ever, with their reasons. A discarded subject stays
in quarantine in every later generation of its read model too, from the same event on, until an
operator requeues it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Table, Text, select

from shared.database.bulk_write import insert, update
from shared.database.columns import BYTEWISE, POSITION
from shared.readmodel.checkpoints import METADATA

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.readmodel.decoded_events import DecodedEvent

QUARANTINE = Table(
    "read_model_quarantine",
    METADATA,
    Column("read_model", Text, primary_key=True),
    Column("subject", BYTEWISE, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("events_held", BigInteger, nullable=False),
)
_PLACES = select(
    QUARANTINE.c.read_model, QUARANTINE.c.subject, QUARANTINE.c.position, QUARANTINE.c.events_held
)


class Quarantined(NamedTuple):
    """A subject not folded from `position` on; `events_held` counts its events from there on."""

    read_model: str
    subject: str
    position: int
    event_type: str
    reason: str
    since_us: int
    events_held: int


def load(connection: Connection) -> list[Quarantined]:
    """Return all quarantined subjects, oldest first."""
    table = QUARANTINE.c
    rows = connection.execute(select(QUARANTINE).order_by(table.position, table.read_model))
    return [Quarantined(*row) for row in rows]


def places(
    connection: Connection, read_models: Collection[str]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return the subjects of each read model with (first position held, number of events)."""
    found: dict[str, dict[str, tuple[int, int]]] = {each: {} for each in read_models}
    for read_model, subject, position, held in connection.execute(_PLACES):
        if read_model in found:
            found[read_model][subject] = (position, held)
    return found


def find(connection: Connection, read_model: str, subject: str) -> Quarantined | None:
    """Return a quarantined subject, or None."""
    table = QUARANTINE.c
    matches = (table.read_model == read_model) & (table.subject == subject)
    row = connection.execute(select(QUARANTINE).where(matches)).first()
    return Quarantined(*row) if row is not None else None


def again(connection: Connection, found: Quarantined, reason: str) -> None:
    """Update the reason why a subject still cannot be folded."""
    table = QUARANTINE.c
    matches = (table.read_model == found.read_model) & (table.subject == found.subject)
    connection.execute(QUARANTINE.update().where(matches).values(reason=reason))


def put(
    connection: Connection, read_model: str, fact: DecodedEvent, reason: str, now_us: int
) -> None:
    """Quarantine a subject; `count` adds the event itself when its run is committed."""
    table = QUARANTINE.c
    matches = (table.read_model == read_model) & (table.subject == fact.subject)
    if connection.execute(select(QUARANTINE).where(matches)).first() is not None:
        return  # another runner has quarantined it
    row = (read_model, fact.subject, fact.position, fact.event.type, reason[:2_000], now_us, 0)
    insert(connection, QUARANTINE, [row])


def count(connection: Connection, read_model: str, held: Mapping[str, int]) -> None:
    """Add to the numbers of held events, by subject."""
    if not held:
        return
    table = QUARANTINE.c
    present: Sequence[tuple[str, int]] = [
        (row.subject, row.events_held)
        for row in connection.execute(select(QUARANTINE).where(table.read_model == read_model))
    ]
    update(
        connection,
        QUARANTINE,
        setting=[table.events_held],
        where=[table.read_model, table.subject],
        rows=[
            (before + held[subject], read_model, subject)
            for subject, before in present
            if subject in held
        ],
    )


def rename(connection: Connection, old: str, new: str) -> None:
    """Move the quarantine of a generation to another name of that generation."""
    table = QUARANTINE.c
    connection.execute(QUARANTINE.update().where(table.read_model == old).values(read_model=new))


def drop(connection: Connection, names: Collection[str]) -> None:
    """Delete the quarantines of dropped generations."""
    connection.execute(QUARANTINE.delete().where(QUARANTINE.c.read_model.in_(names)))


DECISIONS = Table(
    "read_model_decisions",
    METADATA,
    Column("number", POSITION, primary_key=True),
    Column("read_model", Text, nullable=False),
    Column("subject", BYTEWISE, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_us", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("events_held", BigInteger, nullable=False),
)


class QuarantineAction(StrEnum):
    """The possible decisions about a subject in quarantine."""

    DISCARDED = "discarded"
    REQUEUED = "requeued"


class QuarantineDecision(NamedTuple):
    """One decision: `reason` is the operator's, `fault` the reason of the quarantine."""

    number: int
    read_model: str
    subject: str
    decision: str
    reason: str
    decided_us: int
    position: int
    event_type: str
    fault: str
    events_held: int


def note(
    connection: Connection,
    read_model: str,
    found: Quarantined,
    decision: QuarantineAction,
    *,
    reason: str,
    now_us: int,
) -> None:
    """Store a decision; `read_model` is the name without generation."""
    connection.execute(
        DECISIONS.insert().values(
            read_model=read_model,
            subject=found.subject,
            decision=str(decision),
            reason=reason,
            decided_us=now_us,
            position=found.position,
            event_type=found.event_type,
            fault=found.reason,
            events_held=found.events_held,
        )
    )


def decisions(connection: Connection) -> Sequence[QuarantineDecision]:
    """Return all decisions, oldest first."""
    rows = connection.execute(select(DECISIONS).order_by(DECISIONS.c.number))
    return [QuarantineDecision(*row) for row in rows]


def discarded(connection: Connection) -> Mapping[tuple[str, str], QuarantineDecision]:
    """Return the discarded subjects by (read model, subject): the latest decision counts."""
    latest = {(each.read_model, each.subject): each for each in decisions(connection)}
    return {
        key: each for key, each in latest.items() if each.decision == QuarantineAction.DISCARDED
    }


def carry(connection: Connection, fills: Mapping[str, str]) -> None:
    """Quarantine discarded subjects in new generations; `fills` maps their keys to names."""
    current = discarded(connection).values()
    rows = [
        (key, each.subject, each.position, each.event_type, each.fault, each.decided_us, 0)
        for key, read_model in fills.items()
        for each in current
        if each.read_model == read_model
    ]
    insert(connection, QUARANTINE, rows)
