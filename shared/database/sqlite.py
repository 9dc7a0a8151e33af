"""SQLite through SQLAlchemy, with transactions begun explicitly."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url


def sqlite_engine(
    url: str,
    *,
    pragmas: Sequence[str],
    functions: Mapping[str, Callable[[], object]] | None = None,
    pool_size: int = 8,
    max_overflow: int = 16,
) -> Engine:
    """Return an engine; each connection gets the pragmas and the zero-argument functions.

    The folder of the file is created if missing. The driver begins no transaction itself.
    """
    path = make_url(url).database or ""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103,PTH120
    # An error with the values of its statement would bring names and digests into logs.
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=max_overflow, hide_parameters=True
    )

    def prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's own types
        connection.isolation_level = None
        for name, function in (functions or {}).items():
            connection.create_function(name, 0, function, deterministic=True)
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine
