"""Column types, orders and IN lists for both SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType

from shared.database.postgres.arrays import PACKED, Array, array

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Dialect

# Ranges and cursors over ids need bytewise order, whatever the collation of the database.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite assigns numbers, and stores rows in this order, only for a column of type INTEGER.
POSITION = BigInteger().with_variant(Integer(), "sqlite")


def among(
    database: Connection | Engine, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Return `column IN (values)` with one parameter and one plan, however many values."""
    return _among(database, column, None, value=listed(database, values))


def among_bound(
    database: Connection | Engine, column: ColumnElement[Any], name: str
) -> ColumnElement[bool]:
    """Return the same for a prepared statement: `listed` gives the values of `name`."""
    return _among(database, column, name)


def listed(database: Connection | Engine, values: Collection[Any]) -> Any:  # noqa: ANN401  the driver's
    """Return values as the single parameter of `among_bound`."""
    if database.dialect.name == "sqlite":
        return orjson.dumps(list(values)).decode()
    return list(values)


def _among(
    database: Connection | Engine,
    column: ColumnElement[Any],
    name: str | None,
    **value: Any,  # noqa: ANN401  any type a column has
) -> ColumnElement[bool]:
    if database.dialect.name == "sqlite":
        each = func.json_each(bindparam(name, type_=Text(), **value)).table_valued("value")
        return column.in_(select(each.c.value))
    kind = column.type.compile(database.dialect).partition(" COLLATE")[0].lower()
    array_type = _Packed(kind) if kind in PACKED else ARRAY(column.type)
    return column == any_(bindparam(name, type_=array_type, **value))


class _Packed(UserDefinedType[Any]):
    """An array of texts or numbers, packed at once: the driver looks at each value by itself."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_options: object) -> str:
        """Return the name of the type."""
        return f"{self.kind}[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Sequence[Any] | None], Array]:
        """Return the function that packs the values of a statement."""
        del dialect
        kind = self.kind
        return lambda values: array(kind, values or ())


def bytewise(connection: Connection, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text in bytewise order, as SQLite and Python order texts."""
    return text if connection.dialect.name == "sqlite" else text.collate("C")
