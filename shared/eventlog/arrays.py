"""Lists as PostgreSQL's binary arrays, each packed as a whole.

The driver looks for the way to write every single value: for a group of events that costs as much
as half of the rules that decide them.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import PyFormat
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii").pack
"""One dimension, whether any is null, the type of the elements; how many, counted from one."""
_LENGTH = struct.Struct("!i").pack
_NULL = _LENGTH(-1)
_WIDTHS = {"boolean": "?", "smallint": "h", "integer": "i", "bigint": "q"}


@dataclass(frozen=True, slots=True)
class Array:
    """An array for a statement's parameter: the number of its type, and its binary form."""

    oid: int
    packed: bytes


def array(kind: str, values: Sequence[Any]) -> Array:
    """Return values of one PostgreSQL type, or None, as an array; `kind` is the type's name.

    Texts are `str`, bytea is `bytes`, boolean is `bool`; smallint, integer and bigint are `int`.
    """
    element = types[kind]
    if not values:
        return Array(element.array_oid, _HEAD(0, 0, element.oid, 0, 1)[:12])
    any_null = None in values
    head = _HEAD(1, any_null, element.oid, len(values), 1)
    width = _WIDTHS.get(kind)
    if width is None:
        items = values if kind == "bytea" else _encoded(values)
        return Array(element.array_oid, b"".join([head, *_pieces(items)]))
    if any_null:
        pack = struct.Struct(f"!{width}").pack
        items = [None if value is None else pack(value) for value in values]
        return Array(element.array_oid, b"".join([head, *_pieces(items)]))
    layout = struct.Struct(f"!{f'i{width}' * len(values)}")
    lengths_and_values = [struct.calcsize(f"!{width}")] * (2 * len(values))
    lengths_and_values[1::2] = values
    return Array(element.array_oid, head + layout.pack(*lengths_and_values))


def _encoded(texts: Iterable[str | None]) -> Iterable[bytes | None]:
    return [None if text is None else text.encode() for text in texts]


def _pieces(items: Iterable[bytes | None]) -> Iterable[bytes]:
    pieces: list[bytes] = []
    put: Callable[[bytes], None] = pieces.append
    for item in items:
        if item is None:
            put(_NULL)
        else:
            put(_LENGTH(len(item)))
            put(item)
    return pieces


class _ArrayDumper(Dumper):
    """Hands a packed array to psycopg, under its own type."""

    format = Format.BINARY

    def get_key(self, obj: Array, format: PyFormat) -> Any:  # noqa: A002, ANN401, ARG002  psycopg's
        return self.cls, obj.oid

    def upgrade(self, obj: Array, format: PyFormat) -> "Dumper":  # noqa: A002, ARG002  psycopg's
        dumper = type(self)(self.cls)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: Array) -> bytes:
        return obj.packed


psycopg.adapters.register_dumper(Array, _ArrayDumper)
