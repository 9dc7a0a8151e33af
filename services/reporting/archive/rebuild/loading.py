"""Loads the rows of one table that parts were folded into: numbered, in order, indexed last."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv
from sqlalchemy.schema import CreateIndex, CreateTable

from services.reporting.archive.rebuild.numbering import numbered_columns
from services.reporting.archive.rebuild.row_files import RowFiles, order_of
from services.reporting.readmodels.demonstration_data import DemonstrationData
from shared.database import text_index
from shared.database.bulk_write import insert
from shared.database.postgres.copy import copy_csv
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Table

    from services.reporting.archive.rebuild.numbering import Numbered
    from shared.readmodel.rebuild.build import BuildSpec

AT_ONCE = 250_000
"""The rows of a table that are numbered and sent together, about."""
_MEMORY = "256MB"
"""The memory for sorting the rows of an index, on PostgreSQL."""
WORDS = "words"
"""The name of the portion of a table of words: its rows have their final numbers."""


class LoadTask(NamedTuple):
    """A table to load from the files of some portions.

    `many` are positions at which one event changed many things: organisations were defined.
    """

    store_url: str
    spec: BuildSpec
    table: str
    portions: tuple[str, ...]
    folder: str
    many: NDArray[np.int64]


def create_bare(connection: Connection, tables: Sequence[Table]) -> None:
    """Create tables on PostgreSQL without keys and indexes, which `load` adds."""
    for table in tables:
        connection.execute(CreateTable(table))
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey")


def load(task: LoadTask) -> int:
    """Load a table, and then create its key and indexes; return the number of its rows."""
    model = task.spec.model()
    table = model.metadata.tables[task.table]
    store = Store(task.store_url, lasting=False)
    rows = 0
    try:
        parts = _parts(task, table, numbered_columns(model, table)) if task.portions else iter(())
        if isinstance(model, DemonstrationData) and task.portions:
            parts = iter([_first_of_each_place(pa.concat_tables(parts))])
        for part in parts:
            with store.writing() as connection:
                _send(connection, table, part)
                rows += len(part)
        if not store.is_sqlite:
            with store.writing() as connection:
                _index(connection, table)
    finally:
        store.close()
    return rows


def _send(connection: Connection, table: Table, rows: pa.Table) -> None:
    if connection.dialect.name == "sqlite":
        columns = (rows[column.name].to_pylist() for column in table.columns)
        insert(connection, table, list(zip(*columns, strict=True)))
        return
    contents = pa.BufferOutputStream()
    csv.write_csv(rows, contents, csv.WriteOptions(include_header=False))
    copy_csv(connection, table.name, contents.getvalue())


def _index(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'")
    key = ", ".join(column.name for column in table.primary_key)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD PRIMARY KEY ({key})")
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        connection.execute(CreateIndex(index))
    text_index.create(connection, table)


def _parts(task: LoadTask, table: Table, numbered: Mapping[str, Numbered]) -> Iterator[pa.Table]:
    """Yield the rows of a table in its order, with their final numbers, some at a time."""
    files, key = RowFiles(task.folder), order_of(table)
    pieces = [(portion, files.read(table, portion)) for portion in task.portions]
    if key is None:
        yield from (_numbered(files, rows, portion, numbered) for portion, rows in pieces)
        return
    keys = []
    for portion, rows in pieces:
        column = rows[key].to_numpy()
        if key in numbered and portion != WORDS:
            column = files.numbers(numbered[key], portion)[column]
        keys.append(column)
    first = min(int(each[0]) for each in keys)
    last = max(int(each[-1]) for each in keys)
    count = max(1, sum(map(len, keys)) // AT_ONCE)
    cuts = np.linspace(first, last + 1, count + 1).astype(np.int64)
    for low, high in pairwise(cuts):
        chosen = []
        for (portion, rows), column in zip(pieces, keys, strict=True):
            start, end = np.searchsorted(column, [low, high])
            if end > start:
                chosen.append(_numbered(files, rows.slice(start, end - start), portion, numbered))
        if chosen:
            yield _ordered(pa.concat_tables(chosen), table, key, task.many)


def _numbered(
    files: RowFiles, rows: pa.Table, portion: str, numbered: Mapping[str, Numbered]
) -> pa.Table:
    """Return rows with the final numbers."""
    if portion == WORDS:
        return rows
    for name, of in numbered.items():
        final = files.numbers(of, portion)[rows[name].to_numpy()]
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(final))
    return rows


def _ordered(rows: pa.Table, table: Table, key: str, many: NDArray[np.int64]) -> pa.Table:
    """Return rows in the order of their key; changes by one event also by number."""
    column = rows[key].to_numpy()
    if "ordinal" not in table.columns:
        return rows.take(np.argsort(column, kind="stable"))
    thing = np.where(np.isin(column, many), rows["thing"].to_numpy(), 0)
    rows = rows.take(np.lexsort((rows["ordinal"].to_numpy(), thing, column)))
    position = rows["position"].to_numpy()
    starts = np.flatnonzero(np.diff(position, prepend=-1))
    ordinal = np.arange(len(position)) - np.repeat(
        starts, np.diff(np.append(starts, len(position)))
    )
    return rows.set_column(rows.column_names.index("ordinal"), "ordinal", pa.array(ordinal))


def _first_of_each_place(rows: pa.Table) -> pa.Table:
    """Return the first row of each place, of rows in order: each fold has one."""
    found: dict[tuple[Any, ...], int] = {}
    places = zip(
        *(rows[name].to_pylist() for name in ("plan_year", "unit_id", "kind")), strict=True
    )
    for number, place in enumerate(places):
        found.setdefault(place, number)
    return rows.take(list(found.values()))
