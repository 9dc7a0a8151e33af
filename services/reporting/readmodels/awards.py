"""Awards granted, presented and revoked, with the doubt that one may have been given twice."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    or_,
    select,
)

from services.reporting.readmodels.known_organizations import DEFINED, KnownOrganizations
from services.reporting.readmodels.programmes import REGISTERED, Programmes, named_registrations
from services.reporting.readmodels.versions import VersionWriter, versions_table
from services.reporting.tally.counting import AwardBits as Bits
from services.reporting.tally.tables import Standing, tally_tables
from services.reporting.tally.writing import TallyWriter, ordinal_of
from shared.readmodel.facts import RETRACTED, Fact
from shared.readmodel.store import BYTEWISE, among, insert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

SUBJECT = "award/"
DIMENSIONS = ("programme", "award_form", "recipient_kind")
_GRANT = "AwardGranted"
_AMEND = "AwardAmended"


@dataclass(slots=True)
class Award:
    """One granted award as known at a position; from `plan_year` on its fields are version columns.

    `possible_duplicate`: another award in force that was granted earlier has the same recipient and
    form, and a registration in common.
    """

    thing: int
    award_id: str
    recorded: int
    from_position: int | None
    plan_year: int
    programme: str
    stated_programme: str | None
    unit_id: str
    occurred_on: str
    award_form: str
    award_name: str | None
    grantor_org_id: str
    recipient_kind: str
    recipient_org_id: str | None
    recipient_person_ref: str | None
    recipient_unit_id: str | None
    basis_kind: str
    registration_ids: str
    decision_number: str | None
    decision_signed_on: str | None
    presented: bool
    presented_on: str | None
    revoked: bool
    unknown_organization: bool
    possible_duplicate: bool
    standing: Standing | None = None

    def organizations(self) -> set[str]:
        """Return the organisations that it names; those of papers are not counted."""
        return {self.grantor_org_id, *((self.recipient_org_id,) if self.recipient_org_id else ())}

    def registrations(self) -> set[str]:
        """Return the registrations that it names."""
        return set(self.registration_ids.split())

    def recipient(self) -> tuple[str | None, ...] | None:
        """Return what tells recipients apart, with the form.

        A recipient of whom nothing but the kind is said is nobody in particular.
        """
        who = (self.recipient_org_id, self.recipient_person_ref, self.recipient_unit_id)
        return (self.award_form, self.recipient_kind, *who) if any(who) else None

    def bits(self) -> int:
        """Return what it counts for (events.md, What is counted)."""
        if self.revoked:
            return int(Bits.REVOKED)
        bits = int(Bits.GRANTED)
        if self.presented:
            bits |= Bits.PRESENTED
        if not self.decision_number:
            bits |= Bits.DECISION_WITHOUT_NUMBER
        if self.possible_duplicate:
            bits |= Bits.POSSIBLE_DUPLICATE_AWARD
        if self.unknown_organization:
            bits |= Bits.UNKNOWN_ORGANIZATION
        return int(bits)

    def set(self, data: Mapping[str, Any]) -> None:
        """Take over the fields that a grant or an amendment states."""
        for name in ("plan_year", "unit_id", "occurred_on", "award_form", "grantor_org_id"):
            if name in data:
                setattr(self, name, data[name])
        if "award_name" in data:
            self.award_name = data["award_name"]
        if "programme" in data:
            self.stated_programme = data["programme"]
        if "recipient" in data:
            recipient = data["recipient"]
            self.recipient_kind = recipient["kind"]
            self.recipient_org_id = recipient.get("org_id")
            self.recipient_person_ref = recipient.get("person_ref")
            self.recipient_unit_id = recipient.get("unit_id")
        if "basis" in data:
            self.basis_kind = data["basis"]["kind"]
            self.registration_ids = " ".join(named_registrations(data))
        if "decision" in data:
            self.decision_number = data["decision"].get("number")
            self.decision_signed_on = data["decision"].get("signed_on")


_NAMES = tuple(field.name for field in fields(Award))
VERSIONED = _NAMES[_NAMES.index("plan_year") : _NAMES.index("standing")]
_versioned = attrgetter(*VERSIONED)
_BOOLEANS = {"presented", "revoked", "unknown_organization", "possible_duplicate"}
_REQUIRED = {"programme", "unit_id", "occurred_on", "award_form", "grantor_org_id", "basis_kind"}


def _column(name: str) -> Column[Any]:
    if name == "plan_year":
        return Column(name, SmallInteger, nullable=False)
    kind = Boolean() if name in _BOOLEANS else Text()
    return Column(name, kind, nullable=name not in _REQUIRED | _BOOLEANS)


class Awards:
    """The read model `awards`."""

    name = "awards"
    events = frozenset(
        {_GRANT, _AMEND, "AwardPresented", "AwardRevoked", REGISTERED, DEFINED, RETRACTED}
    )

    def __init__(self, prefix: str = "rm_awards_") -> None:
        self.metadata = MetaData()
        self.tally = tally_tables(self.metadata, prefix, DIMENSIONS)
        self.things = Table(
            f"{prefix}things",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("recorded", BigInteger, nullable=False),
        )
        Index(f"{prefix}things_subject", self.things.c.subject)
        self.versions = versions_table(
            self.metadata, f"{prefix}versions", *(_column(name) for name in VERSIONED)
        )
        self.named = Table(
            f"{prefix}named",
            self.metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("thing", Integer, primary_key=True, autoincrement=False),
        )
        self.organizations = KnownOrganizations(self.metadata, prefix)
        self.programmes = Programmes(self.metadata, prefix)
        self.writer = TallyWriter(self.tally)
        self._next_thing: int | None = None

    def fold(self, facts: Sequence[Fact], connection: Connection) -> None:
        """Take in a run of facts."""
        _AwardFold(self, connection).run(facts)

    def forget(self) -> None:
        """Drop what is remembered."""
        self.writer.forget()
        self._next_thing = None

    def new_thing(self, connection: Connection) -> int:
        """Return the next number of a thing."""
        if self._next_thing is None:
            self._next_thing = (connection.scalar(select(func.max(self.things.c.thing))) or 0) + 1
        self._next_thing += 1
        return self._next_thing - 1


class _AwardFold:
    """One batch: loads what it touches, folds it, writes it."""

    def __init__(self, model: Awards, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._tally = model.writer
        self._versions = VersionWriter(model.versions)
        self._by_id: dict[str, Award] = {}
        self._by_thing: dict[int, Award] = {}
        self._new_things: list[tuple[Any, ...]] = []
        self._naming: dict[str, set[int]] = {}
        self._changed_names: dict[tuple[str, int], bool] = {}
        self._stored_names: set[tuple[str, int]] = set()

    def run(self, facts: Sequence[Fact]) -> None:
        self._tally.open(self._connection)
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Sequence[Fact]) -> None:
        model, connection = self._model, self._connection
        born = {fact.subject for fact in facts if fact.name == _GRANT}
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)} - born
        named = {org for fact in facts for org in _organizations_of(fact)}
        waiting, doubted = model.organizations.open(connection, facts, named)
        self._add(self._stored(model.things.c.subject, touched))
        self._add(self._stored(model.things.c.thing, waiting))
        for org_id in doubted:
            version = model.versions.c
            names = or_(version.grantor_org_id == org_id, version.recipient_org_id == org_id)
            self._add(self._select(names))
        registrations = {r for fact in facts for r in named_registrations(_stated(fact))}
        registrations |= {r for a in self._by_id.values() for r in a.registrations()}
        model.programmes.open(connection, registrations)
        self._load_naming(registrations)

    def _load_naming(self, registration_ids: Collection[str]) -> None:
        """Load the awards that name a registration: they may be one and the same award twice."""
        missing = [each for each in registration_ids if each not in self._naming]
        if not missing:
            return
        self._naming.update((each, set()) for each in missing)
        table = self._model.named
        query = select(table).where(among(self._connection, table.c.registration_id, missing))
        for registration_id, thing in self._connection.execute(query):
            self._naming[registration_id].add(thing)
            self._stored_names.add((registration_id, thing))
        naming = set().union(*(self._naming[each] for each in missing)) - set(self._by_thing)
        self._add(self._stored(self._model.things.c.thing, naming))

    def _add(self, awards: Iterable[Award]) -> None:
        added = [award for award in awards if award.award_id not in self._by_id]
        self._by_id.update((award.award_id, award) for award in added)
        self._by_thing.update((award.thing, award) for award in added)
        everyone = set().union(*(award.organizations() for award in added))
        self._model.organizations.learn(self._connection, everyone)
        for award in added:
            if award.from_position is not None:
                award.standing = self._standing(award)

    def _stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[Award]:
        if values:
            yield from self._select(among(self._connection, column, values))

    def _select(self, condition: Any) -> Iterator[Award]:  # noqa: ANN401  a condition
        thing, version = self._model.things.c, self._model.versions.c
        query = (
            select(
                thing.thing,
                thing.subject,
                thing.recorded,
                version.from_position,
                *(version[name] for name in VERSIONED),
            )
            .where(thing.thing == version.thing, version.to_position.is_(None))
            .where(condition)
        )
        for number, subject, *rest in self._connection.execute(query):
            yield Award(number, subject.removeprefix(SUBJECT), *rest)

    def _take(self, fact: Fact) -> None:
        if fact.name == REGISTERED:
            self._model.programmes.take(fact)
        elif fact.name in {DEFINED, RETRACTED}:
            self._learn(fact)
        elif fact.name == _GRANT:
            thing = self._model.new_thing(self._connection)
            award = _granted(fact, thing)
            self._new_things.append((thing, fact.subject, fact.position))
            self._add([award])
            self._restated(award, fact.position, set())
        else:
            self._apply(self._by_id[fact.data["award_id"]], fact)

    def _apply(self, award: Award, fact: Fact) -> None:
        before = award.registrations()
        match fact.name:
            case "AwardAmended":
                award.set(fact.data["changes"])
            case "AwardPresented":
                award.presented = True
                award.presented_on = fact.data["occurred_on"]
            case _:
                award.revoked = True
        self._restated(award, fact.position, before)

    def _restated(self, award: Award, position: int, before: set[str]) -> None:
        """Take note that an award, and so others of the same registrations, may stand otherwise."""
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
        award.possible_duplicate = self._is_doubtful(award)
        self._changed(award, position)
        sharing = set().union(*(self._naming[each] for each in named | before))
        for thing in sorted(sharing - {award.thing}):
            other = self._by_thing[thing]
            self._load_naming(other.registrations())
            if other.possible_duplicate != self._is_doubtful(other):
                other.possible_duplicate = not other.possible_duplicate
                self._changed(other, position)

    def _is_doubtful(self, award: Award) -> bool:
        """Say whether an earlier award in force has the same recipient, form and a registration."""
        recipient = award.recipient()
        if award.revoked or recipient is None:
            return False
        sharing = set().union(*(self._naming[each] for each in award.registrations()))
        others = (self._by_thing[thing] for thing in sharing)
        return any(
            other.recorded < award.recorded and not other.revoked and other.recipient() == recipient
            for other in others
        )

    def _learn(self, fact: Fact) -> None:
        organizations = self._model.organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        doubtful = (
            self._by_thing if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for thing in list(doubtful):
            award = self._by_thing[thing]
            if org_id in award.organizations():
                self._changed(award, fact.position)

    def _changed(self, award: Award, position: int) -> None:
        organizations = self._model.organizations
        organizations.learn(self._connection, award.organizations())
        unknown = organizations.unknown(award.organizations())
        award.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, award.thing)
        standing = self._standing(award)
        self._tally.note(position, award.thing, award.standing, standing)
        award.standing = standing
        self._versions.put(award.thing, position, award.from_position, _versioned(award))
        award.from_position = position

    def _standing(self, award: Award) -> Standing:
        tally = self._tally
        return Standing(
            award.plan_year,
            tally.units.number(award.unit_id),
            ordinal_of(award.occurred_on),
            tally.dims.number(award.programme, award.award_form, award.recipient_kind),
            0,
            award.bits(),
        )

    def _flush(self) -> None:
        connection, model = self._connection, self._model
        insert(connection, model.things, self._new_things)
        self._versions.flush(connection)
        self._flush_names()
        model.organizations.flush(connection)
        model.programmes.flush(connection)
        self._tally.flush(connection)

    def _flush_names(self) -> None:
        table, stored = self._model.named, self._stored_names
        for registration_id, thing in stored:
            if self._changed_names.get((registration_id, thing)) is False:
                same = (table.c.registration_id == registration_id) & (table.c.thing == thing)
                self._connection.execute(table.delete().where(same))
        new = [name for name, now in self._changed_names.items() if now and name not in stored]
        insert(self._connection, table, new)


def _granted(fact: Fact, thing: int) -> Award:
    data = fact.data
    award = Award(
        thing=thing,
        award_id=data["award_id"],
        recorded=fact.position,
        from_position=None,
        plan_year=data["plan_year"],
        programme="",
        stated_programme=None,
        unit_id=data["unit_id"],
        occurred_on=data["occurred_on"],
        award_form=data["award_form"],
        award_name=None,
        grantor_org_id=data["grantor_org_id"],
        recipient_kind="",
        recipient_org_id=None,
        recipient_person_ref=None,
        recipient_unit_id=None,
        basis_kind="",
        registration_ids="",
        decision_number=None,
        decision_signed_on=None,
        presented=False,
        presented_on=None,
        revoked=False,
        unknown_organization=False,
        possible_duplicate=False,
    )
    award.set(data)
    return award


def _stated(fact: Fact) -> Mapping[str, Any]:
    """Return the fields that a grant or an amendment states, nothing for other events."""
    if fact.name == _AMEND:
        changes: Mapping[str, Any] = fact.data["changes"]
        return changes
    return fact.data if fact.name == _GRANT else {}


def _organizations_of(fact: Fact) -> Iterator[str]:
    data = _stated(fact)
    if data.get("grantor_org_id"):
        yield data["grantor_org_id"]
    recipient = data.get("recipient") or {}
    if recipient.get("org_id"):
        yield recipient["org_id"]
