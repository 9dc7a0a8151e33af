"""Registrations with the decisions about them, and statements about whole models.

A batch is loaded in a few queries, folded, and written in bulk. Nothing of the map or of taxonomies
is in it: units and codes are stored as recorded, and resolved on read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text, or_

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import REGISTRATIONS
from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.readmodels.parts.entities import EntityFold, EntityTables, RecentEntities
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.parts.redactions import REDACTED, RepeatedText
from services.reporting.readmodels.registrations.model_statements import (
    DISCONTINUED,
    STATED,
    ModelStatements,
)
from services.reporting.readmodels.registrations.state import (
    COLUMN_TYPES,
    DIMENSIONS,
    NAMING,
    OPTIONAL,
    SUBJECT,
    VERSIONED,
    RegistrationRow,
    dimensions,
    organizations_of,
    registered,
)
from shared.database.bulk_write import insert, keeps
from shared.database.columns import BYTEWISE, POSITION
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.decoded_events import RETRACTED
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.vocabulary.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from services.reporting.readmodels.registrations.model_statements import StatedModel
    from shared.readmodel.decoded_events import DecodedEvent


_new = tuple.__new__
_OF_OTHERS = STATED | {DEFINED, RETRACTED}
"""The events that do not belong to one registration."""


class RegistrationFold(EntityFold[RegistrationRow]):
    """One batch of the events of registrations, and of statements about their models."""

    def __init__(self, model: Registrations, connection: Connection) -> None:
        super().__init__(model, connection)
        self._model = model
        self._titles: list[tuple[int, int, str, str]] = []
        self._keeps_titles = keeps(connection, model.titles)

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events, and cache the entities that it has changed."""
        super().run(facts)
        self._model.recent_entities.keep(self._by_id, len(facts))

    def load(self, facts: Sequence[DecodedEvent]) -> None:
        """Load the changed registrations, and all registrations of the models with statements."""
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
        self.add(known.values())
        self.add(self.stored(model.things.c.subject, touched - {SUBJECT + e for e in known}))
        self.add(self.stored(model.things.c.thing, waiting))
        for org_id in uncertain:
            self.add(self._naming(org_id))
        models |= {registration.model_id for registration in self._by_id.values()}
        stated = model.model_statements.open(self._connection, facts, models)
        self.add(self.stored(model.things.c.model_id, stated))
        for registration in self._by_id.values():
            model.model_statements.add_registration(registration)
        org_ids = set().union(*(r.organizations() for r in self._by_id.values()))
        model.organizations.learn(self._connection, org_ids)
        for registration in self._by_id.values():
            if registration.contribution is None:
                registration.contribution = self.contribution(registration)
        model.model_statements.settle(self._stated)

    def _naming(self, org_id: str) -> Iterator[RegistrationRow]:
        """Load the registrations that name an organisation: a scan, as retractions are rare."""
        version = self._model.versions.c
        yield from self.stored_where(
            or_(
                version.owner_org_id == org_id,
                version.decided_by_org_id == org_id,
                (" " + version.forces + " ").contains(f" {org_id} ", autoescape=True),
            )
        )

    def take(self, fact: DecodedEvent) -> None:
        """Fold one event."""
        if fact.name == REGISTERED:
            self._register(fact)
        elif fact.name in _OF_OTHERS:
            self._model.model_statements.take(fact, self._entity_of)
            self.learn(fact)
        else:
            data = fact.data
            registration = self._by_id[data["registration_id"]]
            registration.apply(fact)
            if "changes" in data:
                self._note_title(registration, fact, data["changes"])
            self.changed(registration, fact.position)
        if self._model.model_statements.has_changes:
            self._note_model_changes(fact)

    def _register(self, fact: DecodedEvent) -> None:
        registration = registered(fact, self._model.numbers.new(self._connection))
        self.add([registration])
        self.note_thing(
            registration.thing,
            fact.subject,
            registration.model_id,
            registration.plan_year,
            registration.programme,
            fact.position,
        )
        self._note_title(registration, fact, fact.data)
        self._model.model_statements.add_registration(registration)
        self.changed(registration, fact.position)

    def _note_title(
        self, registration: RegistrationRow, fact: DecodedEvent, stated: Mapping[str, Any]
    ) -> None:
        if "title" in stated and self._keeps_titles:
            title = stated["title"]
            self._titles.append((registration.thing, fact.position, title, sort_key(title)))

    def changed(self, entity: RegistrationRow, position: int) -> None:
        """Store the state of a registration; the contribution of its model may change too."""
        super().changed(entity, position)
        self._model.model_statements.moved(entity)

    def contribution(self, entity: RegistrationRow) -> Contribution:
        """Return the contribution of a registration."""
        deltas, org_id, day = self._deltas, entity.owner_org_id, ordinal_of(entity.occurred_on)
        recognized_on = entity.recognized_on
        # `Contribution(…)` without its Python-level constructor: this runs for every event.
        return _new(
            Contribution,
            (
                entity.plan_year,
                deltas.units[entity.unit_id],
                day,
                deltas.dims[dimensions(entity)],
                deltas.orgs[org_id] if org_id else 0,
                entity.bits(),
                ordinal_of(recognized_on) if recognized_on else day,
            ),
        )

    def _stated(
        self, registration: RegistrationRow, programme: str | None, stated: StatedModel
    ) -> Contribution:
        """Return the contribution of a stated model, under the dimensions of its registration."""
        under = self.contribution(registration)
        if programme is not None:
            words = dimensions(registration)[1:]
            under = under._replace(dims=self._deltas.dims[programme, *words])
        bit = Bits.DISCONTINUED if stated.said == DISCONTINUED else Bits.REPLICATED
        return under._replace(plan_year=stated.plan_year, org=0, amount=bit)

    def _entity_of(self, stated: StatedModel, position: int) -> int:
        """Assign a number to a model with its first statement of a kind in a year."""
        entity = self._model.numbers.new(self._connection)
        model_id, _, year = stated
        subject = f"model/{model_id}"
        self.note_thing(entity, subject, model_id, year, DEFAULT_PROGRAMME, position)
        return entity

    def _note_model_changes(self, fact: DecodedEvent) -> None:
        for entity, old, new in self._model.model_statements.changes():
            self._deltas.note(fact.position, entity, old, new)

    def flush(self) -> None:
        """Write the changes of the batch."""
        super().flush()
        insert(self._connection, self._model.titles, self._titles)
        self._model.model_statements.flush(self._connection)


class Registrations(EntityTables[RegistrationRow]):
    """The read model `registrations`: registrations, decisions on them, statements about models."""

    name = "registrations"
    version = 5
    events = frozenset(
        {
            "ModelRegistered",
            "ModelAmended",
            "RegistrationWithdrawn",
            "EligibilityAssessed",
            "ModelEvaluated",
            "ModelRecognized",
            "RecognitionDeclined",
            "RecognitionRevoked",
            *STATED,
            DEFINED,
            RETRACTED,
            REDACTED,
        }
    )
    row = RegistrationRow
    subject = SUBJECT
    dimensions = DIMENSIONS
    counting = REGISTRATIONS

    def __init__(self, prefix: str = "rm_registrations_") -> None:
        super().__init__(
            prefix,
            things=(
                Column("model_id", BYTEWISE, nullable=False),
                Column("plan_year", SmallInteger, nullable=False),
                Column("programme", Text, nullable=False),
            ),
            versions=(
                Column(name, COLUMN_TYPES.get(name, Text), nullable=name in OPTIONAL)
                for name in VERSIONED
            ),
        )
        Index(f"{prefix}things_model", self.things.c.model_id)
        self.titles = Table(
            f"{prefix}titles",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("from_position", POSITION, primary_key=True, autoincrement=False),
            Column("title", Text, nullable=False),
            Column("title_order", BYTEWISE, nullable=False),
            sqlite_with_rowid=False,
        )
        Index(f"{prefix}titles_order", self.titles.c.title_order, self.titles.c.thing)
        title = self.titles.c
        pointers, order = ("/title", "/changes/title"), {"title_order": sort_key}
        self.texts = (RepeatedText(title.title, title.from_position, title.thing, pointers, order),)
        self.model_statements = ModelStatements(self.metadata, prefix)
        self.recent_entities: RecentEntities[RegistrationRow] = RecentEntities()

    def fold_others(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold the events of a run that are no redactions."""
        RegistrationFold(self, connection).run(facts)

    def forget(self) -> None:
        """Drop the cached rows."""
        super().forget()
        self.recent_entities.forget()

    def further_contents(self, named: LabelledBy) -> Iterable[ComparableRows]:
        """Return the titles and the statements about models, for the comparison."""
        return (
            ComparableRows(
                "titles",
                self.titles,
                "thing",
                began="from_position",
                things={"thing": named},
                left_out=frozenset({"thing"}),
            ),
            self.model_statements.content(),
        )
