"""Awards granted, presented and revoked, with a flag for possible duplicates.

A batch is loaded in a few queries, folded, and written in bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Integer, SmallInteger, Table, Text, or_, select

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import AWARDS
from services.reporting.readmodels.awards.state import (
    AMENDED,
    BOOLEANS,
    DIMENSIONS,
    GRANTED,
    PROPOSED,
    REQUIRED,
    SUBJECT,
    VERSIONED,
    AwardRow,
    granted,
    organizations_of,
    stated,
)
from services.reporting.readmodels.parts.entities import EntityFold, EntityTables
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import (
    REGISTERED,
    Programmes,
    named_registrations,
)
from services.reporting.readmodels.parts.redactions import REDACTED, RepeatedText
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.decoded_events import RETRACTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent


class AwardFold(EntityFold[AwardRow]):
    """One batch of the events of awards, and of their proposals and registrations."""

    def __init__(self, model: Awards, connection: Connection) -> None:
        super().__init__(model, connection)
        self._model = model
        self._naming: dict[str, set[int]] = {}
        self._changed_names: dict[tuple[str, int], bool] = {}
        self._stored_names: set[tuple[str, int]] = set()
        self._proposed: dict[str, str] = {}
        self._new_proposed: list[tuple[str, str]] = []

    def load(self, facts: Sequence[DecodedEvent]) -> None:
        """Load the changed awards, and those that name the same registrations."""
        model, connection = self._model, self._connection
        created = {fact.subject for fact in facts if fact.name == GRANTED}
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)} - created
        named = {org for fact in facts for org in organizations_of(fact)}
        waiting, uncertain = model.organizations.open(connection, facts, named)
        self.add(self.stored(model.things.c.subject, touched))
        self.add(self.stored(model.things.c.thing, waiting))
        for org_id in uncertain:
            version = model.versions.c
            names = or_(version.grantor_org_id == org_id, version.recipient_org_id == org_id)
            self.add(self.stored_where(names))
        registrations = {r for fact in facts for r in named_registrations(stated(fact))}
        registrations |= {r for a in self._by_id.values() for r in a.registrations()}
        model.programmes.open(connection, registrations)
        self._load_naming(registrations)
        proposed = select(model.proposed).where(
            among(connection, model.proposed.c.subject, created)
        )
        self._proposed = {row[0]: row[1] for row in connection.execute(proposed)} if created else {}

    def _load_naming(self, registration_ids: Collection[str]) -> None:
        """Load the awards that name a registration, as possible duplicates of each other."""
        missing = [each for each in registration_ids if each not in self._naming]
        if not missing:
            return
        self._naming.update((each, set()) for each in missing)
        table = self._model.named
        query = select(table).where(among(self._connection, table.c.registration_id, missing))
        for registration_id, entity in self._connection.execute(query):
            self._naming[registration_id].add(entity)
            self._stored_names.add((registration_id, entity))
        naming = set().union(*(self._naming[each] for each in missing)) - set(self._by_entity)
        self.add(self.stored(self._model.things.c.thing, naming))

    def add(self, entities: Iterable[AwardRow]) -> None:
        """Add awards, with their organisations and contributions."""
        added = [award for award in entities if award.entity_id not in self._by_id]
        super().add(added)
        org_ids = set().union(*(award.organizations() for award in added))
        self._organizations.learn(self._connection, org_ids)
        for award in added:
            if award.from_position is not None:
                award.contribution = self.contribution(award)

    def take(self, fact: DecodedEvent) -> None:
        """Fold one event."""
        if fact.name == REGISTERED:
            self._model.programmes.take(fact)
        elif fact.name in {DEFINED, RETRACTED}:
            self.learn(fact)
        elif fact.name == PROPOSED:
            self._propose(fact)
        elif fact.name == GRANTED:
            award = granted(fact, self._model.numbers.new(self._connection))
            award.stated_programme = award.stated_programme or self._proposed.get(fact.subject)
            self.note_thing(award.thing, fact.subject, fact.position)
            self.add([award])
            self._restated(award, fact.position, set())
        else:
            award = self._by_id[fact.data["award_id"]]
            before = award.registrations()
            award.apply(fact)
            self._restated(award, fact.position, before)

    def _propose(self, fact: DecodedEvent) -> None:
        """Store the programme of a proposal, which holds for a grant that states none."""
        programme = fact.data.get("programme")
        if programme:
            self._proposed[fact.subject] = programme
            self._new_proposed.append((fact.subject, programme))

    def _restated(self, award: AwardRow, position: int, before: set[str]) -> None:
        """Recompute an award, and others of the same registrations, as possible duplicates."""
        named = award.registrations()
        self._load_naming(named | before)
        for registration_id in before - named:
            self._naming[registration_id].discard(award.thing)
            self._changed_names[registration_id, award.thing] = False
        for registration_id in named - before:
            self._naming[registration_id].add(award.thing)
            self._changed_names[registration_id, award.thing] = True
        programmes = self._model.programmes
        programmes.learn(self._connection, named)
        award.programme = programmes.programme(award.stated_programme, named)
        award.possible_duplicate = self._is_possible_duplicate(award)
        self.changed(award, position)
        sharing = set().union(*(self._naming[each] for each in named | before))
        for entity in sorted(sharing - {award.thing}):
            other = self._by_entity[entity]
            self._load_naming(other.registrations())
            if other.possible_duplicate != self._is_possible_duplicate(other):
                other.possible_duplicate = not other.possible_duplicate
                self.changed(other, position)

    def _is_possible_duplicate(self, award: AwardRow) -> bool:
        """Say whether an earlier award in force has the same recipient, form and a registration."""
        recipient = award.recipient()
        if award.revoked or recipient is None:
            return False
        sharing = set().union(*(self._naming[each] for each in award.registrations()))
        others = (self._by_entity[entity] for entity in sharing)
        return any(
            other.recorded < award.recorded and not other.revoked and other.recipient() == recipient
            for other in others
        )

    def contribution(self, entity: AwardRow) -> Contribution:
        """Return the contribution of an award."""
        deltas = self._deltas
        return Contribution(
            entity.plan_year,
            deltas.units[entity.unit_id],
            ordinal_of(entity.occurred_on),
            deltas.dims[entity.programme, entity.award_form, entity.recipient_kind],
            0,
            entity.bits(),
        )

    def flush(self) -> None:
        """Write the changes of the batch."""
        super().flush()
        insert(self._connection, self._model.proposed, self._new_proposed)
        self._flush_names()
        self._model.programmes.flush(self._connection)

    def _flush_names(self) -> None:
        table, stored = self._model.named, self._stored_names
        for registration_id, entity in stored:
            if self._changed_names.get((registration_id, entity)) is False:
                same = (table.c.registration_id == registration_id) & (table.c.thing == entity)
                self._connection.execute(table.delete().where(same))
        new = [name for name, now in self._changed_names.items() if now and name not in stored]
        insert(self._connection, table, new)


def _column(name: str) -> Column[Any]:
    if name == "plan_year":
        return Column(name, SmallInteger, nullable=False)
    kind = Boolean() if name in BOOLEANS else Text()
    return Column(name, kind, nullable=name not in REQUIRED | BOOLEANS)


class Awards(EntityTables[AwardRow]):
    """The read model `awards`."""

    name = "awards"
    version = 1
    events = frozenset(
        {
            PROPOSED,
            GRANTED,
            AMENDED,
            "AwardPresented",
            "AwardRevoked",
            REGISTERED,
            DEFINED,
            RETRACTED,
            REDACTED,
        }
    )
    row = AwardRow
    subject = SUBJECT
    dimensions = DIMENSIONS
    counting = AWARDS

    def __init__(self, prefix: str = "rm_awards_") -> None:
        super().__init__(prefix, versions=map(_column, VERSIONED))
        self.named = Table(
            f"{prefix}named",
            self.metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("thing", Integer, primary_key=True, autoincrement=False),
        )
        self.proposed = Table(
            f"{prefix}proposed",
            self.metadata,
            Column("subject", BYTEWISE, primary_key=True),
            Column("programme", Text, nullable=False),
        )
        self.programmes = Programmes(self.metadata, prefix)
        version = self.versions.c
        pointers = ("/award_name", "/changes/award_name")
        self.texts = (
            RepeatedText(version.award_name, version.from_position, version.thing, pointers),
        )

    def fold_others(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold the events of a run that are no redactions."""
        AwardFold(self, connection).run(facts)

    def further_contents(self, named: LabelledBy) -> Iterable[ComparableRows]:
        """Return the registrations that awards name, and the proposals, for the comparison."""
        return (
            ComparableRows(
                "named",
                self.named,
                "registration_id",
                said="registration/",
                things={"thing": named},
            ),
            ComparableRows("proposed", self.proposed, "subject"),
            self.programmes.content(),
        )
