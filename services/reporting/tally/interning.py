"""Words that repeat become small numbers: the fold gives them, and everybody reads them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from shared.readmodel.store import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


class Interned:
    """The numbers of one table of words, from 1; what is new is written with the next flush."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._numbers: dict[tuple[Any, ...], int] | None = None
        self._new: list[tuple[Any, ...]] = []

    def open(self, connection: Connection) -> None:
        """Read what was given out so far, once."""
        if self._numbers is None:
            rows = connection.execute(select(self._table))
            self._numbers = {tuple(row[1:]): row[0] for row in rows}

    def number(self, *word: Any) -> int:  # noqa: ANN401  texts, numbers or None
        """Return the number of a word, giving out a new one where it has none."""
        assert self._numbers is not None  # noqa: S101  opened at the start of every fold
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self._numbers) + 1
            self._new.append((found, *word))
        return found

    def flush(self, connection: Connection) -> None:
        """Write what is new."""
        if self._new:
            insert(connection, self._table, self._new)
            self._new = []

    def forget(self) -> None:
        """Drop everything; the next fold reads it again."""
        self._numbers = None
        self._new = []
