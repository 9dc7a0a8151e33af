"""Registrations with their eligibility and recognition, and the models that were discontinued.

The rows of the list, the fold, and nothing of the map or of taxonomies: what was said is kept, and
resolved when it is read.
"""

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

from services.reporting.readmodels.discontinuations import DISCONTINUED, Discontinuations
from services.reporting.readmodels.known_organizations import DEFINED, KnownOrganizations
from services.reporting.readmodels.versions import VersionWriter, versions_table
from services.reporting.tally.counting import RegistrationBits as Bits
from services.reporting.tally.tables import Standing, tally_tables
from services.reporting.tally.writing import TallyWriter, ordinal_of
from shared.readmodel.facts import RETRACTED, Fact
from shared.readmodel.store import BYTEWISE, POSITION, among, insert
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

EXEMPLARY = "exemplary"
SUBJECT = "registration/"
DIMENSIONS = (
    "programme",
    "field_code",
    "block_code",
    "owner_kind",
    "registration_kind",
    "level",
    "tier",
)
_AMENDABLE = (
    "unit_id",
    "occurred_on",
    "registration_kind",
    "owner_kind",
    "owner_org_id",
    "level",
    "subject_form",
    "field_code",
    "block_code",
)


@dataclass(slots=True)
class Registration:
    """One registration as known at a position; from `unit_id` on its fields are version columns."""

    thing: int
    registration_id: str
    model_id: str
    plan_year: int
    programme: str
    recorded: int
    from_position: int | None
    unit_id: str
    occurred_on: str
    registration_kind: str
    owner_kind: str
    owner_org_id: str | None
    level: str | None
    subject_form: str | None
    origin_kind: str | None
    field_code: str
    block_code: str
    eligible: bool | None
    tier: str | None
    recognized_level: str | None
    recognized_on: str | None
    decided_by_org_id: str | None
    decision_number: str | None
    revoked: bool
    withdrawn: bool
    forces: str
    unknown_organization: bool
    standing: Standing | None = None

    def organizations(self) -> set[str]:
        """Return the organisations that it names; those of papers are not counted."""
        named = set(self.forces.split())
        named.update(org for org in (self.owner_org_id, self.decided_by_org_id) if org)
        return named

    def dimensions(self) -> tuple[str | None, ...]:
        """Return the words of `DIMENSIONS`."""
        return (
            self.programme,
            self.field_code,
            self.block_code,
            self.owner_kind,
            self.registration_kind,
            self.level,
            self.tier,
        )

    def bits(self) -> int:
        """Return what it counts for (events.md, What is counted)."""
        bits = int(Bits.WITHDRAWN if self.withdrawn else Bits.REGISTERED)
        if self.eligible and not self.withdrawn:
            bits |= Bits.ELIGIBLE
        if self.tier is not None:
            bits |= Bits.RECOGNIZED
            if self.tier == EXEMPLARY:
                bits |= Bits.EXEMPLARY
            if not self.eligible:
                bits |= Bits.RECOGNIZED_WITHOUT_ELIGIBLE
            if not self.decision_number:
                bits |= Bits.DECISION_WITHOUT_NUMBER
        if self.revoked:
            bits |= Bits.REVOKED
        if self.unknown_organization:
            bits |= Bits.UNKNOWN_ORGANIZATION
        return int(bits)


_NAMES = tuple(field.name for field in fields(Registration))
VERSIONED = _NAMES[_NAMES.index("unit_id") : _NAMES.index("standing")]
_versioned = attrgetter(*VERSIONED)
_BOOLEANS = {"eligible", "revoked", "withdrawn", "unknown_organization"}
_OPTIONAL = {
    "owner_org_id",
    "level",
    "subject_form",
    "origin_kind",
    "eligible",
    "tier",
    "recognized_level",
    "recognized_on",
    "decided_by_org_id",
    "decision_number",
}


class Registrations:
    """The read model `registrations`: registrations, recognitions and discontinuations."""

    name = "registrations"
    events = frozenset(
        {
            "ModelRegistered",
            "ModelAmended",
            "RegistrationWithdrawn",
            "EligibilityAssessed",
            "ModelRecognized",
            "RecognitionRevoked",
            DISCONTINUED,
            DEFINED,
            RETRACTED,
        }
    )

    def __init__(self, prefix: str = "rm_registrations_") -> None:
        self.metadata = MetaData()
        self.tally = tally_tables(self.metadata, prefix, DIMENSIONS)
        self.things = Table(
            f"{prefix}things",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("model_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text, nullable=False),
            Column("recorded", BigInteger, nullable=False),
        )
        Index(f"{prefix}things_subject", self.things.c.subject)
        Index(f"{prefix}things_model", self.things.c.model_id)
        self.versions = versions_table(
            self.metadata,
            f"{prefix}versions",
            *(
                Column(name, Boolean if name in _BOOLEANS else Text, nullable=name in _OPTIONAL)
                for name in VERSIONED
            ),
        )
        self.titles = Table(
            f"{prefix}titles",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("from_position", POSITION, primary_key=True, autoincrement=False),
            Column("title", Text, nullable=False),
            sqlite_with_rowid=False,
        )
        self.organizations = KnownOrganizations(self.metadata, prefix)
        self.discontinuations = Discontinuations(self.metadata, prefix)
        self.writer = TallyWriter(self.tally)
        self._next_thing: int | None = None

    def fold(self, facts: Sequence[Fact], connection: Connection) -> None:
        """Take in a run of facts."""
        _RegistrationFold(self, connection).run(facts)

    def forget(self) -> None:
        """Drop what is remembered."""
        self.writer.forget()
        self._next_thing = None

    def new_thing(self, connection: Connection) -> int:
        """Return the next number of a thing."""
        if self._next_thing is None:
            last = connection.scalar(select(func.max(self.things.c.thing)))
            self._next_thing = (last or 0) + 1
        self._next_thing += 1
        return self._next_thing - 1


class _RegistrationFold:
    """One batch: loads what it touches, folds it, writes it."""

    def __init__(self, model: Registrations, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._tally = model.writer
        self._versions = VersionWriter(model.versions)
        self._by_id: dict[str, Registration] = {}
        self._by_thing: dict[int, Registration] = {}
        self._new_things: list[tuple[Any, ...]] = []
        self._titles: dict[tuple[int, int], str] = {}
        self._apply: Mapping[str, Callable[[Registration, Fact], None]] = {
            "ModelAmended": self._amend,
            "RegistrationWithdrawn": _withdraw,
            "EligibilityAssessed": _assess,
            "ModelRecognized": _recognize,
            "RecognitionRevoked": _revoke,
        }

    def run(self, facts: Sequence[Fact]) -> None:
        self._tally.open(self._connection)
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Sequence[Fact]) -> None:
        model = self._model
        born = {f.data["registration_id"] for f in facts if f.name == "ModelRegistered"}
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)}
        touched -= {f"{SUBJECT}{registration_id}" for registration_id in born}
        named = {org for fact in facts for org in _organizations_of(fact)}
        waiting, doubted = model.organizations.open(self._connection, facts, named)
        self._add(self._stored(model.things.c.subject, touched))
        self._add(self._stored(model.things.c.thing, waiting))
        for org_id in doubted:
            self._add(self._naming(org_id))
        models = {f.data["model_id"] for f in facts if "model_id" in f.data}
        models |= {
            f.subject.removeprefix("model/") for f in facts if f.subject.startswith("model/")
        }
        models |= {registration.model_id for registration in self._by_id.values()}
        ended = model.discontinuations.open(self._connection, facts, models)
        self._add(self._stored(model.things.c.model_id, ended))
        for registration in self._by_id.values():
            model.discontinuations.meet(registration)
        everyone = set().union(*(r.organizations() for r in self._by_id.values()))
        model.organizations.learn(self._connection, everyone)
        for registration in self._by_id.values():
            registration.standing = self._standing(registration)
        model.discontinuations.settle(self._discontinued)

    def _add(self, registrations: Iterable[Registration]) -> None:
        for registration in registrations:
            if registration.registration_id not in self._by_id:
                self._by_id[registration.registration_id] = registration
                self._by_thing[registration.thing] = registration

    def _stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[Registration]:
        if not values:
            return
        yield from self._select(among(self._connection, column, values))

    def _naming(self, org_id: str) -> Iterator[Registration]:
        """Read who names an organisation: a scan, for a definition is hardly ever retracted."""
        version = self._model.versions.c
        yield from self._select(
            or_(
                version.owner_org_id == org_id,
                version.decided_by_org_id == org_id,
                (" " + version.forces + " ").contains(f" {org_id} ", autoescape=True),
            )
        )

    def _select(self, condition: Any) -> Iterator[Registration]:  # noqa: ANN401  a condition
        thing, version = self._model.things.c, self._model.versions.c
        query = (
            select(
                thing.thing,
                thing.subject,
                thing.model_id,
                thing.plan_year,
                thing.programme,
                thing.recorded,
                version.from_position,
                *(version[name] for name in VERSIONED),
            )
            .where(thing.thing == version.thing, version.to_position.is_(None))
            .where(condition)
        )
        for number, subject, *rest in self._connection.execute(query):
            yield Registration(number, subject.removeprefix(SUBJECT), *rest)

    def _take(self, fact: Fact) -> None:
        if fact.name == "ModelRegistered":
            self._register(fact)
        elif fact.name in {DISCONTINUED, DEFINED, RETRACTED}:
            self._model.discontinuations.take(fact, self._discontinued_thing)
            self._learn(fact)
        else:
            registration = self._by_id[fact.data["registration_id"]]
            self._apply[fact.name](registration, fact)
            self._changed(registration, fact.position)
        self._tell_discontinued(fact)

    def _register(self, fact: Fact) -> None:
        data = fact.data
        thing = self._model.new_thing(self._connection)
        registration = Registration(
            thing=thing,
            registration_id=data["registration_id"],
            model_id=data["model_id"],
            plan_year=data["plan_year"],
            programme=data.get("programme") or DEFAULT_PROGRAMME,
            recorded=fact.position,
            from_position=None,
            unit_id=data["unit_id"],
            occurred_on=data["occurred_on"],
            registration_kind=data["registration_kind"],
            owner_kind=data["owner_kind"],
            owner_org_id=data.get("owner_org_id"),
            level=data.get("level"),
            subject_form=data.get("subject_form"),
            field_code=data["field_code"],
            block_code=data["block_code"],
            origin_kind=_origin_kind(data),
            eligible=None,
            tier=None,
            recognized_level=None,
            recognized_on=None,
            decided_by_org_id=None,
            decision_number=None,
            revoked=False,
            withdrawn=False,
            forces=_forces(data),
            unknown_organization=False,
        )
        self._add([registration])
        self._new_things.append(
            (
                thing,
                fact.subject,
                registration.model_id,
                registration.plan_year,
                registration.programme,
                fact.position,
            )
        )
        self._titles[thing, fact.position] = data["title"]
        self._model.discontinuations.meet(registration)
        self._changed(registration, fact.position)

    def _amend(self, registration: Registration, fact: Fact) -> None:
        changes = fact.data["changes"]
        for name in _AMENDABLE:
            if name in changes:
                setattr(registration, name, changes[name])
        if "forces" in changes:
            registration.forces = _forces(changes)
        if "origin" in changes:
            registration.origin_kind = _origin_kind(changes)
        if "title" in changes:
            self._titles[registration.thing, fact.position] = changes["title"]

    def _learn(self, fact: Fact) -> None:
        """Take note that an organisation became known or unknown: who names it stands otherwise."""
        organizations = self._model.organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        doubtful = (
            self._by_thing if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for thing in list(doubtful):
            registration = self._by_thing[thing]
            if org_id in registration.organizations():
                self._changed(registration, fact.position)

    def _changed(self, registration: Registration, position: int) -> None:
        organizations = self._model.organizations
        unknown = organizations.unknown(registration.organizations())
        registration.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, registration.thing)
        standing = self._standing(registration)
        self._tally.note(position, registration.thing, registration.standing, standing)
        registration.standing = standing
        self._model.discontinuations.moved(registration)
        row = _versioned(registration)
        self._versions.put(registration.thing, position, registration.from_position, row)
        registration.from_position = position

    def _standing(self, registration: Registration) -> Standing:
        tally = self._tally
        return Standing(
            registration.plan_year,
            tally.units.number(registration.unit_id),
            ordinal_of(registration.occurred_on),
            tally.dims.number(*registration.dimensions()),
            tally.orgs.number(registration.owner_org_id) if registration.owner_org_id else 0,
            registration.bits(),
        )

    def _discontinued(
        self, registration: Registration, programme: str | None, plan_year: int
    ) -> Standing:
        """Say how a discontinued model stands, under the dimensions of its registration."""
        under = self._standing(registration)
        if programme is not None:
            words = registration.dimensions()[1:]
            under = under._replace(dims=self._tally.dims.number(programme, *words))
        return under._replace(plan_year=plan_year, org=0, amount=int(Bits.DISCONTINUED))

    def _discontinued_thing(self, model_id: str, plan_year: int, position: int) -> int:
        """Give a number to a model that is discontinued in a year."""
        thing = self._model.new_thing(self._connection)
        row = (thing, f"model/{model_id}", model_id, plan_year, DEFAULT_PROGRAMME, position)
        self._new_things.append(row)
        return thing

    def _tell_discontinued(self, fact: Fact) -> None:
        for thing, old, new in self._model.discontinuations.changes():
            self._tally.note(fact.position, thing, old, new)

    def _flush(self) -> None:
        connection = self._connection
        insert(connection, self._model.things, self._new_things)
        self._versions.flush(connection)
        titles = [(thing, position, title) for (thing, position), title in self._titles.items()]
        insert(connection, self._model.titles, titles)
        self._model.organizations.flush(connection)
        self._model.discontinuations.flush(connection)
        self._tally.flush(connection)


def _withdraw(registration: Registration, _fact: Fact) -> None:
    registration.withdrawn = True


def _assess(registration: Registration, fact: Fact) -> None:
    registration.eligible = fact.data["eligible"]


def _recognize(registration: Registration, fact: Fact) -> None:
    data = fact.data
    registration.tier = data["tier"]
    registration.recognized_level = data["level"]
    registration.recognized_on = data["occurred_on"]
    registration.decided_by_org_id = data["decided_by_org_id"]
    registration.decision_number = data["decision"].get("number")
    registration.revoked = False


def _revoke(registration: Registration, _fact: Fact) -> None:
    registration.tier = None
    registration.recognized_level = None
    registration.recognized_on = None
    registration.decided_by_org_id = None
    registration.decision_number = None
    registration.revoked = True


def _origin_kind(data: Mapping[str, Any]) -> str | None:
    return (data.get("origin") or {}).get("kind")


def _forces(data: Mapping[str, Any]) -> str:
    return " ".join(force["org_id"] for force in data.get("forces") or ())


def _organizations_of(fact: Fact) -> Iterator[str]:
    data: Mapping[str, Any] = fact.data
    if fact.name == "ModelAmended":
        data = data["changes"]
    for name in ("owner_org_id", "decided_by_org_id"):
        if data.get(name):
            yield data[name]
    for force in data.get("forces") or ():
        yield force["org_id"]
