"""An award granted, with every event of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from services.reporting.queries.lists.model_history import event_item
from services.reporting.readmodels.awards.state import SUBJECT
from shared.errors import NotFound, Problem, declare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.queries.explaining.reasons import Reasons
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.readmodel.store import Store

UNKNOWN_AWARD = declare(
    "unknown_award_card",
    404,
    vi="Sổ cái chưa có khen thưởng {award_id} (tính đến vị trí {position}).",
    en="The ledger has no award {award_id} (as of position {position}).",
)


class AwardCard(NamedTuple):
    """An award as last stated, and its events in order, each with its reason."""

    item: Item
    events: Sequence[Item]


class AwardCards:
    """Reads awards as known at a position."""

    def __init__(
        self, log: Reader, store: Store, catalog: Catalog, entities: EntityLists, reasons: Reasons
    ) -> None:
        self._log = log
        self._store = store
        self._things = catalog.awards.things
        self._entities = entities
        self._reasons = reasons

    def card(self, award_id: str, query: ListQuery) -> AwardCard:
        """Return an award granted; an unknown one is 404. `query` gives the names of units."""
        subject, position = SUBJECT + award_id, query.position
        known = select(self._things.c.thing).where(
            self._things.c.subject == subject, self._things.c.recorded <= position
        )
        with self._store.reading() as connection:
            number = connection.scalar(known)
        if number is None:
            params = {"award_id": award_id, "position": position}
            raise NotFound(Problem(UNKNOWN_AWARD, params))
        events = [
            event
            for event in self._log.streams([subject])
            if event.position <= position and event.subject == subject
        ]
        (item,) = self._entities.items("awards", query, [number])
        stated = zip(events, self._reasons.of(events, position), strict=True)
        return AwardCard(item, [{**event_item(event), **why} for event, why in stated])
