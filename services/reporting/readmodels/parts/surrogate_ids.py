"""Surrogate ids: entities are numbered in the order in which they are first recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection


class SurrogateIds:
    """The numbers of one read model's entities, from 1; `column` is where they are stored."""

    def __init__(self, column: Column[Any]) -> None:
        self._column = column
        self._next: int | None = None

    def new(self, connection: Connection) -> int:
        """Return the next number."""
        if self._next is None:
            self._next = (connection.scalar(select(func.max(self._column))) or 0) + 1
        self._next += 1
        return self._next - 1

    def forget(self) -> None:
        """Drop the cached number; the next one is read again."""
        self._next = None
