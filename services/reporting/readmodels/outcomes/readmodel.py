"""Outcomes of registrations and of units: flows are summed, of stocks the latest counts.

An outcome of a registration counts in the place of the registration, as amended, and not while it
is withdrawn; so the fold stores the needed fields of every registration. A batch is loaded in a few
queries, folded, and written in bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.readmodels.outcomes.state import (
    REPORTED,
    STOCK,
    SUBJECT,
    Home,
    KnownOutcome,
    Reported,
    changes_home,
    reported,
)
from services.reporting.readmodels.outcomes.tables import OutcomeTables
from services.reporting.readmodels.parts.latest_statement import write_statements
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.parts.version_rows import VersionWriter
from shared.database.bulk_write import insert, keeps, update
from shared.database.columns import among
from shared.readmodel.decoded_events import RETRACTED, retracted_key
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Column, ColumnElement, Connection

    from shared.readmodel.decoded_events import DecodedEvent

    _Stock = tuple[str, str, int | None]


def _stock(statement: Reported) -> _Stock:
    """Return the key of a reporter's stock; a registration belongs to one year anyway."""
    of_unit = statement.registration_id is None
    return statement.reporter, statement.metric, statement.plan_year if of_unit else None


class OutcomeFold:
    """One batch: loads the rows it touches, folds it, writes it."""

    def __init__(self, model: OutcomeTables, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._deltas = model.writer
        self._versions = VersionWriter(model.versions)
        self._keeps_versions = keeps(connection, model.versions)
        self._statements: dict[int, list[Reported]] = {}
        self._entities: dict[str, int] = {}
        self._of_registration: dict[str, set[int]] = {}
        self._stocks: dict[_Stock, set[int]] = {}
        self._stored: set[int] = set()
        self._registrations: dict[str, Home] = {}
        self._known: dict[int, tuple[int, KnownOutcome]] = {}
        self._contributions: dict[int, Contribution | None] = {}
        self._created: set[str] = set()
        self._moved: set[str] = set()

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._deltas.open(self._connection)
        self._created = {f.data["registration_id"] for f in facts if f.name == REGISTERED}
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Sequence[DecodedEvent]) -> None:
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)}
        changed = {f.data["registration_id"] for f in facts if changes_home(f)}
        self._add(self._select(self._model.statements.c.subject, touched))
        self._load_stocks(facts)
        self._load_entities({f"registration/{each}" for each in changed})
        everything = [s for statements in self._statements.values() for s in statements]
        named = {s.registration_id for s in everything if s.registration_id}
        reports = (fact.data for fact in facts if fact.name == REPORTED)
        named |= {data["registration_id"] for data in reports if data.get("registration_id")}
        self._load_registrations((named | changed) - self._created)
        self._load_known()
        for entity in self._statements:
            self._contributions[entity] = self._counts(entity)[1]

    def _load_stocks(self, facts: Iterable[DecodedEvent]) -> None:
        """Load possible rivals of stocks only: a reporter may have millions of flows."""
        reports = (fact for fact in facts if fact.name == REPORTED)
        reported_here = [reported(f, 0) for f in reports if f.data["nature"] == STOCK]
        before = (s for statements in self._statements.values() for s in statements)
        stocks = [*reported_here, *(s for s in before if s.nature == STOCK)]
        if stocks:
            table = self._model.statements.c
            years = among(self._connection, table.plan_year, {s.plan_year or 0 for s in stocks})
            self._load_entities(
                {s.reporter for s in stocks},
                table.nature == STOCK,
                among(self._connection, table.metric, {s.metric for s in stocks}),
                or_(table.registration_id.is_not(None), years),
            )

    def _load_entities(self, reporters: Collection[str], *conditions: ColumnElement[bool]) -> None:
        """Load all statements about the outcomes that these reporters have reported like this."""
        if reporters:
            table = self._model.statements.c
            theirs = among(self._connection, table.reporter, reporters)
            found = self._connection.scalars(select(table.thing).where(theirs, *conditions))
            self._add(self._select(table.thing, set(found) - set(self._statements)))

    def _add(self, statements: Iterable[Reported]) -> None:
        for statement in statements:
            self._note(statement)
            self._stored.add(statement.position)

    def _note(self, statement: Reported) -> None:
        entity = statement.thing
        self._statements.setdefault(entity, []).append(statement)
        self._entities[statement.subject] = entity
        if statement.registration_id is not None:
            self._of_registration.setdefault(statement.registration_id, set()).add(entity)
        if statement.nature == STOCK:
            self._stocks.setdefault(_stock(statement), set()).add(entity)

    def _select(self, column: Column[Any], values: Collection[Any]) -> list[Reported]:
        if not values:
            return []
        table = self._model.statements
        query = select(table).where(among(self._connection, column, values))
        return [
            Reported(*row) for row in self._connection.execute(query.order_by(table.c.position))
        ]

    def _load_registrations(self, registration_ids: Collection[str]) -> None:
        if registration_ids:
            table = self._model.registrations
            query = select(table).where(
                among(self._connection, table.c.registration_id, registration_ids)
            )
            for row in self._connection.execute(query):
                self._registrations[row.registration_id] = Home(*row)

    def _load_known(self) -> None:
        if self._statements:
            table = self._model.versions
            query = select(table).where(
                among(self._connection, table.c.thing, self._statements),
                table.c.to_position.is_(None),
            )
            for entity, begun, _, *known in self._connection.execute(query):
                self._known[entity] = (begun, KnownOutcome(*known))

    def _take(self, fact: DecodedEvent) -> None:
        match fact.name:
            case "OutcomeReported":
                self._report(fact)
            case "EventRetracted":
                self._retract(fact)
            case "ModelRegistered":
                self._register(fact)
            case "ModelAmended":
                changes = fact.data["changes"]
                moved = {k: changes[k] for k in ("unit_id", "occurred_on") if k in changes}
                if moved:
                    self._change(fact, **moved)
            case _:
                self._change(fact, withdrawn=True)

    def _register(self, fact: DecodedEvent) -> None:
        data = fact.data
        registration_id = data["registration_id"]
        self._registrations[registration_id] = Home(
            registration_id,
            data.get("programme") or DEFAULT_PROGRAMME,
            data["plan_year"],
            data["unit_id"],
            data["occurred_on"],
            withdrawn=False,
        )

    def _change(self, fact: DecodedEvent, **changed: Any) -> None:  # noqa: ANN401  fields
        registration_id = fact.data["registration_id"]
        registration = self._registrations[registration_id]
        self._registrations[registration_id] = registration._replace(**changed)
        if registration_id not in self._created:
            self._moved.add(registration_id)
        outcomes = self._of_registration.get(registration_id, ())
        theirs = [entity for entity in outcomes if self._reports(registration_id, entity)]
        self._settle(fact.position, theirs)

    def _report(self, fact: DecodedEvent) -> None:
        entity = self._entities.get(fact.subject)
        if entity is None:
            entity = self._model.numbers.new(self._connection)
        before = self._rivals(entity)
        self._note(reported(fact, entity))
        self._settle(fact.position, {entity} | before | self._rivals(entity))

    def _retract(self, fact: DecodedEvent) -> None:
        entity = self._entities.get(fact.subject)
        if entity is None:
            return
        key = retracted_key(fact)
        before = self._rivals(entity)
        self._statements[entity] = [
            s._replace(retracted_position=fact.position) if (s.source, s.event_id) == key else s
            for s in self._statements[entity]
        ]
        self._settle(fact.position, {entity} | before | self._rivals(entity))

    def _holds(self, entity: int) -> Reported | None:
        """Return the latest statement of an outcome that was not retracted."""
        statements = self._statements.get(entity, ())
        return next((s for s in reversed(statements) if s.retracted_position is None), None)

    def _reports(self, registration_id: str, entity: int) -> bool:
        """Say whether an outcome still belongs to a registration: another may have reported it."""
        statement = self._holds(entity)
        return statement is not None and statement.registration_id == registration_id

    def _rivals(self, entity: int) -> set[int]:
        """Return the stocks of the same reporter, of which only one counts."""
        statement = self._holds(entity)
        if statement is None or statement.nature != STOCK:
            return set()
        stock, programme = _stock(statement), self._place(statement).programme
        found = set()
        for other in self._stocks[stock]:
            held = self._holds(other)
            if held is None or held.nature != STOCK or _stock(held) != stock:
                continue  # a later statement has replaced it
            if self._place(held).programme == programme:
                found.add(other)
        return found

    def _place(self, statement: Reported) -> Home:
        """Return the place of an outcome: that of its registration, or the stated one."""
        if statement.registration_id is not None:
            return self._registrations[statement.registration_id]
        return Home(
            "",
            statement.programme or DEFAULT_PROGRAMME,
            statement.plan_year or 0,
            statement.unit_id or "",
            statement.occurred_on,
            withdrawn=False,
        )

    def _counts(self, entity: int) -> tuple[KnownOutcome | None, Contribution | None]:
        """Return the version row of an outcome, and its contribution."""
        statement = self._holds(entity)
        if statement is None:
            return None, None
        place = self._place(statement)
        counted = not place.withdrawn and self._is_latest(entity, statement)
        known = KnownOutcome(
            statement.position,
            place.plan_year,
            place.programme,
            place.unit_id,
            place.occurred_on,
            counted,
        )
        if not counted:
            return known, None
        words = (place.programme, statement.metric, statement.nature, statement.qualifier)
        return known, Contribution(
            place.plan_year,
            self._deltas.units[place.unit_id],
            ordinal_of(place.occurred_on),
            self._deltas.dims[words],
            0,
            statement.value,
        )

    def _is_latest(self, entity: int, statement: Reported) -> bool:
        if statement.nature != STOCK:
            return True
        order = (statement.interval_to, statement.position)
        rivals = (self._holds(other) for other in self._rivals(entity))
        return all((s.interval_to, s.position) <= order for s in rivals if s is not None)

    def _settle(self, position: int, entities: Iterable[int]) -> None:
        for entity in sorted(entities):
            known, contribution = self._counts(entity)
            self._deltas.note(position, entity, self._contributions.get(entity), contribution)
            self._contributions[entity] = contribution
            if not self._keeps_versions:
                continue
            begun, before = self._known.get(entity, (None, None))
            if known == before:
                continue
            if known is None:
                self._versions.end(entity, position, begun)
                del self._known[entity]
            else:
                self._versions.put(entity, position, begun, tuple(known))
                self._known[entity] = (position, known)

    def _flush(self) -> None:
        connection, model = self._connection, self._model
        new = [self._registrations[each] for each in self._created if each in self._registrations]
        insert(connection, model.registrations, [tuple(each) for each in new])
        columns = model.registrations.c
        update(
            connection,
            model.registrations,
            setting=[columns.unit_id, columns.occurred_on, columns.withdrawn],
            where=[columns.registration_id],
            rows=[(*self._registrations[each][3:], each) for each in sorted(self._moved)],
        )
        statements = [s for thing in self._statements.values() for s in thing]
        write_statements(connection, model.statements, statements, self._stored)
        self._versions.flush(connection)
        self._deltas.flush(connection)


class Outcomes(OutcomeTables):
    """The read model `outcomes`."""

    name = "outcomes"
    version = 1
    events = frozenset({REPORTED, REGISTERED, "ModelAmended", "RegistrationWithdrawn", RETRACTED})

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        OutcomeFold(self, connection).run(facts)
