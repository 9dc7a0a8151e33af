"""Lists packed as binary arrays of PostgreSQL.

The driver looks up a dumper for every single value, which for a group of events takes half as long
as its rules.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import PyFormat
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii").pack
"""Header: one dimension, has-null flag, type of the elements; their number, lower bound 1."""
_LENGTH = struct.Struct("!i").pack
_NULL = _LENGTH(-1)
_WIDTHS = {"boolean": "?", "smallint": "h", "integer": "i", "bigint": "q"}

PACKED = frozenset({"text", "bytea", *_WIDTHS})
"""The types of values that can be packed."""


@dataclass(frozen=True, slots=True)
class Array:
    """An array as a statement's parameter: the oid of its type, and its binary form."""

    oid: int
    packed: bytes


def array(kind: str, values: Sequence[Any]) -> Array:
    """Return values of one PostgreSQL type (or None) as an array; `kind` is the type's name.

    Texts are `str`, bytea is `bytes`, boolean is `bool`; smallint, integer and bigint are `int`.
    """
    element = types[kind]
    if not values:
        return Array(element.array_oid, _HEAD(0, 0, element.oid, 0, 1)[:12])
    any_null = None in values
    head = _HEAD(1, any_null, element.oid, len(values), 1)
    written = _numbers if kind in _WIDTHS and not any_null else _one_by_one
    return Array(element.array_oid, head + written(kind, values))


def _numbers(kind: str, numbers: Sequence[int]) -> bytes:
    """Pack all numbers at once, each after the length of its type."""
    width = _WIDTHS[kind]
    lengths_and_numbers = [struct.calcsize(f"!{width}")] * (2 * len(numbers))
    lengths_and_numbers[1::2] = numbers
    return struct.pack(f"!{f'i{width}' * len(numbers)}", *lengths_and_numbers)


def _one_by_one(kind: str, values: Sequence[Any]) -> bytes:
    """Pack each value after its own length, or as null."""
    if kind == "text" and None not in values:
        return b"".join([_LENGTH(len(each)) + each for each in map(str.encode, values)])
    pieces: list[bytes] = []
    for item in _items(kind, values):
        if item is None:
            pieces.append(_NULL)
        else:
            pieces.append(_LENGTH(len(item)))
            pieces.append(item)
    return b"".join(pieces)


def _items(kind: str, values: Sequence[Any]) -> Sequence[bytes | None]:
    if kind == "bytea":
        return values
    write = struct.Struct(f"!{_WIDTHS[kind]}").pack if kind in _WIDTHS else str.encode
    return [None if value is None else write(value) for value in values]


class _ArrayDumper(Dumper):
    """Passes a packed array to psycopg under its own type."""

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
