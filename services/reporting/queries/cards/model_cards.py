"""A model with all that belongs to it: its registrations, what they promised, and what came of it.

Promises are in the events of registrations, so they are read from there, with their corrections.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import or_, select

from services.reporting.readmodels.registrations.model_statements import REPLICATED
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.database.columns import among
from shared.rules.retraction import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.model_history import Histories
    from services.reporting.queries.lists.other_lists import StatementLists
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store

PROMISED = (
    "situation",
    "objectives",
    "criteria",
    "activities",
    "area",
    "beneficiaries",
    "forces",
    "resources",
    "starts_on",
    "evaluates_on",
    "outputs",
    "sustainability",
    "linked_tasks",
)
"""The fields of a registration that say what it is to do, in the order of a registration form."""
EVALUATED = "ModelEvaluated"
DECIDED = ("ModelRecognized", "RecognitionDeclined", "RecognitionRevoked")
MOST_INSPECTIONS = 20


class RegistrationCard(NamedTuple):
    """A registration of a model: its item, its promises, and what became of it."""

    item: Item
    promised: Mapping[str, Any]
    evaluations: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    outcomes: Sequence[Item]
    awards: Sequence[Item]
    inspections: Sequence[Item]


class ModelCard(NamedTuple):
    """A model: its registrations, the latest first, and where it came from and went to."""

    model_id: str
    registrations: Sequence[RegistrationCard]
    taken_from: Sequence[Item]
    taken_up: Sequence[Item]


class ModelCards:
    """Reads models as known at a position."""

    def __init__(  # noqa: PLR0917  the parts of the reads
        self,
        log: Reader,
        store: Store,
        catalog: Catalog,
        histories: Histories,
        entities: EntityLists,
        statements: StatementLists,
    ) -> None:
        self._log = log
        self._store = store
        self._catalog = catalog
        self._histories = histories
        self._entities = entities
        self._statements = statements

    def card(self, model_id: str, query: ListQuery) -> ModelCard:
        """Return a model; an unknown one is 404. `query` gives the names of units."""
        events = self._histories.events(model_id, query.as_of)
        numbers = self._registrations([model_id], query.position)
        items = self._entities.items("registrations", query, [each for each, _ in numbers])
        ids = [each["registration_id"] for each in items]
        promised = _promises(events)
        outcomes, awards = self.outcomes(ids, query), self._awards(ids, query)
        inspections = self._inspections(items, query)
        of = {
            registration_id: [e for e in events if e.subject == REGISTRATION + registration_id]
            for registration_id in ids
        }
        cards = [
            RegistrationCard(
                item=item,
                promised=promised.get(registration_id, {}),
                evaluations=_named(of[registration_id], (EVALUATED,)),
                decisions=_named(of[registration_id], DECIDED),
                outcomes=[o for o in outcomes if o["registration_id"] == registration_id],
                awards=[a for a in awards if registration_id in a["registration_ids"]],
                inspections=[i for i in inspections if _concerns(i, item)],
            )
            for registration_id, item in zip(ids, items, strict=True)
        ]
        cards.sort(key=lambda card: (card.item["plan_year"], card.item["position"]), reverse=True)
        replications = self.replications([model_id], query.position)
        return ModelCard(
            model_id,
            cards,
            [each for each in replications if each["target_model_id"] == model_id],
            [each for each in replications if each["source_model_id"] == model_id],
        )

    def promises(self, registration_ids: Collection[str], position: int) -> dict[str, Any]:
        """Return what registrations promise, with corrections, by their ids."""
        events = self._log.streams([REGISTRATION + each for each in registration_ids])
        return _promises(event for event in events if event.position <= position)

    def outcomes(self, registration_ids: Collection[str], query: ListQuery) -> list[Item]:
        """Return the outcomes that registrations have reported."""
        source = self._statements.source("outcomes", query)
        reporter = self._catalog.outcomes.statements.c.reporter
        with self._store.reading() as connection:
            theirs = among(connection, reporter, [REGISTRATION + each for each in registration_ids])
            rows = connection.execute(source.query.where(theirs)).mappings().all()
        return [source.item_of({**row, "unit_name": None}) for row in rows]

    def replications(self, model_ids: Collection[str], position: int) -> list[Item]:
        """Return the replications in force from or to models, in the order of recording."""
        statement = self._catalog.registrations.model_statements.table.c
        retracted = statement.retracted_position
        with self._store.reading() as connection:
            query = (
                select(
                    statement.model_id.label("source_model_id"),
                    statement.target_model_id,
                    statement.target_unit_id,
                    statement.plan_year,
                    statement.occurred_on,
                    statement.how,
                    statement.position,
                )
                .where(statement.said == REPLICATED, statement.position <= position)
                .where(
                    or_(
                        among(connection, statement.model_id, model_ids),
                        among(connection, statement.target_model_id, model_ids),
                    )
                )
                .where(retracted.is_(None) | (retracted > position))
                .order_by(statement.position)
            )
            return [dict(row) for row in connection.execute(query).mappings()]

    def _registrations(self, model_ids: Collection[str], position: int) -> list[tuple[int, str]]:
        """Return the numbers and models of the registrations of models."""
        entity = self._catalog.registrations.things.c
        with self._store.reading() as connection:
            query = select(entity.thing, entity.model_id, entity.subject).where(
                among(connection, entity.model_id, model_ids), entity.recorded <= position
            )
            rows = connection.execute(query.order_by(entity.thing)).all()
        return [(row[0], row[1]) for row in rows if row[2].startswith(REGISTRATION)]

    def _awards(self, registration_ids: Collection[str], query: ListQuery) -> list[Item]:
        model = self._catalog.awards
        with self._store.reading() as connection:
            named = among(connection, model.named.c.registration_id, registration_ids)
            found = (
                select(model.named.c.thing)
                .where(named, model.things.c.thing == model.named.c.thing)
                .where(model.things.c.recorded <= query.position)
            )
            numbers = sorted(set(connection.scalars(found)))
        return self._entities.items("awards", query, numbers)

    def _inspections(self, items: Iterable[Item], query: ListQuery) -> list[Item]:
        """Return the inspections of owners, or of whole units, with their findings."""
        owners = {each["owner_org_id"] for each in items if each["owner_org_id"]}
        units = {each["unit_id"] for each in items}
        years = {each["plan_year"] for each in items}
        source = self._statements.source("inspections", query)
        column = source.column
        with self._store.reading() as connection:
            whole_unit = among(connection, column("unit_id"), units) & column("org_id").is_(None)
            rows = connection.execute(
                source.query.where(column("plan_year").in_(years))
                .where(or_(among(connection, column("org_id"), owners), whole_unit))
                .order_by(column("position"))
                .limit(MOST_INSPECTIONS)
            ).mappings()
            found = [source.item_of({**row, "unit_name": None}) for row in rows]
        streams = self._log.streams([f"inspection/{each['inspection_id']}" for each in found])
        data = {event.position: orjson.loads(event.body)["data"] for event in streams}
        return [
            {
                **each,
                "findings": data[each["position"]].get("findings"),
                "registration_ids": data[each["position"]].get("registration_ids"),
            }
            for each in found
        ]


def _concerns(inspection: Item, item: Item) -> bool:
    """Say whether an inspection was of a registration: named, or of its owner, or of its unit."""
    if inspection["plan_year"] != item["plan_year"]:
        return False
    if inspection["registration_ids"]:
        return item["registration_id"] in inspection["registration_ids"]
    if inspection["org_id"] is not None:
        return bool(inspection["org_id"] == item["owner_org_id"])
    return bool(inspection["unit_id"] == item["unit_id"])


def _promises(events: Iterable[RecordedEvent]) -> dict[str, dict[str, Any]]:
    """Return the promises of registrations as last corrected, without those left empty."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        name = name_of(event.type)
        if name in {"ModelRegistered", "ModelAmended"}:
            data = orjson.loads(event.body)["data"]
            stated = data if name == "ModelRegistered" else data["changes"]
            of = found.setdefault(data["registration_id"], {})
            of.update({field: stated[field] for field in PROMISED if field in stated})
    return {
        each: {field: of[field] for field in PROMISED if of.get(field) is not None}
        for each, of in found.items()
    }


def _named(events: Iterable[RecordedEvent], names: Collection[str]) -> list[dict[str, Any]]:
    """Return the data of the events of some names, with their name and position."""
    return [
        {**orjson.loads(event.body)["data"], "name": name, "position": event.position}
        for event in events
        if (name := name_of(event.type)) in names
    ]
