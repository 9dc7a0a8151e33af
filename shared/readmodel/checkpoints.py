"""How far each read model has come: moved by compare-and-set in the transaction of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, Table, Text, select

from shared.eventlog.following import Overtaken
from shared.eventlog.protocol import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

METADATA = MetaData()
CHECKPOINTS = Table(
    "read_model_checkpoints",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("events_handled", BigInteger, nullable=False),
)


class Checkpoint(NamedTuple):
    """A read model holds every event up to `position`, where the log's chain was `chain`.

    `events_handled` counts the events it has taken account of: all of them, less those held back
    with a subject in quarantine.
    """

    position: int
    chain: bytes
    events_handled: int


BEGINNING = Checkpoint(START.position, START.chain, 0)


def enter(connection: Connection, names: Iterable[str]) -> None:
    """Give every read model that has none a checkpoint at the beginning."""
    present = set(connection.scalars(select(CHECKPOINTS.c.name)))
    for name in names:
        if name not in present:
            connection.execute(CHECKPOINTS.insert().values(name=name, **BEGINNING._asdict()))


def load(connection: Connection) -> Mapping[str, Checkpoint]:
    """Return all checkpoints by name."""
    rows = connection.execute(select(CHECKPOINTS))
    return {
        row.name: Checkpoint(row.position, bytes(row.chain), row.events_handled) for row in rows
    }


def move(connection: Connection, name: str, old: Checkpoint, new: Checkpoint) -> None:
    """Move one checkpoint if it stands where it was read, else raise `Overtaken`."""
    table = CHECKPOINTS.c
    moved = connection.execute(
        CHECKPOINTS.update()
        .where(table.name == name, table.position == old.position, table.chain == old.chain)
        .values(**new._asdict())
    )
    if moved.rowcount != 1:
        message = f"the checkpoint of {name} no longer stands at {old.position}"
        raise Overtaken(message)
