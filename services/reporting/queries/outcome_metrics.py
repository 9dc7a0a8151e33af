"""The metrics that outcomes have reported by a position, as flows or as stocks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Table

    from shared.readmodel.store import Store


class OutcomeMetrics:
    """A cache of the first report of each metric; only later rows of the table are read."""

    def __init__(self, store: Store, statements: Table) -> None:
        self._store = store
        self._statements = statements
        self._lock = threading.Lock()
        self._reached = 0
        self._first: dict[str, dict[str, int]] = {}

    def natures(self, metric: str, position: int) -> frozenset[str]:
        """Return the natures with which a metric was reported up to a position, empty if never.

        A later retraction of a report does not make its metric unknown again.
        """
        with self._lock:
            if position > self._reached:
                self._follow(position)
            first = self._first.get(metric, {})
            return frozenset(nature for nature, since in first.items() if since <= position)

    def _follow(self, position: int) -> None:
        table = self._statements.c
        query = (
            select(table.metric, table.nature, func.min(table.position))
            .where(table.position > self._reached, table.position <= position)
            .group_by(table.metric, table.nature)
        )
        with self._store.reading() as connection:
            for metric, nature, since in connection.execute(query):
                self._first.setdefault(metric, {}).setdefault(nature, since)
        self._reached = position
