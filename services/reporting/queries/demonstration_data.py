"""The presence of data of the sample or of `dvk generate` in the figures of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from services.reporting.readmodels.demonstration_data import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.queries.filters import ListQuery
    from services.reporting.readmodels.demonstration_data import DemonstrationData
    from shared.readmodel.store import Store


def demonstration_kinds(
    store: Store, model: DemonstrationData, list_query: ListQuery, years: Sequence[int]
) -> list[str]:
    """Return the kinds of such data in these years of a scope, on its map.

    One place of each kind is searched; most ledgers have none at all.
    """
    place = model.places.c
    stands = select(place.unit_id, place.occurred_on).where(
        place.plan_year.in_(years), place.position <= list_query.position
    )
    with store.reading() as connection:
        return [
            kind
            for kind in KINDS.values()
            if any(
                list_query.is_inside(*each)
                for each in connection.execute(stands.where(place.kind == kind))
            )
        ]
