"""Interning: repeated words become small numbers, assigned by the fold and shared by all reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from shared.database.bulk_write import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


class Interned(dict[Any, int]):
    """The numbers of one table of words, from 1; new ones are written with the next flush.

    A word is a text or number, or a tuple for a table with several columns. Looking up an
    unknown word assigns a number.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._is_open = False
        self._new: list[tuple[Any, ...]] = []

    def open(self, connection: Connection) -> None:
        """Load the assigned numbers, once."""
        if not self._is_open:
            for number, *word in connection.execute(select(self._table)):
                self[tuple(word) if len(word) > 1 else word[0]] = number
            self._is_open = True

    def __missing__(self, word: Any) -> int:  # noqa: ANN401  of any type, as stated above
        assert self._is_open  # noqa: S101  opened at the start of every fold
        found = self[word] = len(self) + 1
        self._new.append((found, *word) if isinstance(word, tuple) else (found, word))
        return found

    def flush(self, connection: Connection) -> None:
        """Write the new words."""
        if self._new:
            insert(connection, self._table, self._new)
            self._new = []

    def forget(self) -> None:
        """Drop everything; the next fold loads it again."""
        self.clear()
        self._is_open = False
        self._new = []
