"""Column types, orders and IN lists for both SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    from collections.abc import Collection

# Ranges and cursors over ids need bytewise order, whatever the collation of the database.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite assigns numbers, and stores rows in this order, only for a column of type INTEGER.
POSITION = BigInteger().with_variant(Integer(), "sqlite")


def among(
    database: Connection | Engine, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Return `column IN (values)` with one parameter and one plan, however many values."""
    return _among(database, column, bindparam(None, listed(database, values)))


def among_bound(
    database: Connection | Engine, column: ColumnElement[Any], name: str
) -> ColumnElement[bool]:
    """Return the same for a prepared statement: `listed` gives the values of `name`."""
    return _among(database, column, bindparam(name))


def listed(database: Connection | Engine, values: Collection[Any]) -> Any:  # noqa: ANN401  the driver's
    """Return values as the single parameter of `among_bound`."""
    if database.dialect.name == "sqlite":
        return orjson.dumps(list(values)).decode()
    return list(values)


def _among(
    database: Connection | Engine, column: ColumnElement[Any], values: BindParameter[Any]
) -> ColumnElement[bool]:
    if database.dialect.name == "sqlite":
        each = func.json_each(type_coerce(values, Text())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(type_coerce(values, ARRAY(column.type)))


def bytewise(connection: Connection, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text in bytewise order, as SQLite and Python order texts."""
    return text if connection.dialect.name == "sqlite" else text.collate("C")
