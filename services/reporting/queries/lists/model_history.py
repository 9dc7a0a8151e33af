"""The history of a model: its events, those of its registrations, and those that name these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from shared.database.columns import among
from shared.errors import NotFound, Problem, declare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.filters import Item
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store

UNKNOWN_MODEL = declare(
    "unknown_model_history",
    404,
    vi="Sổ cái chưa có mô hình {model_id} (tính đến vị trí {position}).",
    en="The ledger has no model {model_id} (as of position {position}).",
)


class Histories:
    """Finds the streams of a model in the read models, and their events in the log."""

    def __init__(self, log: Reader, store: Store, catalog: Catalog) -> None:
        self._log = log
        self._store = store
        self._catalog = catalog

    def events(self, model_id: str, as_of: AsOf) -> list[RecordedEvent]:
        """Return the events of a model as of a position, in order; an unknown model is 404."""
        registrations = self._registrations(model_id, as_of.position)
        if not registrations:
            params = {"model_id": model_id, "position": as_of.position}
            raise NotFound(Problem(UNKNOWN_MODEL, params))
        subjects = [
            f"model/{model_id}",
            *(f"registration/{each}" for each in registrations),
            *self._awards(registrations),
            *self._outcomes(registrations),
        ]
        wanted = set(subjects)
        return [
            event
            for event in self._log.streams(subjects)
            if event.position <= as_of.position and event.subject in wanted
        ]

    def _registrations(self, model_id: str, position: int) -> Sequence[str]:
        entities = self._catalog.registrations.things.c
        query = select(entities.subject).where(
            entities.model_id == model_id, entities.recorded <= position
        )
        with self._store.reading() as connection:
            subjects = connection.scalars(query.order_by(entities.thing)).all()
        return [s.partition("/")[2] for s in subjects if s.startswith("registration/")]

    def _awards(self, registrations: Sequence[str]) -> Sequence[str]:
        awards = self._catalog.awards
        with self._store.reading() as connection:
            named = among(connection, awards.named.c.registration_id, registrations)
            query = select(awards.things.c.subject).where(
                awards.things.c.thing == awards.named.c.thing, named
            )
            return sorted(set(connection.scalars(query)))

    def _outcomes(self, registrations: Sequence[str]) -> Sequence[str]:
        statements = self._catalog.outcomes.statements.c
        reporters = [f"registration/{each}" for each in registrations]
        with self._store.reading() as connection:
            query = select(statements.subject).where(
                among(connection, statements.reporter, reporters)
            )
            return sorted(set(connection.scalars(query)))


def event_item(event: RecordedEvent) -> Item:
    """Return an event in the form for explanations; `decision` is its document, or null."""
    data: dict[str, Any] = orjson.loads(event.body)["data"]
    return {
        "position": event.position,
        "id": event.key.id,
        "source": event.key.source,
        "type": event.type,
        "occurred_on": data["occurred_on"],
        "decision": data.get("decision"),
    }
