"""The tables of the log, and each service's tables of parked events and refusals.

The type of an event is in one of three columns, one for each family, so that the database itself
restricts a service to its own events: by column grants on PostgreSQL, by a trigger on SQLite.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

from shared.database.columns import BYTEWISE, POSITION
from shared.events.catalogue import types_of
from shared.events.envelope import EventKey
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

METADATA = MetaData()

BUCKETS = 1024


def bucket_of(subject: str) -> int:
    """Return the bucket of a subject, 0 to 1023, by which a rebuild splits its work."""
    return zlib.crc32(subject.encode()) % BUCKETS


def type_column(family: Family) -> str:
    """Return the column for the event types of a family."""
    return f"{family}_type"


def _only_own_types(family: Family) -> CheckConstraint:
    listed = ", ".join(f"'{name}'" for name in types_of(family))
    return CheckConstraint(f"{type_column(family)} IN ({listed})", name=f"{family}_types")


EVENTS = Table(
    "log_events",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=False),
    Column("source", BYTEWISE, nullable=False),
    Column("event_id", BYTEWISE, nullable=False),
    Column("subject", BYTEWISE, nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("linked", BYTEWISE),
    *(Column(type_column(family), Text) for family in Family),
    Column("plan_year", SmallInteger),
    Column("bucket", SmallInteger, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("source", "event_id", name="log_events_key"),
    UniqueConstraint("subject", "stream_version", name="log_events_stream"),
    CheckConstraint(
        " + ".join(f"({type_column(family)} IS NOT NULL)::int" for family in Family) + " = 1",
        name="one_family",
    ).ddl_if(dialect="postgresql"),
    CheckConstraint(
        " + ".join(f"({type_column(family)} IS NOT NULL)" for family in Family) + " = 1",
        name="one_family",
    ).ddl_if(dialect="sqlite"),
    *(_only_own_types(family) for family in Family),
)
Index(
    "log_events_linked",
    EVENTS.c.linked,
    postgresql_where=EVENTS.c.linked.isnot(None),
    sqlite_where=EVENTS.c.linked.isnot(None),
)


def _parked(family: Family) -> Table:
    return Table(
        f"{family}_parked",
        METADATA,
        Column("number", POSITION, primary_key=True),
        Column("source", BYTEWISE, nullable=False),
        Column("event_id", BYTEWISE, nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("since_us", BigInteger, nullable=False),
        Column("until_us", BigInteger, nullable=False),
        Column("waiting_for", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        UniqueConstraint("source", "event_id", name=f"{family}_parked_key"),
    )


def _waits(family: Family) -> Table:
    return Table(
        f"{family}_waits",
        METADATA,
        Column("kind", Text, primary_key=True),
        Column("id", BYTEWISE, primary_key=True),
        Column("number", BigInteger, primary_key=True),
    )


ANSWERS = ("recorded", "duplicates", "parked", "refused")
"""The columns that count how forwarded events were answered when they were received."""
ORIGIN_PLACE: Mapping[str, TypeEngine[Any]] = {
    "origin_ledger": Text(),
    "origin_position": BigInteger(),
}
"""The columns with the place of a forwarded event in the ledger that it was forwarded from."""


def _refused(family: Family) -> Table:
    table = Table(
        f"{family}_refused",
        METADATA,
        Column("number", POSITION, primary_key=True),
        Column("source", BYTEWISE, nullable=False),
        Column("event_id", BYTEWISE, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("problem", Text, nullable=False),
        Column("at_us", BigInteger, nullable=False),
        *(Column(name, kind) for name, kind in ORIGIN_PLACE.items()),
    )
    Index(f"{family}_refused_key", table.c.source, table.c.event_id)
    Index(f"{family}_refused_at", table.c.at_us)
    return table


PARKED = {family: _parked(family) for family in Family}
WAITS = {family: _waits(family) for family in Family}
REFUSED = {family: _refused(family) for family in Family}

ORIGINS = Table(
    "log_origins",
    METADATA,
    Column("ledger", BYTEWISE, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ANSWERS),
    Column("problem", Text),
    Column("problem_us", BigInteger),
)
"""The head of each ledger that forwards to this one, and how its events were answered."""
ORIGIN_CHAINS = Table(
    "log_origin_chains",
    METADATA,
    Column("ledger", BYTEWISE, primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("chains", LargeBinary, nullable=False),
)
"""The chain at each position that was received, 32 bytes each, from `first` on."""

SCHEMA = Table("log_schema", METADATA, Column("version", Integer, primary_key=True))

TILES = Table(
    "log_tiles",
    METADATA,
    Column("origin", BYTEWISE, primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""Pieces of the tiles of the Merkle tree: hashes of a level from the index `first` on.

A tile grows by further pieces, none of which reaches into the next tile."""
CHECKPOINTS = Table(
    "log_checkpoints",
    METADATA,
    Column("origin", BYTEWISE, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("sealed_us", BigInteger, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("note", Text, nullable=False),
)
COSIGNATURES = Table(
    "log_cosignatures",
    METADATA,
    Column("origin", BYTEWISE, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", BYTEWISE, primary_key=True),
    Column("line", Text, nullable=False),
)
SEALS = (TILES, CHECKPOINTS, COSIGNATURES)


TYPE = func.coalesce(*(EVENTS.c[type_column(family)] for family in Family)).label("type")
EVENT_COLUMNS = (
    EVENTS.c.position,
    EVENTS.c.source,
    EVENTS.c.event_id,
    TYPE,
    EVENTS.c.subject,
    EVENTS.c.recorded_us,
    EVENTS.c.digest,
    EVENTS.c.chain,
    EVENTS.c.body,
    EVENTS.c.linked,
)
EVENT = select(*EVENT_COLUMNS).order_by(EVENTS.c.position)


_new = tuple.__new__


def event_of(row: Sequence[Any]) -> RecordedEvent:
    """Return the recorded event in a row of `EVENT_COLUMNS`."""
    position, source, event_id, type_, subject, recorded_us, digest, chain, body, linked = row
    # `EventKey(…)` without its Python-level constructor: this runs for every event.
    return RecordedEvent.of(
        {
            "position": position,
            "key": _new(EventKey, (source, event_id)),
            "type": type_,
            "subject": subject,
            "recorded_us": recorded_us,
            "digest": bytes(digest),
            "chain": bytes(chain),
            "body": bytes(body),
            "linked": linked,
        }
    )
