"""What operators decided about subjects in quarantine, with their reasons, kept for ever.

A subject that was discarded stays set aside in every later fill of its read model too, from the
same event on, until an operator requeues it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Table, Text, select

from shared.database.columns import BYTEWISE, POSITION
from shared.readmodel.checkpoints import METADATA
from shared.readmodel.quarantine import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.readmodel.quarantine import Quarantined

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
    """What an operator may decide about a subject in quarantine."""

    DISCARDED = "discarded"
    REQUEUED = "requeued"


class QuarantineDecision(NamedTuple):
    """One decision: `reason` is the operator's, `fault` why the subject had been set aside."""

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
    """Keep a decision; `read_model` is the name, whichever generation answers."""
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
    """Return every decision, the oldest first."""
    rows = connection.execute(select(DECISIONS).order_by(DECISIONS.c.number))
    return [QuarantineDecision(*row) for row in rows]


def discarded(connection: Connection) -> Mapping[tuple[str, str], QuarantineDecision]:
    """Return what is discarded now, by (read model, subject): the latest decision holds."""
    latest = {(each.read_model, each.subject): each for each in decisions(connection)}
    return {
        key: each for key, each in latest.items() if each.decision == QuarantineAction.DISCARDED
    }


def carry(connection: Connection, fills: Mapping[str, str]) -> None:
    """Set aside in new fills what is discarded; `fills` are read models by the fill's key."""
    standing = discarded(connection).values()
    for key, read_model in fills.items():
        for each in standing:
            if each.read_model == read_model:
                connection.execute(
                    QUARANTINE.insert().values(
                        read_model=key,
                        subject=each.subject,
                        position=each.position,
                        event_type=each.event_type,
                        reason=each.fault,
                        since_us=each.decided_us,
                        events_held=0,
                    )
                )
