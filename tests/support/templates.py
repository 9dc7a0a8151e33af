"""Databases that are filled once in a process, and copied for each test that begins with them."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from services.reporting.readmodels.catalog import Catalog
from shared.readmodel import checkpoints
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable


def file_made_by(fill: Callable[[str], None]) -> bytes:
    """Return a file of SQLite that a function fills and closes, by its address."""
    with TemporaryDirectory(prefix="dvk-template-") as folder:
        file = Path(folder, "template.db")
        fill(f"sqlite:///{file}")
        return file.read_bytes()


def lay_empty_tables(url: str) -> None:
    """Put the empty tables of all read models where a new file of SQLite is asked for.

    What starts on it sees that nothing is missing; describing the tables to SQLite takes longer
    than most tests of what is read from them.
    """
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database:
        file = Path(parts.database)
        if not file.exists():
            file.write_bytes(_empty_tables())


@cache
def _empty_tables() -> bytes:
    def fill(url: str) -> None:
        with closing(Store(url)) as store:
            store.create(checkpoints.METADATA, *(model.metadata for model in Catalog().all()))

    return file_made_by(fill)
