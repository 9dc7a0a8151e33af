"""Words that repeat become small numbers: the fold gives them, and everybody reads them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from shared.database.bulk_write import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


class Interned(dict[Any, int]):
    """The numbers of one table of words, from 1; what is new is written with the next flush.

    A word is a text or number, where the table has several columns a tuple of them. Asking for the
    number of a word that has none gives one out.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._is_open = False
        self._new: list[tuple[Any, ...]] = []

    def open(self, connection: Connection) -> None:
        """Read what was given out so far, once."""
        if not self._is_open:
            for number, *word in connection.execute(select(self._table)):
                self[tuple(word) if len(word) > 1 else word[0]] = number
            self._is_open = True

    def __missing__(self, word: Any) -> int:  # noqa: ANN401  as it is said above
        assert self._is_open  # noqa: S101  opened at the start of every fold
        found = self[word] = len(self) + 1
        self._new.append((found, *word) if isinstance(word, tuple) else (found, word))
        return found

    def flush(self, connection: Connection) -> None:
        """Write what is new."""
        if self._new:
            insert(connection, self._table, self._new)
            self._new = []

    def forget(self) -> None:
        """Drop everything; the next fold reads it again."""
        self.clear()
        self._is_open = False
        self._new = []
