"""Checkpoints of read models, moved by compare-and-set in the transaction of their rows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    select,
    text,
)

from shared.database.columns import among_bound, listed
from shared.eventlog.checkpoint import CheckpointConflict
from shared.eventlog.protocol import START

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shared.events.recorded import RecordedEvent

_logger = logging.getLogger("dvk.readmodel")
METADATA = MetaData()
CHECKPOINTS = Table(
    "read_model_checkpoints",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("events_handled", BigInteger, nullable=False),
)


class ReadModelCheckpoint(NamedTuple):
    """The position up to which a read model is folded, and the log's chain there.

    `events_handled` counts the events it has handled: all of them, less those held back with a
    subject in quarantine.
    """

    position: int
    chain: bytes
    events_handled: int

    def after(self, event: RecordedEvent, handled: int) -> ReadModelCheckpoint:
        """Return the checkpoint after a run that ends with an event and handled some number."""
        return ReadModelCheckpoint(event.position, event.chain, self.events_handled + handled)


BEGINNING = ReadModelCheckpoint(START.position, START.chain, 0)


class Retired(Exception):  # noqa: N818  a signal to read the pointer again
    """This generation of a read model was replaced by another."""


def kept(name: str) -> str:
    """Return the name under which a replaced generation's checkpoint is kept."""
    return f"{name}.kept"


def enter(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Create the missing checkpoints at the beginning of the log; return their names.

    Raises `Retired` for a replaced generation: its tables are filled, it must not start again.
    """
    present = set(connection.scalars(select(CHECKPOINTS.c.name)))
    begun = []
    for name in names:
        if kept(name) in present:
            raise Retired(name)
        if name not in present:
            connection.execute(CHECKPOINTS.insert().values(name=name, **BEGINNING._asdict()))
            begun.append(name)
    return frozenset(begun)


def load(connection: Connection) -> Mapping[str, ReadModelCheckpoint]:
    """Return all checkpoints by name."""
    rows = connection.execute(select(CHECKPOINTS))
    return {
        row.name: ReadModelCheckpoint(row.position, bytes(row.chain), row.events_handled)
        for row in rows
    }


def move(
    connection: Connection, moves: Sequence[tuple[str, ReadModelCheckpoint, ReadModelCheckpoint]]
) -> None:
    """Move checkpoints, by name from old to new, if each is still where it was read.

    Raises `CheckpointConflict` when one does not.
    """
    together: dict[tuple[ReadModelCheckpoint, ReadModelCheckpoint], list[str]] = {}
    for name, old, new in moves:
        together.setdefault((old, new), []).append(name)
    for (old, new), names in together.items():
        values = {
            "names": listed(connection, names),
            "old_position": old.position,
            "old_chain": old.chain,
            **{f"new_{column}": value for column, value in new._asdict().items()},
        }
        if connection.execute(_moving(connection), values).rowcount != len(names):
            message = f"a checkpoint of {', '.join(names)} has moved since it was read"
            raise CheckpointConflict(message)


_MOVING: dict[str, Update] = {}


def _moving(connection: Connection) -> Update:
    """Return the statement of `move`, built once for each dialect: every run needs it."""
    dialect, table = connection.dialect.name, CHECKPOINTS.c
    if dialect not in _MOVING:
        old_position: BindParameter[int] = bindparam("old_position")
        old_chain: BindParameter[bytes] = bindparam("old_chain")
        _MOVING[dialect] = (
            CHECKPOINTS.update()
            .where(among_bound(connection, table.name, "names"))
            .where(_stands_at(old_position, old_chain))
            .values({name: bindparam(f"new_{name}") for name in ReadModelCheckpoint._fields})
        )
    return _MOVING[dialect]


def _stands_at(position: BindParameter[int], chain: BindParameter[bytes]) -> ColumnElement[bool]:
    """Return the condition that a checkpoint is still where it was read."""
    return and_(CHECKPOINTS.c.position == position, CHECKPOINTS.c.chain == chain)


def require(connection: Connection, name: str, at: ReadModelCheckpoint) -> None:
    """Lock a checkpoint where it was read; raises `CheckpointConflict` if it has moved."""
    query = select(CHECKPOINTS.c.position, CHECKPOINTS.c.chain).where(CHECKPOINTS.c.name == name)
    row = connection.execute(query.with_for_update()).first()
    if row is None or (row.position, bytes(row.chain)) != (at.position, at.chain):
        message = f"the checkpoint of {name} is no longer at {at.position}"
        raise CheckpointConflict(message)


def held(connection: Connection, name: str) -> ReadModelCheckpoint:
    """Return a checkpoint, locked until this transaction ends."""
    query = select(CHECKPOINTS).where(CHECKPOINTS.c.name == name).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise Retired(name)
    return ReadModelCheckpoint(row.position, bytes(row.chain), row.events_handled)


_CUT_OFF = text("""
    SELECT a.pid, pg_terminate_backend(a.pid)
    FROM read_model_checkpoints c
    JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = c.xmax
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE c.name = ANY(:names) AND a.wait_event = 'ClientRead'
      AND a.state_change < clock_timestamp() - make_interval(secs => :seconds)
""")


def cut_off(connection: Connection, names: Iterable[str], seconds: float) -> None:
    """Terminate connections to PostgreSQL that hold checkpoints and were idle for some seconds.

    Their process is stopped, perhaps in the middle of a COPY, which no timeout of the server ends.
    Its transaction is rolled back; when it continues it reads the checkpoints again.
    """
    values = {"names": list(names), "seconds": seconds}
    for pid, _ in connection.execute(_CUT_OFF, values):
        _logger.warning("the connection %d held checkpoints while idle and is terminated", pid)


def rename(connection: Connection, old: str, new: str) -> None:
    """Rename a checkpoint; moving it under the old name raises `CheckpointConflict`."""
    table = CHECKPOINTS.c
    renamed = connection.execute(CHECKPOINTS.update().where(table.name == old).values(name=new))
    if renamed.rowcount != 1:
        raise Retired(old)


def drop(connection: Connection, names: Collection[str]) -> None:
    """Delete the checkpoints of dropped generations."""
    connection.execute(CHECKPOINTS.delete().where(CHECKPOINTS.c.name.in_(names)))
