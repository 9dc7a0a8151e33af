"""Query results of millions of integers as one array, without an object for each."""

from __future__ import annotations

from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import BigInteger, LargeBinary, cast, func, literal, select

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select


def numbers(connection: Connection, query: Select[Any]) -> NDArray[np.int64]:
    """Return the rows of a query as an array (row, column), in its order; no column may be null.

    The query needs a limit: PostgreSQL returns all rows as one value, of 8 bytes a number.
    """
    width = len(query.selected_columns)
    if connection.dialect.name == "sqlite":
        with connection.execute(query) as result:
            driver_rows: Any = result.cursor
            return np.fromiter(chain.from_iterable(driver_rows), np.int64).reshape(-1, width)
    rows = query.subquery()
    packed: list[Any] = [func.int8send(cast(column, BigInteger)) for column in rows.columns]
    row = reduce(lambda before, number: before.op("||")(number), packed)
    together = select(func.string_agg(row, cast(literal(b""), LargeBinary)))
    return np.frombuffer(connection.scalar(together) or b"", ">i8").reshape(-1, width)
