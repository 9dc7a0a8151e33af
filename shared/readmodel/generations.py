"""Generations of a read model: the active one, and the previous one kept for a rollback.

The first generation is 1. A rebuild fills the next one alongside it, then moves the pointer: one
row in the table here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, inspect, select, text

from shared.database import text_index
from shared.readmodel import checkpoints, quarantine
from shared.readmodel.checkpoints import METADATA, Retired, kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.store import Store

FIRST = 1
READ_MODELS = Table(
    "read_models",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kept_generation", BigInteger),
    Column("kept_version", Integer),
)


def key_of(name: str, number: int) -> str:
    """Return the key of a generation: `awards` for the first, then `awards_g2`."""
    return name if number == FIRST else f"{name}_g{number}"


def prefix_of(name: str, number: int = FIRST) -> str:
    """Return the prefix of a generation's tables: `rm_awards_`, `rm_awards_g2_`."""
    return f"rm_{key_of(name, number)}_"


class Pointer(NamedTuple):
    """The active generation of a read model, and the version of its definition.

    The generation it replaced is kept until the next rebuild (None: there is none).
    """

    name: str
    generation: int
    version: int
    kept_generation: int | None = None
    kept_version: int | None = None

    @property
    def key(self) -> str:
        """Return the name of the active generation's checkpoint."""
        return key_of(self.name, self.generation)

    @property
    def next(self) -> int:
        """Return the number of the next generation."""
        return max(self.generation, self.kept_generation or 0) + 1


def enter(connection: Connection, models: Iterable[ReadModel]) -> None:
    """Create the missing pointers, to the first generation of each read model.

    A read model folded before pointers existed is of version 1.
    """
    pointed = load(connection)
    folded = checkpoints.load(connection)
    for model in models:
        if model.name not in pointed:
            version = 1 if model.name in folded else model.version
            first = Pointer(model.name, FIRST, version)
            connection.execute(READ_MODELS.insert().values(**first._asdict()))


def load(connection: Connection) -> Mapping[str, Pointer]:
    """Return all pointers by name."""
    return {row.name: Pointer(*row) for row in connection.execute(select(READ_MODELS))}


def swap(connection: Connection, old: Pointer, number: int, version: int) -> Pointer:
    """Move the pointer to another generation, and keep the previous one.

    Runners of the old one find its checkpoint gone. Raises `Retired` if the pointer was moved
    meanwhile.
    """
    table = READ_MODELS.c
    new = Pointer(old.name, number, version, old.generation, old.version)
    moved = connection.execute(
        READ_MODELS.update()
        .where(table.name == old.name, table.generation == old.generation)
        .values(**new._asdict())
    )
    if moved.rowcount != 1:
        raise Retired(old.key)
    _rename(connection, old.key, kept(old.key))
    if number == old.kept_generation:
        _rename(connection, kept(new.key), new.key)
    return new


def clean(store: Store, pointer: Pointer, *, keep_previous: bool = True) -> None:
    """Drop the tables of all generations except the active one, and, if wanted, the one kept.

    Each in its own short transaction, since others write meanwhile; the next call continues an
    interrupted one.
    """
    with store.writing() as connection:
        if not keep_previous:
            pointer = pointer._replace(kept_generation=None, kept_version=None)
            forgets = READ_MODELS.update().where(READ_MODELS.c.name == pointer.name)
            connection.execute(forgets.values(kept_generation=None, kept_version=None))
        unused = {
            number: tables
            for number, tables in filled(connection, pointer.name).items()
            if number not in {pointer.generation, pointer.kept_generation}
        }
        keys = [key_of(pointer.name, number) for number in unused]
        for names in (keys, [kept(key) for key in keys]):
            checkpoints.drop(connection, names)
            quarantine.drop(connection, names)
    for table in (table for tables in unused.values() for table in tables):
        with store.writing() as connection:
            text_index.drop(connection, table)
            connection.execute(text(f"DROP TABLE {table}"))


def filled(
    connection: Connection, name: str, schema: str | None = None
) -> Mapping[int, Collection[str]]:
    """Return the existing tables of each generation of a read model.

    They are found by name: another release may have created tables unknown to this one. Indexes of
    words are left out: on SQLite they are tables too.
    """
    named = re.compile(rf"rm_{re.escape(name)}_(?:g(\d+)_)?.+")
    found: dict[int, list[str]] = defaultdict(list)
    for table in inspect(connection).get_table_names(schema):
        match = named.fullmatch(table)
        if match and not text_index.is_part_of_index(table):
            found[int(match[1] or FIRST)].append(table)
    return found


def columns(
    connection: Connection, name: str, number: int, schema: str | None = None
) -> Mapping[str, frozenset[str]]:
    """Return the columns of each table of a generation, by its name without the prefix."""
    inspector, prefix = inspect(connection), prefix_of(name, number)
    return {
        table.removeprefix(prefix): frozenset(
            column["name"] for column in inspector.get_columns(table, schema)
        )
        for table in filled(connection, name, schema).get(number, ())
    }


def _rename(connection: Connection, old: str, new: str) -> None:
    checkpoints.rename(connection, old, new)
    quarantine.rename(connection, old, new)
