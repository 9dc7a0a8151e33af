"""The presence of data of the sample or of `dvk generate` in the figures of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from services.reporting.readmodels.demonstration_data import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from services.reporting.queries.filters import ListQuery
    from services.reporting.readmodels.demonstration_data import DemonstrationData
    from shared.readmodel.store import Store


class Demonstration:
    """Searches one place of each kind inside a scope; most ledgers have none at all."""

    def __init__(self, store: Store, model: DemonstrationData) -> None:
        self._store = store
        self._model = model

    def kinds(self, list_query: ListQuery, years: Sequence[int]) -> list[str]:
        """Return the kinds of such data in these years of a scope, on its map."""
        with self._store.reading() as connection:
            return [
                kind
                for kind in KINDS.values()
                if self._is_present(kind, list_query, years, connection)
            ]

    def _is_present(
        self, kind: str, list_query: ListQuery, years: Sequence[int], connection: Connection
    ) -> bool:
        place = self._model.places.c
        query = select(place.unit_id, place.occurred_on).where(
            place.kind == kind,
            place.plan_year.in_(years),
            place.position <= list_query.position,
        )
        return any(list_query.is_inside(*each) for each in connection.execute(query))
