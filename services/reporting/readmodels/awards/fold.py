"""The fold of awards: one batch, loaded in a few queries and written in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.readmodels.awards.state import (
    GRANTED,
    PROPOSED,
    SUBJECT,
    VERSIONED,
    AwardRow,
    granted,
    organizations_of,
    stated,
    versioned,
)
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED, named_registrations
from services.reporting.readmodels.parts.version_rows import VersionWriter
from shared.database.bulk_write import insert
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent
from shared.readmodel.store import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Column, Connection

    from services.reporting.readmodels.awards.tables import AwardTables


class AwardFold:
    """One batch: loads the rows it touches, folds it, writes it."""

    def __init__(self, model: AwardTables, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._deltas = model.writer
        self._versions = VersionWriter(model.versions)
        self._by_id: dict[str, AwardRow] = {}
        self._by_entity: dict[int, AwardRow] = {}
        self._new_entities: list[tuple[Any, ...]] = []
        self._naming: dict[str, set[int]] = {}
        self._changed_names: dict[tuple[str, int], bool] = {}
        self._stored_names: set[tuple[str, int]] = set()
        self._proposed: dict[str, str] = {}
        self._new_proposed: list[tuple[str, str]] = []

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._deltas.open(self._connection)
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Sequence[DecodedEvent]) -> None:
        model, connection = self._model, self._connection
        created = {fact.subject for fact in facts if fact.name == GRANTED}
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)} - created
        named = {org for fact in facts for org in organizations_of(fact)}
        waiting, uncertain = model.organizations.open(connection, facts, named)
        self._add(self._stored(model.things.c.subject, touched))
        self._add(self._stored(model.things.c.thing, waiting))
        for org_id in uncertain:
            version = model.versions.c
            names = or_(version.grantor_org_id == org_id, version.recipient_org_id == org_id)
            self._add(self._select(names))
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
        self._add(self._stored(self._model.things.c.thing, naming))

    def _add(self, awards: Iterable[AwardRow]) -> None:
        added = [award for award in awards if award.award_id not in self._by_id]
        self._by_id.update((award.award_id, award) for award in added)
        self._by_entity.update((award.thing, award) for award in added)
        org_ids = set().union(*(award.organizations() for award in added))
        self._model.organizations.learn(self._connection, org_ids)
        for award in added:
            if award.from_position is not None:
                award.contribution = self._contribution(award)

    def _stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[AwardRow]:
        if values:
            yield from self._select(among(self._connection, column, values))

    def _select(self, condition: Any) -> Iterator[AwardRow]:  # noqa: ANN401  a condition
        entity, version = self._model.things.c, self._model.versions.c
        query = (
            select(
                entity.thing,
                entity.subject,
                entity.recorded,
                version.from_position,
                *(version[name] for name in VERSIONED),
            )
            .where(entity.thing == version.thing, version.to_position.is_(None))
            .where(condition)
        )
        for number, subject, *rest in self._connection.execute(query):
            yield AwardRow(number, subject.removeprefix(SUBJECT), *rest)

    def _take(self, fact: DecodedEvent) -> None:
        if fact.name == REGISTERED:
            self._model.programmes.take(fact)
        elif fact.name in {DEFINED, RETRACTED}:
            self._learn(fact)
        elif fact.name == PROPOSED:
            self._propose(fact)
        elif fact.name == GRANTED:
            award = granted(fact, self._model.numbers.new(self._connection))
            award.stated_programme = award.stated_programme or self._proposed.get(fact.subject)
            self._new_entities.append((award.thing, fact.subject, fact.position))
            self._add([award])
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
        self._changed(award, position)
        sharing = set().union(*(self._naming[each] for each in named | before))
        for entity in sorted(sharing - {award.thing}):
            other = self._by_entity[entity]
            self._load_naming(other.registrations())
            if other.possible_duplicate != self._is_possible_duplicate(other):
                other.possible_duplicate = not other.possible_duplicate
                self._changed(other, position)

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

    def _learn(self, fact: DecodedEvent) -> None:
        organizations = self._model.organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        affected = (
            self._by_entity if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for entity in list(affected):
            award = self._by_entity[entity]
            if org_id in award.organizations():
                self._changed(award, fact.position)

    def _changed(self, award: AwardRow, position: int) -> None:
        organizations = self._model.organizations
        organizations.learn(self._connection, award.organizations())
        unknown = organizations.unknown(award.organizations())
        award.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, award.thing)
        contribution = self._contribution(award)
        self._deltas.note(position, award.thing, award.contribution, contribution)
        award.contribution = contribution
        self._versions.put(award.thing, position, award.from_position, versioned(award))
        award.from_position = position

    def _contribution(self, award: AwardRow) -> Contribution:
        deltas = self._deltas
        return Contribution(
            award.plan_year,
            deltas.units[award.unit_id],
            ordinal_of(award.occurred_on),
            deltas.dims[award.programme, award.award_form, award.recipient_kind],
            0,
            award.bits(),
        )

    def _flush(self) -> None:
        connection, model = self._connection, self._model
        insert(connection, model.things, self._new_entities)
        insert(connection, model.proposed, self._new_proposed)
        self._versions.flush(connection)
        self._flush_names()
        model.organizations.flush(connection)
        model.programmes.flush(connection)
        self._deltas.flush(connection)

    def _flush_names(self) -> None:
        table, stored = self._model.named, self._stored_names
        for registration_id, entity in stored:
            if self._changed_names.get((registration_id, entity)) is False:
                same = (table.c.registration_id == registration_id) & (table.c.thing == entity)
                self._connection.execute(table.delete().where(same))
        new = [name for name, now in self._changed_names.items() if now and name not in stored]
        insert(self._connection, table, new)
