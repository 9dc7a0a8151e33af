"""Caches of the models and streams behind the numbers of entities: 64-bit hashes, by year.

Rows of these tables are never changed, so each is read once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import func, select

from services.reporting.figures.growing_array import Growing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.reporting.readmodels.outcomes.readmodel import Outcomes
    from services.reporting.readmodels.registrations.readmodel import Registrations
    from shared.readmodel.store import Store

_CHUNK = 100_000


class _YearKeys:
    def __init__(self) -> None:
        self.last = 0
        self.things = Growing(np.int64)
        self.models = Growing(np.int64)
        self.subjects = Growing(np.int64)


class KeysOfThings(NamedTuple):
    """The hashes of the models and of the streams of some entities, in their order."""

    models: NDArray[np.int64]
    subjects: NDArray[np.int64]


class RegistrationKeys:
    """The model and the stream of each entity of the registrations."""

    def __init__(self, store: Store, model: Registrations) -> None:
        self._store = store
        self._table = model.things.c
        self._lock = threading.Lock()
        self._years: dict[int, _YearKeys] = {}

    def of(self, plan_year: int, things: NDArray[np.int64]) -> KeysOfThings:
        """Return the keys of entities of a year, by their ascending numbers."""
        with self._lock:
            kept = self._years.setdefault(plan_year, _YearKeys())
            if len(things) and things[-1] > kept.last:
                self._follow(plan_year, kept)
            place = np.searchsorted(kept.things.values, things)
            return KeysOfThings(kept.models.values[place], kept.subjects.values[place])

    def _follow(self, plan_year: int, kept: _YearKeys) -> None:
        table = self._table
        query = (
            select(table.thing, table.model_id, table.subject)
            .where(table.plan_year == plan_year, table.thing > kept.last)
            .order_by(table.thing)
        )
        with self._store.reading() as connection:
            last = connection.scalar(select(func.max(table.thing))) or 0
            result = connection.execute(query.where(table.thing <= last))
            for rows in result.partitions(_CHUNK):
                things, models, subjects = zip(*rows, strict=True)
                kept.things.append(np.array(things, np.int64))
                kept.models.append(_hashes(models))
                kept.subjects.append(_hashes(subjects))
        kept.last = last


class OutcomeKeys:
    """The stream that reported each outcome, by the number of the outcome."""

    def __init__(self, store: Store, model: Outcomes) -> None:
        self._store = store
        self._table = model.statements.c
        self._lock = threading.Lock()
        self._reached = 0
        self._reporters = np.zeros(0, np.int64)

    def of(self, things: NDArray[np.int64], position: int) -> NDArray[np.int64]:
        """Return the hashes of the reporters of outcomes recorded up to a position."""
        with self._lock:
            if position > self._reached:
                self._follow(position)
            return self._reporters[things]

    def _follow(self, position: int) -> None:
        table = self._table
        query = (
            select(table.thing, table.reporter)
            .where(table.position > self._reached, table.position <= position)
            .order_by(table.position)
        )
        with self._store.reading() as connection:
            for rows in connection.execute(query).partitions(_CHUNK):
                things, reporters = zip(*rows, strict=True)
                numbers = np.array(things, np.int64)
                if (needed := int(numbers.max()) + 1) > len(self._reporters):
                    larger = np.zeros(max(needed, 2 * len(self._reporters)), np.int64)
                    larger[: len(self._reporters)] = self._reporters
                    self._reporters = larger
                self._reporters[numbers] = _hashes(reporters)
        self._reached = position


def _hashes(texts: tuple[str, ...]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, texts), np.int64, len(texts))
