"""Rows of read models in files, until they are numbered and loaded: Arrow, uncompressed.

The rows of a file are in the order of a number or a position, if the table has one, so that ranges
of all files of a table are read without the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc
from sqlalchemy import Boolean, Integer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Column, Table

    from services.reporting.archive.rebuild.numbering import Numbered

_BY_NUMBER = ("thing", "entry")


class RowFiles:
    """The files of one rebuild."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, table: Table, portion: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write the rows of a table that one fold made."""
        columns = zip(table.columns, zip(*rows, strict=True), strict=True)
        arrays = [pa.array(values, _type(column)) for column, values in columns]
        made = pa.Table.from_arrays(arrays, names=list(table.columns.keys()))
        key = order_of(table)
        if key is not None and (np.diff(made[key].to_numpy()) < 0).any():
            made = made.sort_by(key)
        with ipc.new_file(self._path(table.name, portion), made.schema) as file:
            file.write_table(made)

    def read(self, table: Table, portion: str) -> pa.Table:
        """Return the rows of a file, which stay in it until they are used."""
        return ipc.open_file(pa.memory_map(self._path(table.name, portion))).read_all()

    def write_numbers(self, of: Numbered, portion: str, final: NDArray[np.int64]) -> None:
        """Write the final number of each number of a fold."""
        np.save(self._path("-".join(of), portion, "npy"), final)

    def numbers(self, of: Numbered, portion: str) -> NDArray[np.int64]:
        """Return the final number of each number of a fold."""
        found: NDArray[np.int64] = np.load(self._path("-".join(of), portion, "npy"), mmap_mode="r")
        return found

    def _path(self, name: str, portion: str, ending: str = "arrow") -> str:
        return f"{self._folder}/{name}-{portion}.{ending}"


def order_of(table: Table) -> str | None:
    """Return the column by which the rows of a table are loaded, None if in any order."""
    first = next(iter(table.primary_key)).name
    if first in _BY_NUMBER:
        return first
    return "position" if "position" in table.columns else None


def _type(column: Column[Any]) -> pa.DataType:
    if isinstance(column.type, Boolean):
        return pa.bool_()
    return pa.int64() if isinstance(column.type, Integer) else pa.string()
