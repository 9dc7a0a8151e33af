"""The fold of registrations: one batch, loaded in a few queries and written in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.parts.version_rows import VersionWriter
from services.reporting.readmodels.registrations.model_statements import DISCONTINUED, STATED
from services.reporting.readmodels.registrations.state import (
    NAMING,
    SUBJECT,
    VERSIONED,
    RegistrationRow,
    dimensions,
    organizations_of,
    registered,
    versioned,
)
from shared.database.bulk_write import insert
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent
from shared.readmodel.store import among
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, Connection

    from services.reporting.readmodels.registrations.model_statements import StatedModel
    from services.reporting.readmodels.registrations.tables import RegistrationTables


_OF_OTHERS = STATED | {DEFINED, RETRACTED}
"""The events that do not belong to one registration."""


class RegistrationFold:
    """One batch: loads the rows it touches, folds it, writes it."""

    def __init__(self, model: RegistrationTables, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._deltas = model.writer
        self._versions = VersionWriter(model.versions)
        self._by_id: dict[str, RegistrationRow] = {}
        self._by_entity: dict[int, RegistrationRow] = {}
        self._new_entities: list[tuple[Any, ...]] = []
        self._titles: list[tuple[int, int, str]] = []

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._deltas.open(self._connection)
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()
        self._model.recent_entities.keep(self._by_id, len(facts))

    def _load(self, facts: Sequence[DecodedEvent]) -> None:
        model = self._model
        # One loop over what may be tens of thousands of events.
        created: set[str] = set()
        touched: set[str] = set()
        named: set[str] = set()
        models: set[str] = set()
        for _, name, subject, data, _ in facts:
            if name == REGISTERED:
                created.add(subject)
                models.add(data["model_id"])
            elif subject.startswith("model/"):
                models.add(subject.removeprefix("model/"))
            elif subject.startswith(SUBJECT):
                touched.add(subject)
            if name in NAMING:
                named.update(organizations_of(name, data))
        waiting, uncertain = model.organizations.open(self._connection, facts, named)
        touched -= created
        known = model.recent_entities.take([each.removeprefix(SUBJECT) for each in touched])
        self._add(known.values())
        self._add(self._stored(model.things.c.subject, touched - {SUBJECT + e for e in known}))
        self._add(self._stored(model.things.c.thing, waiting))
        for org_id in uncertain:
            self._add(self._naming(org_id))
        models |= {registration.model_id for registration in self._by_id.values()}
        stated = model.model_statements.open(self._connection, facts, models)
        self._add(self._stored(model.things.c.model_id, stated))
        for registration in self._by_id.values():
            model.model_statements.add_registration(registration)
        org_ids = set().union(*(r.organizations() for r in self._by_id.values()))
        model.organizations.learn(self._connection, org_ids)
        for registration in self._by_id.values():
            if registration.contribution is None:
                registration.contribution = self._contribution(registration)
        model.model_statements.settle(self._stated)

    def _add(self, registrations: Iterable[RegistrationRow]) -> None:
        for registration in registrations:
            if registration.registration_id not in self._by_id:
                self._by_id[registration.registration_id] = registration
                self._by_entity[registration.thing] = registration

    def _stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[RegistrationRow]:
        if not values:
            return
        yield from self._select(among(self._connection, column, values))

    def _naming(self, org_id: str) -> Iterator[RegistrationRow]:
        """Load the registrations that name an organisation: a scan, as retractions are rare."""
        version = self._model.versions.c
        yield from self._select(
            or_(
                version.owner_org_id == org_id,
                version.decided_by_org_id == org_id,
                (" " + version.forces + " ").contains(f" {org_id} ", autoescape=True),
            )
        )

    def _select(self, condition: Any) -> Iterator[RegistrationRow]:  # noqa: ANN401  a condition
        entity, version = self._model.things.c, self._model.versions.c
        query = (
            select(
                entity.thing,
                entity.subject,
                entity.model_id,
                entity.plan_year,
                entity.programme,
                entity.recorded,
                version.from_position,
                *(version[name] for name in VERSIONED),
            )
            .where(entity.thing == version.thing, version.to_position.is_(None))
            .where(condition)
        )
        for number, subject, *rest in self._connection.execute(query):
            yield RegistrationRow(number, subject.removeprefix(SUBJECT), *rest)

    def _take(self, fact: DecodedEvent) -> None:
        if fact.name == REGISTERED:
            self._register(fact)
        elif fact.name in _OF_OTHERS:
            self._model.model_statements.take(fact, self._entity_of)
            self._learn(fact)
        else:
            data = fact.data
            registration = self._by_id[data["registration_id"]]
            registration.apply(fact)
            if "changes" in data:
                self._note_title(registration, fact, data["changes"])
            self._changed(registration, fact.position)
        if self._model.model_statements.has_changes:
            self._note_model_changes(fact)

    def _register(self, fact: DecodedEvent) -> None:
        registration = registered(fact, self._model.numbers.new(self._connection))
        self._add([registration])
        self._new_entities.append(
            (
                registration.thing,
                fact.subject,
                registration.model_id,
                registration.plan_year,
                registration.programme,
                fact.position,
            )
        )
        self._note_title(registration, fact, fact.data)
        self._model.model_statements.add_registration(registration)
        self._changed(registration, fact.position)

    def _note_title(
        self, registration: RegistrationRow, fact: DecodedEvent, stated: Mapping[str, Any]
    ) -> None:
        if "title" in stated:
            self._titles.append((registration.thing, fact.position, stated["title"]))

    def _learn(self, fact: DecodedEvent) -> None:
        """Update registrations that name an organisation that became known or unknown."""
        organizations = self._model.organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        affected = (
            self._by_entity if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for entity in list(affected):
            registration = self._by_entity[entity]
            if org_id in registration.organizations():
                self._changed(registration, fact.position)

    def _changed(self, registration: RegistrationRow, position: int) -> None:
        organizations, entity = self._model.organizations, registration.thing
        unknown = organizations.unknown(registration.organizations())
        registration.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, entity)
        contribution = self._contribution(registration)
        self._deltas.note(position, entity, registration.contribution, contribution)
        registration.contribution = contribution
        self._model.model_statements.moved(registration)
        row = versioned(registration)
        self._versions.put(entity, position, registration.from_position, row)
        registration.from_position = position

    def _contribution(self, registration: RegistrationRow) -> Contribution:
        deltas, org_id = self._deltas, registration.owner_org_id
        return Contribution(
            registration.plan_year,
            deltas.units[registration.unit_id],
            ordinal_of(registration.occurred_on),
            deltas.dims[dimensions(registration)],
            deltas.orgs[org_id] if org_id else 0,
            registration.bits(),
            ordinal_of(registration.recognized_on or registration.occurred_on),
        )

    def _stated(
        self, registration: RegistrationRow, programme: str | None, stated: StatedModel
    ) -> Contribution:
        """Return the contribution of a stated model, under the dimensions of its registration."""
        under = self._contribution(registration)
        if programme is not None:
            words = dimensions(registration)[1:]
            under = under._replace(dims=self._deltas.dims[programme, *words])
        bit = Bits.DISCONTINUED if stated.said == DISCONTINUED else Bits.REPLICATED
        return under._replace(plan_year=stated.plan_year, org=0, amount=int(bit))

    def _entity_of(self, stated: StatedModel, position: int) -> int:
        """Assign a number to a model with its first statement of a kind in a year."""
        entity = self._model.numbers.new(self._connection)
        model_id, _, year = stated
        row = (entity, f"model/{model_id}", model_id, year, DEFAULT_PROGRAMME, position)
        self._new_entities.append(row)
        return entity

    def _note_model_changes(self, fact: DecodedEvent) -> None:
        for entity, old, new in self._model.model_statements.changes():
            self._deltas.note(fact.position, entity, old, new)

    def _flush(self) -> None:
        connection = self._connection
        insert(connection, self._model.things, self._new_entities)
        self._versions.flush(connection)
        insert(connection, self._model.titles, self._titles)
        self._model.organizations.flush(connection)
        self._model.model_statements.flush(connection)
        self._deltas.flush(connection)
